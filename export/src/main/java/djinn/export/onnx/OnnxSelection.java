package djinn.export.onnx;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import djinn.ops.BoxSelection;
import djinn.ops.NonMaximumSuppression;
import java.util.ArrayList;
import java.util.List;

/**
 * The selection of boxes in operations of ONNX, as {@link BoxSelection#select} does it: scores that are not among the
 * candidates become 0, then those that suppression leaves out, and the highest of the others are taken in their order.
 */
final class OnnxSelection {

    private final OnnxBuilder onnx;
    private final BoxSelection rule;
    private final long boxes;
    private final long classes;
    private final boolean ofRegions;

    private OnnxSelection(OnnxBuilder onnx, BoxSelection rule, long boxes, long classes, boolean ofRegions) {
        this.onnx = onnx;
        this.rule = rule;
        this.boxes = boxes;
        this.classes = classes;
        this.ofRegions = ofRegions;
    }

    /** What is selected: the names of (N, M, 4), (N, M), (N, M) and (N), and M. */
    record Selected(String boxes, String scores, String labels, String counts, long most) {}

    /**
     * Adds the operations.
     *
     * @param boxes the name of (N, A, 4)
     * @param scores the name of (N, A, K)
     * @param shape that of the scores; of N any
     * @throws IllegalArgumentException if the rule is for others
     */
    static Selected add(OnnxBuilder onnx, BoxSelection rule, String boxes, String scores, Shape shape) {
        long all = shape.get(1);
        long levels = rule.levels().stream().mapToLong(Integer::longValue).sum();
        if (!rule.levels().isEmpty() && levels != all) {
            throw new IllegalArgumentException("expected a selection of " + all + " boxes, got one of the levels "
                    + rule.levels() + "; is it for images of another size?");
        }
        if (rule.acrossClasses() && rule.perClass()) {
            throw new IllegalArgumentException(
                    "expected candidates for each level where boxes are compared across classes, got candidates for"
                            + " each class");
        }
        onnx.describe("selection", "the selection of boxes");
        // across classes, each box counts under its best label alone
        List<String> best = rule.acrossClasses()
                ? onnx.add(2, "TopK", List.of(scores, onnx.longs(1)), OnnxBuilder.integer("axis", 2)) // (N, A, 1) twice
                : List.of(scores, "");
        long classes = rule.acrossClasses() ? 1 : shape.get(2);
        return new OnnxSelection(onnx, rule, all, classes, false).select(boxes, best.get(0), best.get(1));
    }

    /**
     * Adds the operations for one image, of which a model looks at any number of regions, at least one, and has a box of
     * each class for each.
     *
     * @param boxes the name of (1, A, K, 4), of A any
     * @param scores the name of (1, A, K)
     * @param classes K
     * @throws IllegalArgumentException if the rule counts candidates, or has labels compete
     */
    static Selected addOfRegions(OnnxBuilder onnx, BoxSelection rule, String boxes, String scores, long classes) {
        if (!rule.isByThresholdsAlone()) {
            throw new IllegalArgumentException("expected a selection by thresholds alone where the model looks at any"
                    + " number of regions, got " + rule);
        }
        onnx.describe("selection", "the selection of boxes");
        return new OnnxSelection(onnx, rule, Integer.MAX_VALUE, classes, true).select(boxes, scores, "");
    }

    /** Selects; the labels are the classes of the scores, or those that the boxes (N, A, 1) have. */
    private Selected select(String corners, String scores, String ownLabels) {
        String kept = ofRegions ? keptOfRegions(corners, scores) : kept(corners, scores); // (N, K, A)
        // of equal scores those come first that BoxSelection looks at first
        String ordered = rule.perClass() ? kept : transposed(kept);
        String flat = onnx.add("Reshape", List.of(ordered, onnx.longs(0, -1)));
        long most = ofRegions ? rule.most() : Math.min(rule.most(), boxes * classes);
        // there may be fewer boxes than are selected at most
        String enough = ofRegions ? onnx.add("Pad", List.of(flat, onnx.longs(0, 0, 0, most))) : flat;
        List<String> top =
                onnx.add(2, "TopK", List.of(enough, onnx.longs(most)), OnnxBuilder.integer("axis", 1)); // (N, M) twice
        String isOne = onnx.add("Greater", List.of(top.get(0), onnx.number(DataType.FLOAT32, 0)));
        String ones = cast(isOne, DataType.INT64);
        String found = ofRegions ? onnx.add("Mul", List.of(top.get(1), ones)) : top.get(1);
        String row = onnx.number(DataType.INT64, rule.perClass() ? boxes : classes);
        String quotient = onnx.add("Div", List.of(found, row));
        String rest = onnx.add("Mod", List.of(found, row));
        String box = rule.perClass() ? rest : quotient;
        String label = rule.perClass() ? quotient : rest;
        String labels = ownLabels.isEmpty()
                ? label
                : onnx.add(
                        "GatherElements",
                        List.of(onnx.add("Squeeze", List.of(ownLabels, onnx.longs(2))), box),
                        OnnxBuilder.integer("axis", 1));
        String places =
                onnx.add("Expand", List.of(unsqueezed(ofRegions ? found : box), onnx.longs(1, 1, 4))); // (N, M, 4)
        String all = ofRegions ? onnx.add("Reshape", List.of(corners, onnx.longs(0, -1, 4))) : corners;
        String taken = onnx.add("GatherElements", List.of(all, places), OnnxBuilder.integer("axis", 1));
        return new Selected(
                onnx.add("Mul", List.of(taken, unsqueezed(cast(isOne, DataType.FLOAT32)))),
                top.get(0),
                onnx.add("Mul", List.of(labels, ones)),
                onnx.add("ReduceSum", List.of(ones, onnx.longs(1)), OnnxBuilder.flag("keepdims", false)),
                most);
    }

