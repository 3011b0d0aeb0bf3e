package djinn.losses;

import ai.djl.ndarray.NDArray;
import djinn.ops.Default;
import djinn.ops.TorchScript;
import java.util.List;

/**
 * The mean over the hardest elements of a batch, those of the largest loss (online hard example mining, Shrivastava et
 * al. 2016); the others get no gradient.
 *
 * <p>Shapes: what the loss takes; the result is a scalar. Elements a loss ignores count as easy ones of loss 0.
 *
 * @param loss a loss with one value per element, that is of {@link Reduction#NONE}
 * @param keep the fraction of the elements that is kept, above 0 up to 1; their number is rounded, and at least one
 */
public record OnlineHardExamples(
        @Default("{name: cross_entropy, reduction: none}") LossFunction loss,
        @Default("0.25") double keep) implements LossFunction {

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def hardest(x: Tensor, keep: int) -> Tensor:
              values, indices = torch.topk(torch.flatten(x), keep, -1, True, False)
              return torch.mean(values)
            """);

    /** Checks the range. */
    public OnlineHardExamples {
        if (!(keep > 0 && keep <= 1)) {
            throw new IllegalArgumentException("expected a fraction to keep above 0 up to 1, got " + keep);
        }
    }

    /** The hardest quarter by cross entropy. */
    public OnlineHardExamples() {
        this(new CrossEntropy(List.of(), 0, -100, Reduction.NONE), 0.25);
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalArgumentException if the loss answers a scalar or nothing
     */
    @Override
    public NDArray apply(NDArray input, NDArray target) {
        NDArray elements = loss.apply(input, target);
        if (elements.getShape().isScalar() || elements.size() == 0) {
            throw new IllegalArgumentException("expected one loss per element to choose the hardest from, got shape "
                    + elements.getShape() + " of " + loss + " for input " + input.getShape() + " and target "
                    + target.getShape() + "; give it the reduction none");
        }
        long known = elements.size();
        if (target.getDataType().isInteger() && target.getShape().equals(elements.getShape())) {
            known = target.neq(Elements.UNKNOWN).sum().getLong();
        }
        return SCRIPT.call("hardest", elements, Math.max(1, Math.round(keep * known)));
    }
}
