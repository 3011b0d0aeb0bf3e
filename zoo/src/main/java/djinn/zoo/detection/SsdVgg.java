package djinn.zoo.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import djinn.zoo.ClassifierTrunk;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.Conv2d;
import djinn.zoo.nn.Initializers;
import djinn.zoo.nn.LayerList;
import djinn.zoo.nn.MaxPool2d;
import djinn.zoo.nn.Nonlinearity;
import djinn.zoo.nn.Pass;
import djinn.zoo.nn.Sequential;
import djinn.zoo.nn.Window;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * SSD300's trunk: VGG16 up to its fourth block, whose output is scaled to a learned length at each position (Liu et al.
 * 2016, section 3.1); its fifth block with the linear layers as convolutions, the first of them dilated; and four more
 * maps on top. Of VGG16's own weights it takes the five blocks; the two convolutions start anew, as torchvision's.
 */
final class SsdVgg extends SsdTrunk implements ClassifierTrunk {

    private static final int SIDE = 300;
    private static final int COLOURS = 3;
    /** How many layers VGG16 has before the pooling that its fifth block begins with. */
    private static final int FOURTH_END = 23;
    /** The fifth block's layers, a pooling and three convolutions with ReLU. */
    private static final Pattern FIFTH = Pattern.compile("extra\\.0\\.([0-6])(\\..+)");

    private static final List<Integer> MAPS = List.of(38, 19, 10, 5, 3, 1);
    private static final List<Integer> CHANNELS = List.of(512, 1024, 512, 256, 256, 256);

    /** The length that the maps start with. */
    private static final float LENGTH = 20;

    private final Parameter scale;
    private final Sequential features;
    private final List<Sequential> extra;

    SsdVgg() {
        scale = parameter(
                "scale_weight",
                Parameter.Type.WEIGHT,
                (manager, shape, type) -> manager.full(shape, LENGTH, type),
                CHANNELS.get(0));
        List<ArrayBlock> first = new ArrayList<>();
        block(first, COLOURS, 64, 2);
        first.add(halving(false));
        block(first, 64, 128, 2);
        first.add(halving(false));
        block(first, 128, 256, 3);
        first.add(halving(true)); // 75 becomes 38, as in the paper
        block(first, 256, 512, 3);
        features = child("features", Sequential.of(first));
        List<ArrayBlock> fifth = new ArrayList<>();
        fifth.add(halving(false));
        block(fifth, 512, 512, 3);
        fifth.add(Sequential.of(
                new MaxPool2d(Window.of(3).padding(1), false),
                xavier(512, 1024, Window.of(3).padding(6).dilation(6)),
                Nonlinearity.RELU.layer(),
                xavier(1024, 1024, Window.of(1)),
                Nonlinearity.RELU.layer()));
        Window halving = Window.of(3).stride(2).padding(1);
        extra = List.of(
                Sequential.of(fifth),
                narrowed(1024, 512, halving),
                narrowed(512, 256, halving),
                narrowed(256, 256, Window.of(3)),
                narrowed(256, 256, Window.of(3)));
        child("extra", new LayerList<>(extra));
    }

    private static void block(List<ArrayBlock> to, int in, int out, int convolutions) {
        for (int i = 0; i < convolutions; i++) {
            Window window = Window.of(3).padding(1);
            to.add(new Conv2d(i == 0 ? in : out, out, window, 1, true, Initializers.heNormalFanOut(out * 9L)));
            to.add(Nonlinearity.RELU.layer());
        }
    }

    private static MaxPool2d halving(boolean ceilMode) {
        return new MaxPool2d(Window.of(2).stride(2), ceilMode);
    }

    private static Sequential narrowed(int in, int out, Window window) {
        return Sequential.of(
                xavier(in, out / 2, Window.of(1)),
                Nonlinearity.RELU.layer(),
                xavier(out / 2, out, window),
                Nonlinearity.RELU.layer());
    }

    private static Conv2d xavier(int in, int out, Window window) {
        return new Conv2d(in, out, window, 1, true, Ssd.XAVIER);
    }

    @Override
    public String classifier() {
        return "vgg16";
    }

    @Override
    public int channels() {
        return COLOURS;
    }

    @Override
    public Optional<String> nameInClassifier(String own) {
        if (own.startsWith("features.")) {
            return Optional.of(own);
        }
        Matcher fifth = FIFTH.matcher(own);
        return fifth.matches()
                ? Optional.of("features." + (FOURTH_END + Integer.parseInt(fifth.group(1))) + fifth.group(2))
                : Optional.empty();
    }

    @Override
    List<Integer> widths() {
        return CHANNELS;
    }

    @Override
    List<Grid> grids(int height, int width) {
        requireSide(height, width);
        return MAPS.stream().map(side -> new Grid(side, side)).toList();
    }

    @Override
    int multiple() {
        return SIDE;
    }

    @Override
    OptionalInt onlySize() {
        return OptionalInt.of(SIDE);
    }

    private static void requireSide(long height, long width) {
        if (height != SIDE || width != SIDE) {
            throw new IllegalArgumentException("expected images of " + SIDE + "x" + SIDE + " for SSD300, got " + height
                    + "x" + width + "; ssd, on a backbone of one's choice, takes any multiple of 32");
        }
    }

    @Override
    NDList forward(NDArray images, Pass pass) {
        Shape shape = images.getShape();
        requireSide(shape.get(2), shape.get(3));
        NDArray x = features.forward(images, pass); // (N, 512, 38, 38)
        NDArray length = Pass.freedWith(pass.value(scale, x).reshape(1, -1, 1, 1), x);
        NDList maps = new NDList(x.normalize(2, 1, 1e-12).mul(length));
        for (Sequential block : extra) {
            x = block.forward(x, pass); // (N, 1024, 19, 19) to (N, 256, 1, 1)
            maps.add(x);
        }
        return maps;
    }
}
