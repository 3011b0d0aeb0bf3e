package djinn.training.optimizer;

import djinn.ops.Default;
import java.util.List;

/**
 * Rectified Adam, as {@code torch.optim.RAdam} (Liu et al. 2020).
 *
 * <p>With Adam's averages m and v, {@code R = 2 / (1 - beta2) - 1} and {@code r = R - 2 t beta2^t / (1 - beta2^t)}: as
 * long as r is at most 5, {@code p -= lr m / (1 - beta1^t)}; then that is multiplied by {@code sqrt((r - 4) (r - 2) R /
 * ((R - 4) (R - 2) r)) sqrt(1 - beta2^t) / (sqrt(v) + eps)}.
 *
 * @param lr learning rate, at least 0
 * @param betas what the averages of gradients and of their squares keep, from 0 to below 1
 * @param eps added to the root of the squares' average
 * @param weightDecay the L2 penalty's factor, or the share taken off times the learning rate, at least 0
 * @param decoupledWeightDecay whether the decay is taken off the parameter, as in {@link AdamW}
 */
public record RAdam(
        @Default("1e-3") double lr,
        @Default("[0.9, 0.999]") List<Double> betas,
        @Default("1e-8") double eps,
        @Default("0") double weightDecay,
        @Default("false") boolean decoupledWeightDecay)
        implements OptimizerRule {

    private static final FusedStep STEP = new FusedStep(
            List.of("exp_avg", "exp_avg_sq", "step"),
            "beta1: float, beta2: float, eps: float, decoupled: bool",
            FusedStep.DECAY + FusedStep.MOMENTS + """
                limit = torch.sub(torch.div(2., torch.sub(1., beta2)), 1.)
                length = torch.rsub(torch.div(torch.mul(torch.mul(t, torch.pow(beta2, t)), 2), correction2), limit)
                above = torch.div(torch.mul(torch.sub(length, 4), torch.sub(length, 2)), length)
                below = torch.div(torch.mul(torch.sub(limit, 4.), torch.sub(limit, 2.)), limit)
                rectified = torch.sqrt(torch.mul(torch.div(above, below), correction2))
                steady = torch.gt(length, 5)
                nothing = torch.zeros_like(length)
                rates = torch.mul(torch.reciprocal(correction1), lr)
                updates = torch._foreach_sqrt(exp_avg_sq)
                torch._foreach_add_(updates, eps)
                torch._foreach_reciprocal_(updates)
                torch._foreach_mul_(updates, self.each(torch.where(steady, torch.mul(rates, rectified), nothing)))
                torch._foreach_add_(updates, self.each(torch.where(steady, nothing, rates)))
                torch._foreach_mul_(updates, exp_avg)
                torch._foreach_sub_(ps, updates)
                """);

    /** Checks the ranges. */
    public RAdam {
        betas = List.copyOf(betas);
        OptimizerRanges.adam(lr, betas, eps, weightDecay);
    }

    @Override
    public List<Slot> slots() {
        return List.of(Slot.zeros("exp_avg"), Slot.zeros("exp_avg_sq"), Slot.steps());
    }

    @Override
    public void update(GroupArrays arrays, double stepLr, double decayFactor) {
        STEP.run(arrays, stepLr, weightDecay * decayFactor, betas.get(0), betas.get(1), eps, decoupledWeightDecay);
    }
}
