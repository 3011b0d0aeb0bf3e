package djinn.zoo.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import djinn.ops.BoxSelection;
import djinn.ops.Resize;
import djinn.ops.TorchScript;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.AvgPool2d;
import djinn.zoo.nn.BatchNorm2d;
import djinn.zoo.nn.Conv2d;
import djinn.zoo.nn.MaxPool2d;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Nonlinearity;
import djinn.zoo.nn.Pass;
import djinn.zoo.nn.Sequential;
import djinn.zoo.nn.Window;
import java.util.ArrayList;
import java.util.List;

/**
 * FastestDet: a quarter of a million parameters, one map of stride 16, one box for each cell and no anchors.
 *
 * <p>Ma 2022 (dog-qiuqiu/FastestDet), on ShuffleNet v2 0.5x; images (N, 3, H, W) in BGR and [0, 1], made for 352 by 352, H
 * and W multiples of 32. Names equal the repository's checkpoints. Deviations: none.
 */
public final class FastestDet extends Detector {

    /** The name of the weights (24, 3, 3, 3) that the images meet first, blue before green and red. */
    public static final String FIRST = "backbone.first_conv.0.weight";

    private static final int STRIDE = 16;

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def flat(output: Tensor) -> Tensor:
              return torch.transpose(torch.flatten(output, 2, 3), 1, 2)

            def boxes(output: Tensor, corners: Tensor, stride: float) -> Tensor:
              y = self.flat(output)
              centre = torch.mul(torch.add(torch.tanh(torch.slice(y, 2, 1, 3)), corners), stride)
              rows = torch.mul(torch.size(output, 2), stride)
              columns = torch.mul(torch.size(output, 3), stride)
              width = torch.mul(torch.sigmoid(torch.slice(y, 2, 3, 4)), torch.mul(columns, 0.5))
              height = torch.mul(torch.sigmoid(torch.slice(y, 2, 4, 5)), torch.mul(rows, 0.5))
              half = torch.cat([width, height], 2)
              return torch.cat([torch.sub(centre, half), torch.add(centre, half)], 2)

