package djinn.training.optimizer;

import djinn.ops.Default;
import java.util.List;

/**
 * Layer-wise adaptive moments for large batches (You et al. 2020, algorithm 2, with phi the identity).
 *
 * <p>With Adam's averages m and v: {@code u = m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + eps) + weightDecay p; p -=
 * lr |p| / |u| u}, norms over each parameter array. The ratio is 1 where a norm is 0, and, as in the authors' code, in
 * groups exempt from decay.
 *
 * @param lr learning rate, at least 0
 * @param betas what the averages of gradients and of their squares keep, from 0 to below 1
 * @param eps added to the root of the squares' average
 * @param weightDecay the share of the parameter that joins the update, at least 0
 */
public record Lamb(
        double lr,
        @Default("[0.9, 0.999]") List<Double> betas,
        @Default("1e-6") double eps,
        @Default("0.01") double weightDecay)
        implements OptimizerRule {

    private static final FusedStep STEP = new FusedStep(
            List.of("exp_avg", "exp_avg_sq", "step"),
            "beta1: float, beta2: float, eps: float, adapts: bool",
            FusedStep.MOMENTS + """
                roots = torch._foreach_sqrt(exp_avg_sq)
                torch._foreach_div_(roots, self.each(torch.sqrt(correction2)))
                torch._foreach_add_(roots, eps)
                updates = torch._foreach_div(exp_avg, self.each(correction1))
                torch._foreach_div_(updates, roots)
                if torch.ne(weight_decay, 0.):
                  torch._foreach_add_(updates, ps, alpha=weight_decay)
                if adapts:
                  sizes = self.norms(ps)
                  lengths = self.norms(updates)
                  known = torch.logical_and(torch.gt(sizes, 0), torch.gt(lengths, 0))
                  ratios = torch.where(known, torch.div(sizes, lengths), torch.ones_like(sizes))
                  torch._foreach_mul_(updates, self.each(ratios))
                torch._foreach_add_(ps, updates, alpha=torch.neg(lr))
                """);

    /** Checks the ranges. */
    public Lamb {
        betas = List.copyOf(betas);
        OptimizerRanges.adam(lr, betas, eps, weightDecay);
    }

    @Override
    public List<Slot> slots() {
        return List.of(Slot.zeros("exp_avg"), Slot.zeros("exp_avg_sq"), Slot.steps());
    }

    @Override
    public void update(GroupArrays arrays, double stepLr, double decayFactor) {
        STEP.run(arrays, stepLr, weightDecay * decayFactor, betas.get(0), betas.get(1), eps, decayFactor != 0);
    }
}
