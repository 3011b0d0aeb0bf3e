package djinn.zoo.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import djinn.ops.BoxSelection;
import djinn.ops.TorchScript;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.BatchNorm2d;
import djinn.zoo.nn.Conv2d;
import djinn.zoo.nn.Dropout;
import djinn.zoo.nn.Flatten;
import djinn.zoo.nn.Linear;
import djinn.zoo.nn.MaxPool2d;
import djinn.zoo.nn.Nonlinearity;
import djinn.zoo.nn.Pass;
import djinn.zoo.nn.Sequential;
import djinn.zoo.nn.Window;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/**
 * YOLO, the first: an image is seen once and as a whole, and each cell of a coarse grid tells two boxes and one class.
 *
 * <p>Redmon et al. 2016, figure 3 and section 2; images (N, 3, 448, 448) in [0, 1] to {@code output} (N, 7, 7, K + 10): K
 * classes, and of each of two boxes its confidence, its centre in cells from the cell's corner and the square roots of its
 * width and height as shares of the image's. All are plain numbers, trained by squares. Names and the order of a cell's
 * numbers are those of aladdinpersson's PyTorch port, whose convolutions the record is of. Deviation: a batch norm behind each
 * convolution, as in that port and in the author's later description of the network.
 */
public final class YoloV1 extends Detector {

    /** The boxes of a cell. */
    private static final int BOXES = 2;

    /** Confidence and the four numbers of a box. */
    private static final int TERMS = 5;

    private static final int STRIDE = 64;

    /** What the author measures average precision with. */
    private static final BoxSelection SELECTION = new BoxSelection(.001, 1000, .5, 100);

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def boxes(terms: Tensor, corners: Tensor, cell: float, side: float) -> Tensor:
              centre = torch.mul(torch.add(torch.slice(terms, 3, 1, 3), corners), cell)
              root = torch.slice(terms, 3, 3, 5)
              half = torch.mul(torch.mul(root, root), torch.mul(side, 0.5))
              return torch.flatten(torch.cat([torch.sub(centre, half), torch.add(centre, half)], 3), 1, 2)

