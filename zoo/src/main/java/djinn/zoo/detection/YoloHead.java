package djinn.zoo.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.initializer.Initializer;
import djinn.ops.TorchScript;
import djinn.zoo.nn.Conv2d;
import djinn.zoo.nn.Initializers;
import djinn.zoo.nn.LayerList;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;
import djinn.zoo.nn.Window;
import java.util.ArrayList;
import java.util.List;

/**
 * The last layer of YOLOv3 and YOLOv5: a 1x1 convolution on each map, which gives four terms of a box, objectness and K
 * classes for each anchor of each cell. L maps (N, C, H, W) to L arrays (N, a, H, W, 5 + K).
 *
 * <p>State: {@code anchors} (L, a, 2), widths and heights in cells, and {@code m.0}, {@code m.1} ... The biases start where
 * a network expects 8 objects in an image of 640 by 640 and each class equally often: training then does not begin with
 * thousands of false alarms.
 */
final class YoloHead extends NamedBlock implements YoloBoxes {

    private static final int BOX = 4;
    private static final double OBJECTS = 8;
    private static final double EXTENT = 640;

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def decode(head: Tensor, corners: Tensor, anchors: Tensor, level: int, stride: float) -> Tensor:
              y = torch.sigmoid(head)
              sizes = torch.mul(torch.reshape(torch.select(anchors, 0, level), [1, -1, 1, 1, 2]), stride)
              xy = torch.mul(torch.add(torch.mul(torch.slice(y, 4, 0, 2), 2.), corners), stride)
              root = torch.mul(torch.slice(y, 4, 2, 4), 2.)
              wh = torch.mul(torch.mul(root, root), sizes)
              return torch.flatten(torch.cat([xy, wh, torch.slice(y, 4, 4, torch.size(y, 4))], 4), 1, 3)
            """);

    private final int classes;
    private final YoloAnchors shapes;
    private final Parameter anchors;
    private final LayerList<Conv2d> m;

    YoloHead(int classes, YoloAnchors shapes, List<Integer> channels) {
        this.classes = classes;
        this.shapes = shapes;
        anchors = buffer(
                "anchors",
                Parameter.Type.OTHER,
                (manager, shape, dataType) -> shapes.inCells(manager),
                channels.size(),
                shapes.perCell(),
                2);
        List<Conv2d> layers = new ArrayList<>();
        for (int i = 0; i < channels.size(); i++) {
            Conv2d layer = new Conv2d(channels.get(i), shapes.perCell() * (BOX + 1 + classes), Window.of(1));
            int stride = shapes.levels().get(i).stride();
            layer.getDirectParameters().get("bias").setInitializer(prior(channels.get(i), stride, classes));
            layers.add(layer);
        }
        m = child("m", new LayerList<>(layers));
    }

    @Override
    public void restoreAnchors() {
        NDArray state = anchors.getArray();
        try (NDArray own = shapes.inCells(state.getManager())) {
            own.copyTo(state);
        }
    }

    @Override
    public NDArray anchors(NDManager manager) {
        NDArray copy = anchors.getArray().duplicate();
        copy.attach(manager);
        return copy;
    }

    @Override
    protected NDList forward(NDList maps, Pass pass) {
        NDList heads = new NDList();
        for (Conv2d layer : m) {
            NDArray y = layer.forward(maps.get(heads.size()), pass); // (N, a (5 + K), H, W)
            Shape shape = y.getShape();
            y = y.reshape(-1, shapes.perCell(), BOX + 1 + classes, shape.get(2), shape.get(3));
            heads.add(y.transpose(0, 1, 3, 4, 2)); // (N, a, H, W, 5 + K)
        }
        return heads;
    }

    /**
     * Turns terms into boxes: the centre is 2 sigmoid - 0.5 cells from the cell's corner, an extent (2 sigmoid)^2 of the
     * anchor's, the rest a sigmoid.
     */
    @Override
    public NDArray decoded(NDList heads) {
        NDList levels = new NDList();
        for (NDArray head : heads) {
            int level = levels.size();
            double stride = shapes.levels().get(level).stride();
            NDArray corners = Grid.of(head).corners(head.getManager(), -.5f);
            levels.add(SCRIPT.call("decode", head, corners, anchors.getArray(), level, stride));
        }
        return levels.size() == 1 ? levels.get(0) : NDArrays.concat(levels, 1);
    }

    /** PyTorch's start, and the logarithms of the odds added to it. */
    static Initializer prior(int channels, int stride, int classes) {
        Initializer start = Initializers.torchDefault(channels);
        float object = (float) Math.log(OBJECTS / Math.pow(EXTENT / stride, 2));
        float each = (float) Math.log(.6 / (classes - .99999));
        return (manager, shape, dataType) -> {
            float[] odds = new float[Math.toIntExact(shape.size())];
            for (int i = 0; i < odds.length; i++) {
                int term = i % (BOX + 1 + classes);
                odds[i] = term < BOX ? 0 : term == BOX ? object : each;
            }
            return start.initialize(manager, shape, dataType).add(manager.create(odds, shape));
        };
    }
}
