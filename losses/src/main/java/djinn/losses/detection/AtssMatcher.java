package djinn.losses.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import djinn.ops.Autograd;
import djinn.ops.TorchScript;
import java.util.List;

/**
 * Gives anchors objects by thresholds that each object finds for itself: the adaptive training sample selection of Zhang et
 * al. 2020, "Bridging the gap between anchor-based and anchor-free detection", algorithm 1.
 *
 * <p>Of an object the candidates are, on every level, the anchors whose centres are closest to its own. Those of an IoU of at
 * least the candidates' mean and deviation together, with the centre inside of the object, have it; of several objects the
 * one they overlap most, of equals the first. No anchor is ignored. As the authors' program has it, the deviation is that of
 * n - 1, and a centre is inside from a hundredth of a pixel on.
 *
 * @param closest how many anchors of a level are candidates, at least 1: the paper's 9 times the anchors at a position
 */
public record AtssMatcher(int closest) {

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def centres(boxes: Tensor) -> Tensor:
              return torch.div(torch.add(torch.slice(boxes, -1, 0, 2), torch.slice(boxes, -1, 2, 4)), 2.)

            def nearest(boxes: Tensor, anchors: Tensor, first: int, end: int, count: int) -> Tensor:
              own = torch.unsqueeze(self.centres(torch.slice(anchors, 0, first, end)), 0)
              apart = torch.sub(torch.unsqueeze(self.centres(boxes), 1), own)
              values, places = torch.topk(torch.sum(torch.mul(apart, apart), [2]), count, 1, False, True)
              return torch.add(places, first)

            def match(boxes: Tensor, anchors: Tensor, iou: Tensor, candidates: Tensor) -> Tensor:
              overlaps = torch.gather(iou, 1, candidates)
              spread = torch.nan_to_num(torch.std(overlaps, [1], True, True), 0.)
              least = torch.add(torch.mean(overlaps, [1], True), spread)
              points = torch.index_select(self.centres(anchors), 0, torch.flatten(candidates))
              points0 = torch.reshape(points, [torch.size(candidates, 0), torch.size(candidates, 1), 2])
              low = torch.sub(points0, torch.unsqueeze(torch.slice(boxes, 1, 0, 2), 1))
              high = torch.sub(torch.unsqueeze(torch.slice(boxes, 1, 2, 4), 1), points0)
              inside = torch.gt(torch.amin(torch.cat([low, high], 2), [2]), 0.01)
              positive = torch.logical_and(torch.ge(overlaps, least), inside)
              kept = torch.where(positive, overlaps, torch.full_like(overlaps, -1.))
              most, object = torch.max(torch.scatter(torch.full_like(iou, -1.), 1, candidates, kept), 0)
              return torch.where(torch.ge(most, 0.), object, torch.full_like(object, -1))
            """);

    /** Checks the number. */
    public AtssMatcher {
        if (closest < 1) {
            throw new IllegalArgumentException("expected at least 1 closest anchor of a level, got " + closest);
        }
    }

    /**
     * Matches, under no gradients.
     *
     * @param anchors (A, 4) x1, y1, x2, y2
     * @param levels how many of them are of the first level, of the second and so on
     * @param boxes (M, 4) x1, y1, x2, y2; M may be 0
     * @return (A) int64: the object's row, or {@link Matcher#BACKGROUND}
     * @throws IllegalArgumentException if there are not as many anchors as the levels have
     */
    public NDArray match(NDArray anchors, List<Integer> levels, NDArray boxes) {
        long all = levels.stream().mapToLong(Integer::longValue).sum();
        if (all != anchors.getShape().get(0)) {
            throw new IllegalArgumentException(
                    "expected anchors of the levels " + levels + ", got " + anchors.getShape());
        }
        try (Autograd.Scope off = Autograd.withoutGradients()) {
            if (boxes.getShape().get(0) == 0) {
                return Matcher.nothing(anchors);
            }
            NDList candidates = new NDList();
            int first = 0;
            for (int level : levels) {
                int count = Math.min(closest, level);
                candidates.add(SCRIPT.call("nearest", boxes, anchors, first, first + level, count)); // (M, C)
                first += level;
            }
            NDArray overlaps = Matcher.overlaps(boxes, anchors); // (M, A)
            return SCRIPT.call("match", boxes, anchors, overlaps, NDArrays.concat(candidates, 1)); // (A)
        }
    }
}
