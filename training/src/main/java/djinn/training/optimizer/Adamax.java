package djinn.training.optimizer;

import djinn.ops.Default;
import java.util.List;

/**
 * Adamax, Adam under the infinity norm, as {@code torch.optim.Adamax} (Kingma and Ba 2015, algorithm 2).
 *
 * <p>{@code g += weightDecay p; m = beta1 m + (1 - beta1) g; u = max(beta2 u, |g| + eps); p -= lr / (1 - beta1^t) m /
 * u}.
 *
 * @param lr learning rate, at least 0
 * @param betas what the average of gradients and the norm keep, from 0 to below 1
 * @param eps added to the gradient's size
 * @param weightDecay the L2 penalty's factor, part of the gradient, at least 0
 */
public record Adamax(
        @Default("2e-3") double lr,
        @Default("[0.9, 0.999]") List<Double> betas,
        @Default("1e-8") double eps,
        @Default("0") double weightDecay)
        implements OptimizerRule {

    private static final FusedStep STEP = new FusedStep(
            List.of("exp_avg", "exp_inf", "step"), "beta1: float, beta2: float, eps: float", FusedStep.L2 + """
                torch._foreach_add_(step, 1)
                t = self.vector(step)
                torch._foreach_lerp_(exp_avg, gs, torch.sub(1., beta1))
                sizes = torch._foreach_abs(gs)
                torch._foreach_add_(sizes, eps)
                torch._foreach_mul_(exp_inf, beta2)
                torch._foreach_maximum_(exp_inf, sizes)
                updates = torch._foreach_div(exp_avg, exp_inf)
                rates = torch.mul(torch.reciprocal(torch.rsub(torch.pow(beta1, t), 1)), lr)
                torch._foreach_mul_(updates, self.each(rates))
                torch._foreach_sub_(ps, updates)
                """);

    /** Checks the ranges. */
    public Adamax {
        betas = List.copyOf(betas);
        OptimizerRanges.adam(lr, betas, eps, weightDecay);
    }

    @Override
    public List<Slot> slots() {
        return List.of(Slot.zeros("exp_avg"), Slot.zeros("exp_inf"), Slot.steps());
    }

    @Override
    public void update(GroupArrays arrays, double stepLr, double decayFactor) {
        STEP.run(arrays, stepLr, weightDecay * decayFactor, betas.get(0), betas.get(1), eps);
    }
}
