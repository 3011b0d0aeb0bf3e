package djinn.training.optimizer;

import djinn.ops.Default;
import java.util.List;

/**
 * Adagrad, as {@code torch.optim.Adagrad} (Duchi et al. 2011).
 *
 * <p>{@code g += weightDecay p; s += g^2; p -= lr / (1 + (t - 1) lrDecay) g / (sqrt(s) + eps)} at a parameter's step t.
 *
 * @param lr learning rate, at least 0
 * @param lrDecay how fast the rate falls with a parameter's steps, at least 0
 * @param weightDecay the L2 penalty's factor, part of the gradient, at least 0
 * @param initialAccumulatorValue what the sum of squares begins with, at least 0
 * @param eps added to the root
 */
public record Adagrad(
        @Default("0.01") double lr,
        @Default("0") double lrDecay,
        @Default("0") double weightDecay,
        @Default("0") double initialAccumulatorValue,
        @Default("1e-10") double eps)
        implements OptimizerRule {

    private static final FusedStep STEP =
            new FusedStep(List.of("sum", "step"), "lr_decay: float, eps: float", FusedStep.L2 + """
                t = self.vector(step)
                torch._foreach_add_(step, 1)
                torch._foreach_addcmul_(sum, gs, gs, 1.)
                roots = torch._foreach_sqrt(sum)
                torch._foreach_add_(roots, eps)
                updates = torch._foreach_div(gs, roots)
                rates = torch.mul(torch.reciprocal(torch.add(torch.mul(t, lr_decay), 1)), lr)
                torch._foreach_mul_(updates, self.each(rates))
                torch._foreach_sub_(ps, updates)
                """);

    /** Checks the ranges. */
    public Adagrad {
        OptimizerRanges.atLeastZero("lr", lr);
        OptimizerRanges.atLeastZero("lr_decay", lrDecay);
        OptimizerRanges.atLeastZero("weight_decay", weightDecay);
        OptimizerRanges.atLeastZero("initial_accumulator_value", initialAccumulatorValue);
        OptimizerRanges.atLeastZero("eps", eps);
    }

    @Override
    public List<Slot> slots() {
        return List.of(new Slot("sum", false, initialAccumulatorValue), Slot.steps());
    }

    @Override
    public void update(GroupArrays arrays, double stepLr, double decayFactor) {
        STEP.run(arrays, stepLr, weightDecay * decayFactor, lrDecay, eps);
    }
}
