package djinn.training.optimizer;

import djinn.ops.Default;
import java.util.List;

/**
 * Adam with Nesterov momentum, as {@code torch.optim.NAdam} (Dozat 2016).
 *
 * <p>With Adam's averages m and v, {@code mu(t) = beta1 (1 - 0.96^(t momentumDecay) / 2)} and the product M of mu(1) to
 * mu(t): {@code p -= lr ((1 - mu(t)) / (1 - M) g + mu(t+1) / (1 - M mu(t+1)) m) / (sqrt(v / (1 - beta2^t)) + eps)}.
 *
 * @param lr learning rate, at least 0
 * @param betas what the averages of gradients and of their squares keep, from 0 to below 1
 * @param eps added to the root of the squares' average
 * @param weightDecay the L2 penalty's factor, or the share taken off times the learning rate, at least 0
 * @param momentumDecay how fast the momentum rises to its final value, at least 0
 * @param decoupledWeightDecay whether the decay is taken off the parameter, as in {@link AdamW}
 */
public record NAdam(
        @Default("2e-3") double lr,
        @Default("[0.9, 0.999]") List<Double> betas,
        @Default("1e-8") double eps,
        @Default("0") double weightDecay,
        @Default("4e-3") double momentumDecay,
        @Default("false") boolean decoupledWeightDecay)
        implements OptimizerRule {

    private static final FusedStep STEP = new FusedStep(
            List.of("exp_avg", "exp_avg_sq", "mu_product", "step"),
            "beta1: float, beta2: float, eps: float, momentum_decay: float, decoupled: bool",
            FusedStep.DECAY + FusedStep.MOMENTS + """
                powers = torch.pow(0.96, torch.mul(t, momentum_decay))
                mu = torch.mul(torch.rsub(torch.mul(powers, 0.5), 1), beta1)
                later = torch.mul(powers, torch.pow(0.96, momentum_decay))
                next_mu = torch.mul(torch.rsub(torch.mul(later, 0.5), 1), beta1)
                torch._foreach_mul_(mu_product, self.each(mu))
                product = self.vector(mu_product)
                now = torch.mul(torch.div(torch.rsub(mu, 1), torch.rsub(product, 1)), lr)
                ahead = torch.mul(torch.div(next_mu, torch.rsub(torch.mul(product, next_mu), 1)), lr)
                updates = torch._foreach_mul(gs, self.each(now))
                torch._foreach_add_(updates, torch._foreach_mul(exp_avg, self.each(ahead)))
                roots = torch._foreach_sqrt(exp_avg_sq)
                torch._foreach_div_(roots, self.each(torch.sqrt(correction2)))
                torch._foreach_add_(roots, eps)
                torch._foreach_div_(updates, roots)
                torch._foreach_sub_(ps, updates)
                """);

    /** Checks the ranges. */
    public NAdam {
        betas = List.copyOf(betas);
        OptimizerRanges.adam(lr, betas, eps, weightDecay);
        OptimizerRanges.atLeastZero("momentum_decay", momentumDecay);
    }

    @Override
    public List<Slot> slots() {
        return List.of(Slot.zeros("exp_avg"), Slot.zeros("exp_avg_sq"), new Slot("mu_product", true, 1), Slot.steps());
    }

    @Override
    public void update(GroupArrays arrays, double stepLr, double decayFactor) {
        STEP.run(
                arrays,
                stepLr,
                weightDecay * decayFactor,
                betas.get(0),
                betas.get(1),
                eps,
                momentumDecay,
                decoupledWeightDecay);
    }
}
