package djinn.losses;

import ai.djl.ndarray.NDArray;
import djinn.ops.Default;
import djinn.ops.Scalars;
import java.util.List;

/**
 * Focal loss (Lin et al. 2017), {@code -alpha (1 - p_t)^gamma log p_t}, in whichever form the target asks for.
 *
 * <p>A target of the logits' shape holds yes or no for each element: {@link SigmoidFocal}, with alpha for yes and 1 -
 * alpha for no. Labels (N) or (N, d1, ...) name one class of K on axis 1: {@link SoftmaxFocal}, with alpha for every
 * class.
 *
 * @param gamma how strongly easy elements are played down, at least 0; 0 is cross entropy
 * @param alpha the factor, 0 to 1; below 0 for none
 * @param reduction how elements become one value
 */
public record Focal(
        @Default("2") double gamma,
        @Default("0.25") double alpha,
        @Default("mean") Reduction reduction) implements LossFunction {

    /** Checks the ranges. */
    public Focal {
        new SigmoidFocal(alpha, gamma, reduction);
    }

    /** The paper's choice: gamma 2, alpha 0.25, the mean. */
    public Focal() {
        this(2, .25, Reduction.MEAN);
    }

    @Override
    public NDArray apply(NDArray input, NDArray target) {
        if (input.getShape().equals(target.getShape())) {
            return new SigmoidFocal(alpha, gamma, reduction).apply(input, target);
        }
        NDArray loss = new SoftmaxFocal(gamma, List.of(), -100, reduction).apply(input, target);
        return alpha < 0 ? loss : Scalars.mul(loss, alpha);
    }
}
