package djinn.zoo.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import djinn.ops.BoxCoder;
import djinn.ops.NonMaximumSuppression;
import djinn.ops.TorchScript;
import djinn.ops.TracedArray;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Which boxes a region proposal network proposes (Ren et al. 2015, section 3.3), by torchvision's rule: of each level the
 * best, within the image and not without area, of these those that overlap no better one of their level, and of all the
 * best.
 *
 * @param candidates at most so many of each level go into suppression
 * @param iouThreshold a box is dropped that overlaps a better one of its level by more
 * @param most at most so many are proposed of an image
 * @param leastScore a box is left out whose score is below
 */
record ProposalSelection(int candidates, double iouThreshold, int most, double leastScore) {

    /** A box with a side below has no area, in pixels. */
    private static final float SMALLEST = 1e-3f;

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def best(objectness: Tensor, codes: Tensor, anchors: Tensor, most: int) -> Tuple[Tensor, Tensor, Tensor, Tensor]:
              top, index = torch.topk(torch.squeeze(objectness, -1), most, 1, True, True)
              corners = torch.expand(torch.unsqueeze(index, -1), [-1, -1, 4])
              places = torch.reshape(torch.index_select(anchors, 0, torch.flatten(index)), torch.size(corners))
              return (top, torch.sigmoid(top), torch.gather(codes, 1, corners), places)
            """);

    ProposalSelection {
        if (candidates < 1 || most < 1 || !(iouThreshold >= 0 && iouThreshold <= 1)) {
            throw new IllegalArgumentException(
                    "expected candidates and most of at least 1 and a threshold in [0, 1], got " + candidates + ", "
                            + most + " and " + iouThreshold);
        }
    }

    /** The best boxes of a level, by falling logit: (N, T), (N, T) and (N, T, 4). Scores that round alike have an order. */
    private static final class Level {

        private final float[] logits;
        private final float[] scores;
        private final float[] boxes;
        private final int each;

        Level(NDArray logits, NDArray scores, NDArray boxes, int each) {
            this.logits = values(logits);
            this.scores = values(scores);
            this.boxes = values(boxes);
            this.each = each;
        }
    }

    /** A box of a level. */
    private record Proposal(Level level, int box) {

        float logit() {
            return level.logits[box];
        }
    }

    /**
     * Proposes.
     *
     * @param objectness (N, A, 1) logits of each level
     * @param codes (N, A, 4) of each level
     * @param anchors (A, 4) of all levels together
     * @param height H of the images
     * @param width W of the images
     * @return (R, 5): the image's index and x1, y1, x2, y2; image by image, the best first
     */
    NDArray select(NDList objectness, NDList codes, NDArray anchors, int height, int width) {
        if (objectness.get(0) instanceof TracedArray) {
            return traced(objectness, codes, anchors, height, width);
        }
        List<Level> levels = new ArrayList<>();
        int images = Math.toIntExact(objectness.get(0).getShape().get(0));
        long from = 0;
        for (int i = 0; i < objectness.size(); i++) {
            long count = objectness.get(i).getShape().get(1);
            NDArray own = Heads.slice(anchors, from, from + count);
            long each = Math.min(candidates, count);
            NDList best = SCRIPT.callForList("best", objectness.get(i), codes.get(i), own, each);
            NDArray boxes = Heads.clip(BoxCoder.PLAIN.decode(best.get(2), best.get(3)), height, width); // (N, T, 4)
            levels.add(new Level(best.get(0), best.get(1), boxes, Math.toIntExact(each)));
            from += count;
        }
        List<float[]> rows = new ArrayList<>();
        for (int n = 0; n < images; n++) {
            for (Proposal proposal : ofImage(levels, n)) {
                float[] row = new float[5];
                row[0] = n;
                System.arraycopy(proposal.level.boxes, 4 * proposal.box, row, 1, 4);
                rows.add(row);
            }
        }
        return array(rows, objectness.get(0));
    }

    /**
     * The same of one image as one operation, which ONNX has its own for. Where nothing is proposed there is one region
     * without extent, which becomes boxes without: they are told by nobody.
     */
    private NDArray traced(NDList objectness, NDList codes, NDArray anchors, int height, int width) {
        NDArray boxes =
                Heads.clip(BoxCoder.PLAIN.decode(NDArrays.concat(codes, 1), anchors), height, width); // (1, A, 4)
        long[] levels =
                objectness.stream().mapToLong(level -> level.getShape().get(1)).toArray();
        long[] each =
                LongStream.of(levels).map(count -> Math.min(candidates, count)).toArray();
        NDArray logits = NDArrays.concat(objectness, 1).squeeze(-1); // (1, A)
        double overlap = NonMaximumSuppression.atMost(iouThreshold);
        return BoxChoice.SCRIPT.call(
                "djinn_proposals", logits, boxes, levels, each, overlap, most, leastScore, (double) SMALLEST);
    }

    private List<Proposal> ofImage(List<Level> levels, int image) {
        return levels.parallelStream()
                .map(level -> ofLevel(level, image))
                .flatMap(List::stream)
                .sorted(Comparator.comparingDouble(Proposal::logit).reversed())
                .limit(most)
                .toList();
    }

    private List<Proposal> ofLevel(Level level, int image) {
        int[] left = IntStream.range(image * level.each, (image + 1) * level.each)
                .filter(box -> level.scores[box] >= leastScore && hasArea(level.boxes, 4 * box))
                .toArray();
        float[] boxes = new float[4 * left.length];
        float[] logits = new float[left.length];
        for (int i = 0; i < left.length; i++) {
            System.arraycopy(level.boxes, 4 * left[i], boxes, 4 * i, 4);
            logits[i] = level.logits[left[i]];
        }
        return IntStream.of(NonMaximumSuppression.nms(boxes, logits, iouThreshold))
                .mapToObj(kept -> new Proposal(level, left[kept]))
                .toList();
    }

    /** False of what is not a number too. */
    private static boolean hasArea(float[] boxes, int at) {
        return boxes[at + 2] - boxes[at] >= SMALLEST && boxes[at + 3] - boxes[at + 1] >= SMALLEST;
    }

    private static float[] values(NDArray x) {
        return x.toType(DataType.FLOAT32, false).toFloatArray();
    }

    private static NDArray array(List<float[]> rows, NDArray like) {
        NDManager manager = like.getManager();
        if (rows.isEmpty()) {
            return manager.zeros(new Shape(0, 5), like.getDataType());
        }
        float[] values = new float[5 * rows.size()];
        for (int i = 0; i < rows.size(); i++) {
            System.arraycopy(rows.get(i), 0, values, 5 * i, 5);
        }
        return manager.create(values, new Shape(rows.size(), 5))
                .toDevice(like.getDevice(), false)
                .toType(like.getDataType(), false);
    }
}