            def scores(terms: Tensor, classes: Tensor) -> Tensor:
              sure = torch.clamp(torch.slice(terms, 3, 0, 1), 0., 1.)
              return torch.flatten(torch.mul(sure, torch.clamp(torch.unsqueeze(classes, 2), 0., 1.)), 1, 2)
            """);

    /**
     * What varies.
     *
     * @param classes K
     * @param size H and W of the images, a multiple of 64; 448 in the paper, which makes a grid of 7 by 7
     * @param width outputs of the first fully connected layer; 4096 in the paper
     */
    public record Config(int classes, int size, int width) {

        /** Checks that all are at least 1, and the size a multiple. */
        public Config {
            if (classes < 1 || width < 1 || size < STRIDE || size % STRIDE != 0) {
                throw new IllegalArgumentException("expected classes and width of at least 1 and a size that is a"
                        + " multiple of " + STRIDE + ", got " + classes + ", " + width + " and " + size);
            }
        }

        int grid() {
            return size / STRIDE;
        }
    }

    /** The paper's network. */
    public static YoloV1 of(int classes) {
        return new YoloV1(new Config(classes, 448, 4096));
    }

    static List<DetectorEntry> entries() {
        return List.of(new DetectorEntry(
                "yolov1", 448, 20, "Redmon et al. 2016, figure 3", options -> of(options.classes()), List.of(), false));
    }

    private final Config config;
    private final Sequential darknet;
    private final Sequential fcs;

    /**
     * Builds the network.
     *
     * @param config what varies
     */
    public YoloV1(Config config) {
        this.config = config;
        List<ArrayBlock> layers = new ArrayList<>();
        layers.add(new Unit(3, 64, Window.of(7).stride(2).padding(3)));
        layers.add(pooling());
        layers.add(new Unit(64, 192, 3));
        layers.add(pooling());
        layers.add(new Unit(192, 128, 1));
        layers.add(new Unit(128, 256, 3));
        layers.add(new Unit(256, 256, 1));
        layers.add(new Unit(256, 512, 3));
        layers.add(pooling());
        for (int i = 0; i < 4; i++) {
            layers.add(new Unit(512, 256, 1));
            layers.add(new Unit(256, 512, 3));
        }
        layers.add(new Unit(512, 512, 1));
        layers.add(new Unit(512, 1024, 3));
        layers.add(pooling());
        for (int i = 0; i < 2; i++) {
            layers.add(new Unit(1024, 512, 1));
            layers.add(new Unit(512, 1024, 3));
        }
        layers.add(new Unit(1024, 1024, 3));
        layers.add(new Unit(1024, 1024, Window.of(3).stride(2).padding(1)));
        layers.add(new Unit(1024, 1024, 3));
        layers.add(new Unit(1024, 1024, 3));
        darknet = child("darknet", Sequential.of(layers));
        int cells = config.grid() * config.grid();
        fcs = child(
                "fcs",
                Sequential.of(
                        new Flatten(),
                        new Linear(1024 * cells, config.width),
                        new Dropout(.5),
                        Nonlinearity.LEAKY_RELU_01.layer(),
                        new Linear(config.width, cells * (config.classes + BOXES * TERMS))));
    }

    private static MaxPool2d pooling() {
        return new MaxPool2d(Window.of(2).stride(2), false);
    }

    @Override
    public NDList forward(NDArray images, Pass pass) {
        NDArray map = darknet.forward(images, pass); // (N, 1024, S, S)
        NDArray told = fcs.forward(map, pass); // (N, S S (K + 10))
        return new NDList(told.reshape(-1, config.grid(), config.grid(), config.classes + BOXES * TERMS));
    }

    /** One: K classes, and two boxes of five numbers, of each cell. */
    @Override
    public List<String> headNames() {
        return List.of("output");
    }

    /** Turns the head into corners and scores: confidence times class, both kept within [0, 1]. */
    @Override
    public Decoded decode(NDList heads, int height, int width) {
        int cells = config.grid() * config.grid();
        NDArray rows = heads.get(0).reshape(-1, cells, config.classes + BOXES * TERMS);
        NDArray classes = rows.get(":, :, :" + config.classes); // (N, S S, K)
        NDArray terms = rows.get(":, :, " + config.classes + ":").reshape(-1, cells, BOXES, TERMS);
        NDArray corners = new Grid(config.grid(), config.grid())
                .corners(heads.getManager(), 0)
                .reshape(cells, 1, 2)
                .toDevice(rows.getDevice(), false);
        return new Decoded(
                SCRIPT.call("boxes", terms, corners, (double) STRIDE, (double) config.size), // (N, 2 S S, 4)
                SCRIPT.call("scores", terms, classes)); // (N, 2 S S, K)
    }

    @Override
    public int classes() {
        return config.classes;
    }

    @Override
    public int multiple() {
        return STRIDE;
    }

    /** The fully connected layers fit one size. */
    @Override
    public OptionalInt onlySize() {
        return OptionalInt.of(config.size);
    }

    /** Scores from 0.001, IoU 0.5, as the author's code measures. */
    @Override
    protected BoxSelection selection() {
        return SELECTION;
    }

    /** A convolution, a batch norm and leaky ReLU: (N, in, H, W) to (N, out, H', W'). */
    private static final class Unit extends ArrayBlock {

        private final Conv2d conv;
        private final BatchNorm2d batchnorm;

        Unit(int in, int out, int kernel) {
            this(in, out, Window.of(kernel).padding(kernel / 2));
        }

        Unit(int in, int out, Window window) {
            conv = child("conv", new Conv2d(in, out, window, 1, false));
            batchnorm = child("batchnorm", new BatchNorm2d(out));
        }

        @Override
        public NDArray forward(NDArray x, Pass pass) {
            return Nonlinearity.LEAKY_RELU_01.apply(batchnorm.forward(conv.forward(x, pass), pass));
        }
    }
}