    /** The scores (N, K, A), of boxes that are left out 0. */
    private String kept(String corners, String scores) {
        String candidates = rule.perClass() ? ofClasses(scores) : ofLevels(scores); // (N, A, K)
        String byClass = transposed(candidates); // (N, K, A)
        return suppressed(corners, byClass, Math.min(rule.most(), boxes));
    }

    /** The same of one image where each class has its own boxes: to ONNX, each class is an image. */
    private String keptOfRegions(String corners, String scores) {
        String own = onnx.add(
                "Transpose",
                List.of(onnx.add("Squeeze", List.of(corners, onnx.longs(0)))),
                OnnxBuilder.integers("perm", List.of(1L, 0L, 2L))); // (K, A, 4)
        String ofClasses =
                onnx.add("Transpose", List.of(scores), OnnxBuilder.integers("perm", List.of(2L, 0L, 1L))); // (K, 1, A)
        return onnx.add(
                "Transpose",
                List.of(suppressed(own, ofClasses, rule.most())),
                OnnxBuilder.integers("perm", List.of(1L, 0L, 2L)));
    }

    private String suppressed(String corners, String byClass, long most) {
        String chosen = onnx.add(
                "NonMaxSuppression",
                List.of(
                        corners,
                        byClass,
                        onnx.longs(most),
                        onnx.filled(DataType.FLOAT32, 1, NonMaximumSuppression.atMost(rule.iouThreshold())),
                        onnx.filled(
                                DataType.FLOAT32,
                                1,
                                NonMaximumSuppression.atMost(rule.scoreThreshold())))); // (D, 3): image, class, box
        return onnx.add("ScatterND", List.of(zeros(byClass), chosen, onnx.add("GatherND", List.of(byClass, chosen))));
    }

    private String ofClasses(String scores) {
        return rule.candidates() < boxes ? highest(scores) : scores;
    }

    private String ofLevels(String scores) {
        List<Integer> levels = rule.levels().isEmpty() ? List.of(Math.toIntExact(boxes)) : rule.levels();
        if (levels.stream().allMatch(level -> level * classes <= rule.candidates())) {
            return scores;
        }
        List<String> parts = new ArrayList<>();
        long from = 0;
        for (long level : levels) {
            String part = levels.size() == 1
                    ? scores
                    : onnx.add(
                            "Slice",
                            List.of(scores, onnx.longs(from), onnx.longs(from + level), onnx.longs(1))); // (N, L, K)
            if (level * classes > rule.candidates()) {
                String flat = onnx.add("Reshape", List.of(part, onnx.longs(0, level * classes)));
                part = onnx.add("Reshape", List.of(highest(flat), onnx.longs(0, level, classes)));
            }
            parts.add(part);
            from += level;
        }
        return parts.size() == 1 ? parts.get(0) : onnx.add("Concat", parts, OnnxBuilder.integer("axis", 1));
    }

    /** The scores, of which only as many as there are candidates stay along axis 1; the others become 0. */
    private String highest(String scores) {
        List<String> top =
                onnx.add(2, "TopK", List.of(scores, onnx.longs(rule.candidates())), OnnxBuilder.integer("axis", 1));
        return onnx.add(
                "ScatterElements", List.of(zeros(scores), top.get(1), top.get(0)), OnnxBuilder.integer("axis", 1));
    }

    private String zeros(String like) {
        return onnx.add("Mul", List.of(like, onnx.number(DataType.FLOAT32, 0)));
    }

    private String transposed(String array) {
        return onnx.add("Transpose", List.of(array), OnnxBuilder.integers("perm", List.of(0L, 2L, 1L)));
    }

    private String unsqueezed(String array) {
        return onnx.add("Unsqueeze", List.of(array, onnx.longs(2)));
    }

    private String cast(String array, DataType type) {
        return onnx.add("Cast", List.of(array), OnnxBuilder.integer("to", OnnxTypes.code(type)));
    }
}
