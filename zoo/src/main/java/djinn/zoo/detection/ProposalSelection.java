package djinn.zoo.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import djinn.ops.BoxCoder;
import djinn.ops.NonMaximumSuppression;
import djinn.ops.TorchScript;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

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
            def best(objectness: Tensor, codes: Tensor, anchors: Tensor, most: int) -> Tuple[Tensor, Tensor, Tensor]:
              top, index = torch.topk(torch.squeeze(objectness, -1), most, 1, True, True)
              corners = torch.expand(torch.unsqueeze(index, -1), [-1, -1, 4])
              places = torch.reshape(torch.index_select(anchors, 0, torch.flatten(index)), torch.size(corners))
              return (torch.sigmoid(top), torch.gather(codes, 1, corners), places)
            """);

    ProposalSelection {
        if (candidates < 1 || most < 1 || !(iouThreshold >= 0 && iouThreshold <= 1)) {
            throw new IllegalArgumentException(
                    "expected candidates and most of at least 1 and a threshold in [0, 1], got " + candidates + ", "
                            + most + " and " + iouThreshold);
        }
    }

    /** The best boxes of a level, by falling score: (N, T) and (N, T, 4). */
    private static final class Level {

        private final float[] scores;
        private final float[] boxes;
        private final int each;

        Level(NDArray scores, NDArray boxes, int each) {
            this.scores = values(scores);
            this.boxes = values(boxes);
            this.each = each;
        }
    }

    /** A box of a level. */
    private record Proposal(Level level, int box) {

        float score() {
            return level.scores[box];
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
        List<Level> levels = new ArrayList<>();
        int images = Math.toIntExact(objectness.get(0).getShape().get(0));
        long from = 0;
        for (int i = 0; i < objectness.size(); i++) {
            long count = objectness.get(i).getShape().get(1);
            NDArray own = Heads.slice(anchors, from, from + count);
            long each = Math.min(candidates, count);
            NDList best = SCRIPT.callForList("best", objectness.get(i), codes.get(i), own, each);
            NDArray boxes = Heads.clip(BoxCoder.PLAIN.decode(best.get(1), best.get(2)), height, width); // (N, T, 4)
            levels.add(new Level(best.get(0), boxes, Math.toIntExact(each)));
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

    private List<Proposal> ofImage(List<Level> levels, int image) {
        List<Proposal> proposals = new ArrayList<>();
        for (Level level : levels) {
            int[] left = IntStream.range(image * level.each, (image + 1) * level.each)
                    .filter(box -> level.scores[box] >= leastScore && hasArea(level.boxes, 4 * box))
                    .toArray();
            float[] boxes = new float[4 * left.length];
            float[] scores = new float[left.length];
            for (int i = 0; i < left.length; i++) {
                System.arraycopy(level.boxes, 4 * left[i], boxes, 4 * i, 4);
                scores[i] = level.scores[left[i]];
            }
            for (int kept : NonMaximumSuppression.nms(boxes, scores, iouThreshold)) {
                proposals.add(new Proposal(level, left[kept]));
            }
        }
        proposals.sort(Comparator.comparingDouble(Proposal::score).reversed());
        return proposals.subList(0, Math.min(most, proposals.size()));
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
