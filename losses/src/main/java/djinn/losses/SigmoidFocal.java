package djinn.losses;

import ai.djl.ndarray.NDArray;
import djinn.ops.Default;
import djinn.ops.TorchScript;

/**
 * Focal loss for independent yes-or-no labels (Lin et al. 2017), as torchvision's {@code sigmoid_focal_loss}: {@code
 * -alpha_t (1 - p_t)^gamma log p_t}, where p = sigmoid(x), and p_t and alpha_t are p and alpha for positives, 1 - p and 1
 * - alpha for negatives.
 *
 * <p>Shapes: logits and targets in [0, 1] of one shape, any. The result is a scalar, or has that shape under {@link
 * Reduction#NONE}; the mean is over all elements (the paper divides the sum by the number of positive anchors), that of
 * none is 0.
 *
 * @param alpha the weight of positives, 0 to 1, against 1 - alpha of negatives; below 0 for no weights
 * @param gamma how strongly easy elements are played down, at least 0; 0 is cross entropy
 * @param reduction how elements become one value
 */
public record SigmoidFocal(
        @Default("0.25") double alpha,
        @Default("2") double gamma,
        @Default("mean") Reduction reduction) implements LossFunction {

    // clamped, because a power below one has no finite slope at 0
    private static final TorchScript SCRIPT = Elements.compile("""
            def focal(x: Tensor, y: Tensor, positive: float, negative: float, gamma: float, reduction: int) -> Tensor:
              no = torch.rsub(y, 1)
              wrong = torch.add(torch.mul(torch.sigmoid(x), no), torch.mul(torch.sigmoid(torch.neg(x)), y))
              weight = torch.add(torch.mul(y, positive), torch.mul(no, negative))
              entropy = torch.binary_cross_entropy_with_logits(x, y, weight, None, 0)
              return self.reduce(torch.mul(entropy, torch.pow(torch.clamp_min(wrong, 1e-37), gamma)), reduction)
            """);

    /** Checks the ranges. */
    public SigmoidFocal {
        if (!(alpha <= 1)) {
            throw new IllegalArgumentException("expected alpha within 0 to 1, or below 0 for none, got " + alpha);
        }
        if (!(gamma >= 0)) {
            throw new IllegalArgumentException("expected gamma of at least 0, got " + gamma);
        }
    }

    /** The paper's best: alpha 0.25, gamma 2; the mean. */
    public SigmoidFocal() {
        this(0.25, 2, Reduction.MEAN);
    }

    @Override
    public NDArray apply(NDArray logits, NDArray target) {
        return SCRIPT.call(
                "focal",
                logits,
                Elements.fitting(target, logits),
                alpha < 0 ? 1. : alpha,
                alpha < 0 ? 1. : 1 - alpha,
                gamma,
                reduction.code());
    }
}
