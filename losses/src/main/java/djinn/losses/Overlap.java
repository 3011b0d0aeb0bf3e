package djinn.losses;

import ai.djl.ndarray.NDArray;
import djinn.ops.TorchScript;

/**
 * One minus the Tversky index, {@code (TP + s) / (TP + a FP + b FN + s)}, with counts of probabilities; Dice and Jaccard
 * are cases of it.
 *
 * <p>It is computed as {@code (a FP + b FN) / (TP + a FP + b FN + s)}, which has nothing to cancel near a perfect mask.
 *
 * @param alpha a, the weight of false positives
 * @param beta b, the weight of false negatives
 * @param smooth s
 */
record Overlap(double alpha, double beta, double smooth) {

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def missing(yes: Tensor, no: Tensor, y: Tensor, n: Tensor, alpha: float, beta: float, smooth: float) -> Tensor:
              right = torch.sum(torch.mul(yes, y), [1])
              wrong = torch.add(torch.mul(torch.sum(torch.mul(yes, n), [1]), alpha), torch.mul(torch.sum(torch.mul(no, y), [1]), beta))
              return torch.mean(torch.div(wrong, torch.add(torch.add(right, wrong), smooth)))

            def binary(x: Tensor, y: Tensor, alpha: float, beta: float, smooth: float) -> Tensor:
              z = torch.flatten(x, 1)
              t = torch.flatten(y, 1)
              return self.missing(torch.sigmoid(z), torch.sigmoid(torch.neg(z)), t, torch.rsub(t, 1), alpha, beta, smooth)

            def classes(x: Tensor, y: Tensor, ignore: int, alpha: float, beta: float, smooth: float) -> Tensor:
              p = torch.softmax(torch.flatten(torch.transpose(x, 0, 1), 1), 0)
              labels = torch.unsqueeze(torch.flatten(y), 0)
              valid = torch.ne(labels, ignore)
              counts = torch.type_as(valid, p)
              t = torch.scatter(torch.zeros_like(p), 0, torch.mul(labels, valid), counts)
              return self.missing(p, torch.rsub(p, 1), t, torch.sub(counts, t), alpha, beta, smooth)
            """);

    Overlap {
        if (!(alpha >= 0 && beta >= 0 && alpha + beta > 0)) {
            throw new IllegalArgumentException(
                    "expected alpha and beta of at least 0 and not both 0, got " + alpha + " and " + beta);
        }
        if (!(smooth > 0)) {
            throw new IllegalArgumentException(
                    "expected smooth above 0, for an empty mask would be 0 / 0 without it, got " + smooth);
        }
    }

    /** The Dice coefficient {@code (2 TP + s) / (2 TP + FP + FN + s)}. */
    static Overlap dice(double smooth) {
        return new Overlap(0.5, 0.5, smooth / 2);
    }

    /** The Jaccard index. */
    static Overlap jaccard(double smooth) {
        return new Overlap(1, 1, smooth);
    }

    /** In whichever form the target asks for: masks of the logits' shape, or labels. */
    NDArray apply(NDArray logits, NDArray target) {
        return Elements.isOfLabels(target, logits)
                ? ofClasses(logits, target, Elements.UNKNOWN)
                : ofMasks(logits, target);
    }

    /** Per sample with sigmoid, then the mean over samples: both (N, ...). */
    NDArray ofMasks(NDArray logits, NDArray target) {
        NDArray fitting = Elements.fitting(target, logits);
        if (logits.getShape().dimension() < 2) {
            throw new IllegalArgumentException("expected one mask (N, ...) per sample, got logits " + logits.getShape()
                    + " and target " + target.getShape());
        }
        return SCRIPT.call("binary", logits, fitting, alpha, beta, smooth);
    }

    /** Per class over the whole batch with softmax, then the mean over classes: (N, K, ...) and (N, ...). */
    NDArray ofClasses(NDArray logits, NDArray labels, long ignoreIndex) {
        NDArray fitting = Elements.labels(labels, logits, ignoreIndex);
        return SCRIPT.call("classes", logits, fitting, ignoreIndex, alpha, beta, smooth);
    }
}
