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
import java.util.stream.Stream;

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
     * The images that regions are of.
     *
     * @param count N
     * @param height H
     * @param width W
     */
    record Frame(int count, int height, int width) {

        static Frame of(NDArray images) {
            Shape shape = images.getShape();
            return new Frame(
                    Math.toIntExact(shape.get(0)), Math.toIntExact(shape.get(2)), Math.toIntExact(shape.get(3)));
        }
    }

    /**
     * What a second stage looks at.
     *
     * @param frame what the maps are of
     * @param maps of the pyramid, (N, C, H / stride, W / stride); those that nothing is cut out of may be missing
     * @param chosen (R, 5), the regions
     * @param regions who chose them
     */
    record Seen(Frame frame, NDList maps, NDArray chosen, Regions regions) {}

    /** Returns the heads of the second stage, those behind the first stage's. */
    abstract NDList lookAt(Seen seen, Pass pass);

    /** Returns the names of the second stage's heads. */
    abstract List<String> lookNames();

    /** Returns what the heads of the second stage say of boxes, as {@link #decode} does of all heads. */
    abstract Decoded decodeLook(NDList own, Frame frame);

    /** Returns the names of what {@link #answerLook} gives. */
    List<String> answerNames() {
        return List.of("boxes", "scores");
    }

    /**
     * Turns the heads of the second stage, of one image, into what is told of boxes; masks come after.
     *
     * @param own what {@link #lookAt} gave
     * @param frame of one image
     * @return under {@link #answerNames()}
     */
    NDList answerLook(NDList own, Frame frame) {
        return decodeLook(own, frame).arrays();
    }

    /**
     * Tells the pixels of boxes of one image, of a network that is {@link Masked}.
     *
     * @param maps of the pyramid, those that regions are cut out of
     * @param boxes (1, D, 4)
     * @param labels (1, D), int64
     * @return (1, D, S, S), in [0, 1]
     */
    NDArray masksOf(NDList maps, NDArray boxes, NDArray labels, Pass pass) {
        throw new UnsupportedOperationException("expected a detector that tells masks, got " + getClass());
    }

    /**
     * Returns the network in parts, each of which can be traced and exported by itself: what proposes, what tells boxes of
     * regions, and what tells masks of boxes, where it does.
     *
     * @param height H of the images, a multiple of {@link #multiple()}
     * @param width W of the images
     */
    public final List<DetectorPart> parts(int height, int width) {
        Frame frame = new Frame(1, height, width);
        return Stream.of(DetectorPart.Kind.values())
                .filter(kind -> kind != DetectorPart.Kind.MASKS || this instanceof Masked)
                .map(kind -> new DetectorPart(this, kind, frame))
                .toList();
    }

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
        heads.addAll(lookAt(new Seen(Frame.of(images), first.maps(answers), chosen, regions), pass));
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

    /** The maps that regions are cut out of, and behind them the regions that it proposes, (R, 5). */
    final NDList proposed(NDArray images, Pass pass) {
        NDList answers = first.answers(images, pass);
        NDList proposed = new NDList(first.maps(answers).subList(0, cutLevels()));
        proposed.add(first.proposed(answers, images, new NDList(), pass));
        return proposed;
    }

    /** The number of maps that regions are cut out of: all but the coarsest. */
    final int cutLevels() {
        return levels() - 1;
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

    /** Images with fewer regions than others get some of score 0. */
    @Override
    public final Decoded decode(NDList heads, int height, int width) {
        int images = Math.toIntExact(heads.get(0).getShape().get(0));
        return decodeLook(looked(heads), new Frame(images, height, width));
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
