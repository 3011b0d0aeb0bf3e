package djinn.zoo.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import djinn.ops.BoxSelection;
import djinn.ops.Resize;
import djinn.ops.TorchScript;
import java.util.ArrayList;
import java.util.List;

/**
 * What the YOLO networks with anchors share: heads {@code head.0}, {@code head.1} ... of the finest map first, each (N, a, H,
 * W, 5 + K) before any function, and how they become boxes.
 */
public abstract class Yolo extends Detector {

    /** What YOLOv5 measures average precision with. */
    private static final BoxSelection SELECTION = new BoxSelection(.001, 30_000, .6, 300);

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
        def boxes(y: Tensor) -> Tensor:
          half = torch.mul(torch.slice(y, 2, 2, 4), 0.5)
          centre = torch.slice(y, 2, 0, 2)
          return torch.cat([torch.sub(centre, half), torch.add(centre, half)], 2)

        def scores(y: Tensor) -> Tensor:
          return torch.mul(torch.slice(y, 2, 5, torch.size(y, 2)), torch.slice(y, 2, 4, 5))
        """);

    private final int classes;
    private final YoloAnchors anchors;
    private final BoxSelection selection;

    Yolo(int classes, YoloAnchors anchors) {
        this(classes, anchors, SELECTION);
    }

    Yolo(int classes, YoloAnchors anchors, BoxSelection selection) {
        if (classes < 1) {
            throw new IllegalArgumentException("expected at least one class, got " + classes);
        }
        this.classes = classes;
        this.anchors = anchors;
        this.selection = selection;
    }

    /** Returns how heads become boxes. */
    abstract YoloBoxes detect();

    /** Joins maps along the channels. */
    static NDArray join(NDArray first, NDArray second) {
        return NDArrays.concat(new NDList(first, second), 1);
    }

    /** Doubles a map by repeating its cells. */
    static NDArray doubled(NDArray coarse) {
        Shape shape = coarse.getShape();
        return Resize.nearest(coarse, 2 * shape.get(2), 2 * shape.get(3));
    }

    /** Doubles a coarse map and joins the finer one: what goes up the pyramid. */
    static NDArray joinDoubled(NDArray coarse, NDArray finer) {
        return join(doubled(coarse), finer);
    }

    @Override
    public final List<String> headNames() {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < anchors.levels().size(); i++) {
            names.add("head." + i);
        }
        return List.copyOf(names);
    }

    /** Returns the shapes that boxes start from, as the network was built. */
    public final YoloAnchors shapes() {
        return anchors;
    }

    @Override
    public final void restoreAnchors() {
        detect().restoreAnchors();
    }

    /**
     * Returns the anchors that boxes are made with: as the state has them, where it has them.
     *
     * @param manager owns them
     * @return (L, a, 2), widths and heights in cells of the L maps, float32
     */
    public final NDArray anchors(NDManager manager) {
        return detect().anchors(manager);
    }

    /**
     * Turns heads into boxes as the reference writes them.
     *
     * @param heads as the network gives them
     * @return (N, A, 5 + K): centre x, centre y, width, height in pixels, objectness and classes in [0, 1]; map after map,
     *     anchor after anchor, row after row
     */
    public final NDArray decoded(NDList heads) {
        return detect().decoded(heads);
    }

    /** Turns heads into corners and scores: objectness times class. */
    @Override
    public final Decoded decode(NDList heads, int height, int width) {
        NDArray decoded = decoded(heads);
        return new Decoded(SCRIPT.call("boxes", decoded), SCRIPT.call("scores", decoded));
    }

    @Override
    public final int classes() {
        return classes;
    }

    /** The coarsest map's stride. */
    @Override
    public final int multiple() {
        return anchors.levels().get(anchors.levels().size() - 1).stride();
    }

    /** What the reference measures average precision with; of YOLOv3 and v5 scores from 0.001, IoU 0.6, at most 300. */
    @Override
    public final BoxSelection selection() {
        return selection;
    }
}
