package djinn.zoo.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.util.Pair;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * A part of a detector of two stages as a block of its own, for one image at a time. Each part takes what those before it
 * answer, under the same names; its arrays are the detector's, under their names.
 *
 * <p>In evaluation alone. Behind one another the parts answer what the whole does.
 */
public final class DetectorPart extends NamedBlock {

    /** What a part is for. */
    public enum Kind {
        /** An image (1, 3, H, W) to maps (1, C, H / stride, W / stride), and regions (R, 5): 0, x1, y1, x2, y2. */
        FIRST,
        /**
         * Maps and regions, at least one, to what the detector tells of boxes: boxes and scores of all regions, and variances
         * of one that has them; of one that tells masks boxes, scores, labels and the count of those that it selects.
         */
        BOXES,
        /** Maps, boxes (1, M, 4) and labels (1, M), int64, M at least 1, to masks (1, M, S, S). */
        MASKS
    }

    private static final String REGIONS = "regions";

    private final ProposingDetector detector;
    private final Kind kind;
    private final ProposingDetector.Frame frame;

    DetectorPart(ProposingDetector detector, Kind kind, ProposingDetector.Frame frame) {
        this.detector = detector;
        this.kind = kind;
        this.frame = frame;
        for (Pair<String, Block> layer : detector.getChildren()) {
            child(layer.getKey(), layer.getValue());
        }
    }

    /** Returns what it is for. */
    public Kind kind() {
        return kind;
    }

    /** Returns what it is called in files: {@code first}, {@code boxes} or {@code masks}. */
    public String title() {
        return kind.name().toLowerCase(Locale.ROOT);
    }

    /** Returns the names of what it takes, in order. */
    public List<String> inputs() {
        return switch (kind) {
            case FIRST -> List.of("image");
            case BOXES -> behindMaps(REGIONS);
            case MASKS -> behindMaps("boxes", "labels");
        };
    }

    /** Returns the names of what it answers, in order. */
    public List<String> outputs() {
        return switch (kind) {
            case FIRST -> behindMaps(REGIONS);
            case BOXES -> detector.answerNames();
            case MASKS -> List.of("masks");
        };
    }

    private List<String> behindMaps(String... more) {
        List<String> names = new ArrayList<>(IntStream.range(0, detector.cutLevels())
                .mapToObj(i -> "feature." + i)
                .toList());
        names.addAll(List.of(more));
        return names;
    }

    @Override
    protected NDList forward(NDList given, Pass pass) {
        if (given.size() != inputs().size() || pass.training()) {
            throw new IllegalArgumentException("expected " + inputs()
                    + " as the inputs of a part of a detector, in evaluation, got " + given.size() + " arrays");
        }
        if (kind == Kind.FIRST) {
            return first(given.get(0), pass);
        }
        int count = detector.cutLevels();
        NDList maps = new NDList(given.subList(0, count));
        if (kind == Kind.BOXES) {
            ProposingDetector.Seen seen =
                    new ProposingDetector.Seen(frame, maps, given.get(count), Regions.WITHOUT_MASKS);
            return detector.answerLook(detector.lookAt(seen, pass), frame);
        }
        return new NDList(detector.masksOf(maps, given.get(count), given.get(count + 1), pass));
    }

    /** Where nothing is proposed, one region without extent stands there, as it does in a trace. */
    private NDList first(NDArray image, Pass pass) {
        if (!ProposingDetector.Frame.of(image).equals(frame)) {
            throw new IllegalArgumentException("expected an image (1, 3, " + frame.height() + ", " + frame.width()
                    + "), as the parts were made for, got " + image.getShape());
        }
        NDList answers = detector.proposed(image, pass);
        NDArray regions = answers.get(answers.size() - 1);
        if (regions.getShape().get(0) == 0) {
            answers.set(answers.size() - 1, regions.getManager().zeros(new Shape(1, 5), regions.getDataType()));
        }
        return answers;
    }
}
