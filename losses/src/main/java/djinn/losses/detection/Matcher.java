package djinn.losses.detection;

import ai.djl.ndarray.NDArray;
import djinn.ops.Autograd;
import djinn.ops.TorchScript;

/**
 * Gives each anchor the object that it overlaps most, if it overlaps it enough (Ren et al. 2015, section 3.1.2), as
 * torchvision's {@code Matcher} and {@code SSDMatcher}.
 *
 * <p>Deviation: an object that no anchor overlaps takes none, where torchvision's takes all of them under {@link
 * Forced#TIES}.
 *
 * @param foreground the IoU from which an anchor has the object
 * @param background the IoU below which an anchor has none; between the two it is ignored
 * @param forced what an object takes that no anchor overlaps enough
 */
public record Matcher(double foreground, double background, Forced forced) {

    /** What an object takes besides. */
    public enum Forced {
        /** Nothing. */
        NONE,
        /** The anchors that overlap it most, of equals all, for the objects that these overlap most. */
        TIES,
        /** The anchor that overlaps it most; of objects that want the same, the last has it. */
        ONE
    }

    /** What an anchor has that has no object. */
    public static final long BACKGROUND = -1;

    /** What an anchor has that is neither. */
    public static final long IGNORED = -2;

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def area(boxes: Tensor) -> Tensor:
              sides = torch.sub(torch.slice(boxes, -1, 2, 4), torch.slice(boxes, -1, 0, 2))
              return torch.prod(torch.clamp_min(sides, 0.), -1)

            def iou(boxes: Tensor, anchors: Tensor) -> Tensor:
              a = torch.unsqueeze(boxes, 1)
              b = torch.unsqueeze(anchors, 0)
              low = torch.maximum(torch.slice(a, -1, 0, 2), torch.slice(b, -1, 0, 2))
              high = torch.minimum(torch.slice(a, -1, 2, 4), torch.slice(b, -1, 2, 4))
              shared = self.area(torch.cat([low, high], -1))
              union = torch.sub(torch.add(self.area(a), self.area(b)), shared)
              return torch.div(shared, torch.clamp_min(union, 1e-9))

            def match(boxes: Tensor, anchors: Tensor, foreground: float, background: float, forced: int) -> Tensor:
              iou = self.iou(boxes, anchors)
              most, nearest = torch.max(iou, 0)
              matched = torch.where(torch.ge(most, foreground), nearest, torch.full_like(nearest, -2))
              matched0 = torch.where(torch.lt(most, background), torch.full_like(nearest, -1), matched)
              best, anchor = torch.max(iou, 1)
              if torch.eq(forced, 1):
                top = torch.unsqueeze(best, 1)
                wanted = torch.any(torch.logical_and(torch.eq(iou, top), torch.gt(top, 0.)), 0)
                result = torch.where(wanted, nearest, matched0)
              else:
                if torch.eq(forced, 2):
                  objects = torch.unsqueeze(torch.sub(torch.cumsum(torch.ones_like(anchor), 0), 1), 1)
                  anchors0 = torch.unsqueeze(torch.sub(torch.cumsum(torch.ones_like(nearest), 0), 1), 0)
                  takes = torch.logical_and(torch.eq(anchors0, torch.unsqueeze(anchor, 1)), torch.gt(torch.unsqueeze(best, 1), 0.))
                  last, where = torch.max(torch.where(takes, objects, torch.full_like(objects, -1)), 0)
                  result = torch.where(torch.ge(last, 0), last, matched0)
                else:
                  result = matched0
              return result

            def nothing(anchors: Tensor) -> Tensor:
              return torch.to(torch.full_like(torch.select(anchors, 1, 0), -1.), 4)
            """);

    /** Checks the thresholds. */
    public Matcher {
        if (!(background >= 0 && foreground >= background && foreground <= 1)) {
            throw new IllegalArgumentException(
                    "expected 0 <= background <= foreground <= 1, got " + background + " and " + foreground);
        }
    }

    /**
     * Matches, under no gradients.
     *
     * @param anchors (A, 4) x1, y1, x2, y2; A may be 0
     * @param boxes (M, 4) x1, y1, x2, y2; M may be 0
     * @return (A) int64: the object's row, {@link #BACKGROUND} or {@link #IGNORED}
     */
    public NDArray match(NDArray anchors, NDArray boxes) {
        try (Autograd.Scope off = Autograd.withoutGradients()) {
            return boxes.getShape().get(0) == 0 || anchors.getShape().get(0) == 0
                    ? nothing(anchors)
                    : SCRIPT.call("match", boxes, anchors, foreground, background, code());
        }
    }

    /** Of no objects: {@link #BACKGROUND} for each of (A, 4). */
    static NDArray nothing(NDArray anchors) {
        return SCRIPT.call("nothing", anchors);
    }

    /** The IoU of (M, 4) and (A, 4): (M, A). */
    static NDArray overlaps(NDArray boxes, NDArray anchors) {
        return SCRIPT.call("iou", boxes, anchors);
    }

    private int code() {
        return switch (forced) {
            case NONE -> 0;
            case TIES -> 1;
            case ONE -> 2;
        };
    }
}
