package djinn.export.onnx;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import djinn.ops.BoxSelection;
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

    private OnnxSelection(OnnxBuilder onnx, BoxSelection rule, long boxes, long classes) {
        this.onnx = onnx;
        this.rule = rule;
        this.boxes = boxes;
        this.classes = classes;
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
        return new OnnxSelection(onnx, rule, all, classes).select(boxes, best.get(0), best.get(1));
    }

    /** The largest float that is not above: as ONNX compares floats, more than it is more than the threshold. */
    private static double atMost(double threshold) {
        float nearest = (float) threshold;
        return nearest > threshold ? Math.nextDown(nearest) : nearest;
    }

    /** Selects; the labels are the classes of the scores, or those that the boxes (N, A, 1) have. */
    private Selected select(String corners, String scores, String ownLabels) {
        String candidates = rule.perClass() ? ofClasses(scores) : ofLevels(scores); // (N, A, K)
        String byClass = transposed(candidates); // (N, K, A)
        String chosen = onnx.add(
                "NonMaxSuppression",
                List.of(
                        corners,
                        byClass,
                        onnx.longs(Math.min(rule.most(), boxes)),
                        onnx.filled(DataType.FLOAT32, 1, atMost(rule.iouThreshold())),
                        onnx.filled(DataType.FLOAT32, 1, atMost(rule.scoreThreshold())))); // (D, 3): image, class, box
        String kept =
                onnx.add("ScatterND", List.of(zeros(byClass), chosen, onnx.add("GatherND", List.of(byClass, chosen))));
        // of equal scores those come first that BoxSelection looks at first
        String ordered = rule.perClass() ? kept : transposed(kept);
        String flat = onnx.add("Reshape", List.of(ordered, onnx.longs(0, boxes * classes)));
        long most = Math.min(rule.most(), boxes * classes);
        List<String> top =
                onnx.add(2, "TopK", List.of(flat, onnx.longs(most)), OnnxBuilder.integer("axis", 1)); // (N, M) twice
        String row = onnx.number(DataType.INT64, rule.perClass() ? boxes : classes);
        String quotient = onnx.add("Div", List.of(top.get(1), row));
        String rest = onnx.add("Mod", List.of(top.get(1), row));
        String box = rule.perClass() ? rest : quotient;
        String label = rule.perClass() ? quotient : rest;
        String isOne = onnx.add("Greater", List.of(top.get(0), onnx.number(DataType.FLOAT32, 0)));
        String ones = cast(isOne, DataType.INT64);
        String labels = ownLabels.isEmpty()
                ? label
                : onnx.add(
                        "GatherElements",
                        List.of(onnx.add("Squeeze", List.of(ownLabels, onnx.longs(2))), box),
                        OnnxBuilder.integer("axis", 1));
        String places = onnx.add("Expand", List.of(unsqueezed(box), onnx.longs(1, 1, 4))); // (N, M, 4)
        String taken = onnx.add("GatherElements", List.of(corners, places), OnnxBuilder.integer("axis", 1));
        return new Selected(
                onnx.add("Mul", List.of(taken, unsqueezed(cast(isOne, DataType.FLOAT32)))),
                top.get(0),
                onnx.add("Mul", List.of(labels, ones)),
                onnx.add("ReduceSum", List.of(ones, onnx.longs(1)), OnnxBuilder.flag("keepdims", false)),
                most);
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
