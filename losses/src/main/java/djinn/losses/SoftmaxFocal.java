package djinn.losses;

import ai.djl.ndarray.NDArray;
import djinn.ops.Default;
import djinn.ops.TorchScript;
import java.util.List;

/**
 * Focal loss for one label among many (Lin et al. 2017): {@code -alpha_t (1 - p_t)^gamma log p_t} for each element, where
 * p = softmax(x), and p_t and alpha_t are those of the element's label.
 *
 * <p>Shapes: logits (N, K) or (N, K, d1, ...); labels (N) or (N, d1, ...), whole numbers of any dtype. The result is a
 * scalar, or has the labels' shape under {@link Reduction#NONE}. The mean divides by the number of elements that are not
 * ignored, not by their weights; it is 0 if all are ignored.
 *
 * @param gamma how strongly easy elements are played down, at least 0; 0 is cross entropy
 * @param alpha one factor per class, or empty for ones
 * @param ignoreIndex a label whose elements count for nothing, as those of -100 always do
 * @param reduction how elements become one value
 */
public record SoftmaxFocal(
        @Default("2") double gamma,
        @Default("[]") List<Double> alpha,
        @Default("-100") long ignoreIndex,
        @Default("mean") Reduction reduction)
        implements LossFunction {

    // clamped, because a power below one has no finite slope at 0
    private static final TorchScript SCRIPT = Elements.compile("""
            def focal(x: Tensor, y: Tensor, alpha: Optional[Tensor], gamma: float, ignore: int, reduction: int) -> Tensor:
              log_p = torch.log_softmax(x, 1)
              entropy = torch.nll_loss_nd(log_p, y, None, 0, ignore)
              weighted = torch.nll_loss_nd(log_p, y, alpha, 0, ignore)
              wrong = torch.neg(torch.expm1(torch.neg(entropy)))
              each = torch.mul(weighted, torch.pow(torch.clamp_min(wrong, 1e-37), gamma))
              if torch.eq(reduction, 1):
                loss = torch.div(torch.sum(each), torch.clamp_min(torch.sum(torch.ne(y, ignore)), 1))
              else:
                loss = self.reduce(each, reduction)
              return loss
            """);

    /** Checks the ranges. */
    public SoftmaxFocal {
        alpha = Elements.weights(alpha);
        if (!(gamma >= 0)) {
            throw new IllegalArgumentException("expected gamma of at least 0, got " + gamma);
        }
    }

    /** Gamma 2, no weights, the mean. */
    public SoftmaxFocal() {
        this(2, List.of(), -100, Reduction.MEAN);
    }

    @Override
    public NDArray apply(NDArray logits, NDArray labels) {
        return SCRIPT.call(
                "focal",
                logits,
                Elements.labels(labels, logits, ignoreIndex),
                Elements.weights(alpha, logits),
                gamma,
                ignoreIndex,
                reduction.code());
    }
}