            def scores(output: Tensor) -> Tensor:
              y = self.flat(output)
              classes = torch.slice(y, 2, 5, torch.size(y, 2))
              best = torch.ge(classes, torch.amax(classes, [2], True))
              scores = torch.mul(torch.pow(classes, 0.4), torch.pow(torch.slice(y, 2, 0, 1), 0.6))
              return torch.mul(scores, best)
            """);

    static List<DetectorEntry> entries() {
        return List.of(new DetectorEntry(
                "fastestdet",
                352,
                80,
                "Ma 2022, FastestDet",
                options -> new FastestDet(options.classes()),
                List.of(),
                false));
    }

    private final int classes;
    private final Trunk backbone;
    private final Pyramid spp;
    private final Head detectHead;
    private final AvgPool2d halving = new AvgPool2d(3, 2, 1, false, true);

    /**
     * Builds the network.
     *
     * @param classes K
     */
    public FastestDet(int classes) {
        if (classes < 1) {
            throw new IllegalArgumentException("expected at least one class, got " + classes);
        }
        this.classes = classes;
        backbone = child("backbone", new Trunk());
        spp = child("SPP", new Pyramid(48 + 96 + 192, 96));
        detectHead = child("detect_head", new Head(96, classes));
    }

    @Override
    public NDList forward(NDArray images, Pass pass) {
        NDList maps = backbone.forward(new NDList(images), pass);
        NDArray fine = halving.forward(maps.get(0), pass); // (N, 48, H/16, W/16)
        NDArray middle = maps.get(1); // (N, 96, H/16, W/16)
        Shape shape = middle.getShape();
        NDArray coarse = Resize.nearest(maps.get(2), shape.get(2), shape.get(3)); // (N, 192, H/16, W/16)
        NDArray joined = NDArrays.concat(new NDList(fine, middle, coarse), 1); // (N, 336, H/16, W/16)
        return new NDList(detectHead.forward(spp.forward(joined, pass), pass)); // (N, 5 + K, H/16, W/16)
    }

    /** One: the sigmoid of objectness, four terms of a box, the softmax of the classes. */
    @Override
    public List<String> headNames() {
        return List.of("output");
    }

    /**
     * Turns the head into boxes: tanh moves a centre from the cell's corner by up to a cell, sigmoids give the share of the
     * image a box spans. A box is scored, objectness^0.6 times class^0.4, for its likeliest class alone.
     */
    @Override
    public Decoded decode(NDList heads, int height, int width) {
        NDArray output = heads.get(0);
        Shape shape = output.getShape();
        int rows = Math.toIntExact(shape.get(2));
        int columns = Math.toIntExact(shape.get(3));
        float[] corners = new float[rows * columns * 2];
        int i = 0;
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                corners[i++] = column;
                corners[i++] = row;
            }
        }
        NDArray grid = output.getManager().create(corners, new Shape((long) rows * columns, 2));
        return new Decoded(SCRIPT.call("boxes", output, grid, (double) STRIDE), SCRIPT.call("scores", output));
    }

    @Override
    public int classes() {
        return classes;
    }

    @Override
    public int multiple() {
        return 2 * STRIDE;
    }

    /** Scores from 0.001 to measure with, IoU 0.45 across classes, as the reference's runtime example has it. */
    @Override
    public BoxSelection selection() {
        return new BoxSelection(.001, 1000, .45, 300, false, true, List.of());
    }

    private static Window around(int kernel) {
        return Window.of(kernel).padding(kernel / 2);
    }

    /** ShuffleNet v2 0.5x without its last convolution: its maps of strides 8, 16 and 32. */
    private static final class Trunk extends NamedBlock {

        private final Sequential firstConv;
        private final Sequential stage2;
        private final Sequential stage3;
        private final Sequential stage4;
        private final MaxPool2d maxpool = new MaxPool2d(around(3).stride(2), false);

        Trunk() {
            firstConv = child("first_conv", Sequential.convNorm(3, 24, around(3).stride(2), 1, Nonlinearity.RELU));
            stage2 = child("stage2", stage(24, 48, 4));
            stage3 = child("stage3", stage(48, 96, 8));
            stage4 = child("stage4", stage(96, 192, 4));
        }

        private static Sequential stage(int in, int out, int repeats) {
            List<ArrayBlock> units = new ArrayList<>(List.of(new DownUnit(in, out)));
            while (units.size() < repeats) {
                units.add(new Unit(out));
            }
            return Sequential.of(units);
        }

        @Override
        protected NDList forward(NDList inputs, Pass pass) {
            NDArray x = firstConv.forward(inputs.get(0), pass); // (N, 24, H/2, W/2)
            NDArray fine = stage2.forward(maxpool.forward(x, pass), pass); // (N, 48, H/8, W/8)
            NDArray middle = stage3.forward(fine, pass); // (N, 96, H/16, W/16)
            return new NDList(fine, middle, stage4.forward(middle, pass)); // and (N, 192, H/32, W/32)
        }
    }

    private static Sequential main(int in, int out, int stride) {
        return Sequential.of(
                new Conv2d(in, in, Window.of(1), 1, false),
                new BatchNorm2d(in),
                Nonlinearity.RELU.layer(),
                new Conv2d(in, in, around(3).stride(stride), in, false),
                new BatchNorm2d(in),
                new Conv2d(in, out, Window.of(1), 1, false),
                new BatchNorm2d(out),
                Nonlinearity.RELU.layer());
    }

    /** (N, in, H, W) to (N, out, H/2, W/2). */
    private static final class DownUnit extends ArrayBlock {

        private final Sequential branchMain;
        private final Sequential branchProj;

        DownUnit(int in, int out) {
            branchMain = child("branch_main", main(in, out - in, 2));
            branchProj = child(
                    "branch_proj",
                    Sequential.of(
                            new Conv2d(in, in, around(3).stride(2), in, false),
                            new BatchNorm2d(in),
                            new Conv2d(in, in, Window.of(1), 1, false),
                            new BatchNorm2d(in),
                            Nonlinearity.RELU.layer()));
        }

        @Override
        public NDArray forward(NDArray x, Pass pass) {
            return NDArrays.concat(new NDList(branchProj.forward(x, pass), branchMain.forward(x, pass)), 1);
        }
    }

    /** Even channels pass, odd ones are worked on; the shape stays. */
    private static final class Unit extends ArrayBlock {

        private final Sequential branchMain;

        Unit(int channels) {
            branchMain = child("branch_main", main(channels / 2, channels / 2, 1));
        }

        @Override
        public NDArray forward(NDArray x, Pass pass) {
            Shape shape = x.getShape();
            NDArray pairs = x.reshape(-1, shape.get(1) / 2, 2, shape.get(2), shape.get(3));
            NDArray even = pairs.get(":, :, 0"); // (N, C/2, H, W)
            NDArray odd = pairs.get(":, :, 1");
            return NDArrays.concat(new NDList(even, branchMain.forward(odd, pass)), 1);
        }
    }

    /** A 1x1 convolution with batch norm and ReLU. */
    private static final class Pointwise extends ArrayBlock {

        private final Sequential conv1x1;

        Pointwise(int in, int out) {
            conv1x1 = child("conv1x1", Sequential.convNorm(in, out, Window.of(1), 1, Nonlinearity.RELU));
        }

        @Override
        public NDArray forward(NDArray x, Pass pass) {
            return conv1x1.forward(x, pass);
        }
    }

    /** One, two and three depthwise 5x5 convolutions beside each other, added to what they work on. */
    private static final class Pyramid extends ArrayBlock {

        private final Pointwise conv1x1;
        private final Sequential s1;
        private final Sequential s2;
        private final Sequential s3;
        private final Sequential output;

        Pyramid(int in, int out) {
            conv1x1 = child("Conv1x1", new Pointwise(in, out));
            s1 = child("S1", depthwise(out, 1));
            s2 = child("S2", depthwise(out, 2));
            s3 = child("S3", depthwise(out, 3));
            output = child("output", Sequential.convNorm(3 * out, out, Window.of(1), 1, Nonlinearity.IDENTITY));
        }

        private static Sequential depthwise(int channels, int times) {
            List<ArrayBlock> layers = new ArrayList<>();
            for (int i = 0; i < times; i++) {
                layers.add(new Conv2d(channels, channels, around(5), channels, false));
                layers.add(new BatchNorm2d(channels));
                layers.add(Nonlinearity.RELU.layer());
            }
            return Sequential.of(layers);
        }

        @Override
        public NDArray forward(NDArray x, Pass pass) {
            NDArray y = conv1x1.forward(x, pass); // (N, out, H, W)
            NDList beside = new NDList(s1.forward(y, pass), s2.forward(y, pass), s3.forward(y, pass));
            return Nonlinearity.RELU.apply(y.add(output.forward(NDArrays.concat(beside, 1), pass)));
        }
    }

    /** Three towers on one 1x1 convolution: (N, C, H, W) to (N, 5 + K, H, W). */
    private static final class Head extends ArrayBlock {

        private final Pointwise conv1x1;
        private final Tower objLayers;
        private final Tower regLayers;
        private final Tower clsLayers;

        Head(int in, int classes) {
            conv1x1 = child("conv1x1", new Pointwise(in, in));
            objLayers = child("obj_layers", new Tower(in, 1));
            regLayers = child("reg_layers", new Tower(in, 4));
            clsLayers = child("cls_layers", new Tower(in, classes));
        }

        @Override
        public NDArray forward(NDArray x, Pass pass) {
            NDArray y = conv1x1.forward(x, pass);
            NDArray object = Nonlinearity.SIGMOID.apply(objLayers.forward(y, pass)); // (N, 1, H, W)
            NDArray box = regLayers.forward(y, pass); // (N, 4, H, W)
            NDArray kinds = clsLayers.forward(y, pass).softmax(1); // (N, K, H, W)
            return NDArrays.concat(new NDList(object, box, kinds), 1);
        }
    }

    /** A depthwise 5x5 and a 1x1 convolution. */
    private static final class Tower extends ArrayBlock {

        private final Sequential conv5x5;

        Tower(int in, int out) {
            conv5x5 = child(
                    "conv5x5",
                    Sequential.of(
                            new Conv2d(in, in, around(5), in, false),
                            new BatchNorm2d(in),
                            Nonlinearity.RELU.layer(),
                            new Conv2d(in, out, Window.of(1), 1, false),
                            new BatchNorm2d(out)));
        }

        @Override
        public NDArray forward(NDArray x, Pass pass) {
            return conv5x5.forward(x, pass);
        }
    }
}
