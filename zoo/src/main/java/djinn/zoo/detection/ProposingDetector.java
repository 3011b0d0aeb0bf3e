package djinn.zoo.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import djinn.ops.Autograd;
import djinn.ops.BoxSelection;
import djinn.zoo.nn.Headed;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;
import djinn.zoo.nn.Staged;
import java.util.List;

/**
 * A detector of two stages: the first proposes regions on a pyramid of maps, the second looks at some of them. It is traced
 * with one image at a time. State: {@code backbone}, {@code rpn}, and what the second stage has.
 */
public abstract class ProposingDetector extends Detector implements Headed, Staged {

    private final int classes;
    private final PyramidTrunk backbone;
    private final RegionProposals rpn;
    private final ProposingStage first;

    /**
     * The first stage, whose blocks become the first children.
     *
     * @param trunk the pyramid
     * @param proposals what proposes
     * @param classes K
     */
    ProposingDetector(PyramidTrunk trunk, RegionProposals proposals, int classes) {
        this.classes = classes;
        backbone = child("backbone", trunk);
        rpn = child("rpn", proposals);
        first = new ProposingStage(backbone, rpn);
    }

    /**
     * What a second stage looks at.
     *
     * @param images (N, 3, H, W)
     * @param maps of the pyramid, (N, C, H / stride, W / stride)
     * @param chosen (R, 5), the regions
     * @param regions who chose them
     */
    record Seen(NDArray images, NDList maps, NDArray chosen, Regions regions) {

        int height() {
            return Math.toIntExact(images.getShape().get(2));
        }

        int width() {
            return Math.toIntExact(images.getShape().get(3));
        }
    }

    /** Returns the heads of the second stage, those behind the first stage's. */
    abstract NDList lookAt(Seen seen, Pass pass);

    /** Returns the names of the second stage's heads. */
    abstract List<String> lookNames();

    @Override
    public final NDList forward(NDArray images, Pass pass) {
        return forward(images, Regions.PROPOSED, pass);
    }

    @Override
    public final NDList forward(NDArray images, Regions regions, Pass pass) {
        requireOne(images);
        return heads(images, first.answers(images, pass), regions, pass);
    }

    private NDList heads(NDArray images, NDList answers, Regions regions, Pass pass) {
        NDList heads = new NDList();
        NDArray proposed = first.proposed(answers, images, heads, pass);
        NDArray chosen;
        try (Autograd.Scope off = Autograd.withoutGradients()) {
            chosen = regions.chosen(proposed, 0); // (R, 5)
        }
        heads.addAll(lookAt(new Seen(images, first.maps(answers), chosen, regions), pass));
        return heads;
    }

    @Override
    public final NamedBlock firstStage() {
        return first;
    }

    @Override
    public final NDList furtherStages(NDList inputs, NDList answers, Pass pass) {
        NDArray images = inputs.get(0);
        Shape shape = images.getShape();
        NDList heads = heads(images, answers, Regions.WITHOUT_MASKS, pass);
        return answer(heads, Math.toIntExact(shape.get(2)), Math.toIntExact(shape.get(3)), pass);
    }

    /** Returns what the first stage gave, of the heads. */
    public final FasterRcnn.Proposals proposals(NDList heads) {
        return rpn.proposals(heads);
    }

    /** The pyramid's maps, the finest first. */
    final NDList maps(NDArray images, Pass pass) {
        return backbone.forward(images, pass);
    }

    /** The number of maps. */
    final int levels() {
        return backbone.strides().size();
    }

    /** The heads of the second stage, of all. */
    final NDList looked(NDList heads) {
        return new NDList(heads.subList(rpn.headNames().size(), heads.size()));
    }

    /** N, of the heads. */
    static int images(NDList heads) {
        return Math.toIntExact(heads.get(0).getShape().get(0));
    }

    @Override
    public final List<String> headNames() {
        List<String> names = rpn.headNames();
        names.addAll(lookNames());
        return names;
    }

    @Override
    public final boolean tracesBatches() {
        return false;
    }

    @Override
    public final int classes() {
        return classes;
    }

    @Override
    public final int multiple() {
        return 32;
    }

    @Override
    protected BoxSelection selection() {
        return RegionBoxes.SELECTION;
    }

    @Override
    public String head() {
        return "roi_heads.box_predictor";
    }
}
