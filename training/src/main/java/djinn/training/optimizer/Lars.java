package djinn.training.optimizer;

import djinn.ops.Default;
import java.util.List;

/**
 * Layer-wise adaptive rates for large batches (You et al. 2017, algorithm 1).
 *
 * <p>{@code l = trustCoefficient |p| / (|g| + weightDecay |p|); b = momentum b + lr l (g + weightDecay p); p -= b},
 * norms over each parameter array; unlike in {@link Sgd} the rate is part of the buffer. The ratio l is 1 where it is
 * not defined or p is 0, and in groups exempt from decay, where the step is that of plain momentum.
 *
 * @param lr learning rate, at least 0
 * @param momentum share of the buffer kept, from 0 to below 1
 * @param weightDecay the L2 penalty's factor, part of the gradient, at least 0
 * @param trustCoefficient how far a layer may move in proportion to its norm, above 0
 */
public record Lars(
        double lr,
        @Default("0.9") double momentum,
        @Default("0") double weightDecay,
        @Default("1e-3") double trustCoefficient)
        implements OptimizerRule {

    private static final FusedStep STEP =
            new FusedStep(List.of("momentum_buffer"), "momentum: float, trust: float, adapts: bool", """
                updates = torch._foreach_add(gs, ps, alpha=weight_decay)
                if adapts:
                  sizes = self.norms(ps)
                  lengths = torch.add(self.norms(gs), sizes, alpha=weight_decay)
                  known = torch.logical_and(torch.gt(sizes, 0), torch.gt(lengths, 0))
                  ratios = torch.where(known, torch.mul(torch.div(sizes, lengths), trust), torch.ones_like(sizes))
                  torch._foreach_mul_(updates, self.each(ratios))
                torch._foreach_mul_(momentum_buffer, momentum)
                torch._foreach_add_(momentum_buffer, updates, alpha=lr)
                torch._foreach_sub_(ps, momentum_buffer)
                """);

    /** Checks the ranges. */
    public Lars {
        OptimizerRanges.atLeastZero("lr", lr);
        OptimizerRanges.share("momentum", momentum);
        OptimizerRanges.atLeastZero("weight_decay", weightDecay);
        if (!(trustCoefficient > 0 && Double.isFinite(trustCoefficient))) {
            throw new IllegalArgumentException("expected trust_coefficient above 0, got " + trustCoefficient);
        }
    }

    @Override
    public List<Slot> slots() {
        return List.of(Slot.zeros("momentum_buffer"));
    }

    @Override
    public void update(GroupArrays arrays, double stepLr, double decayFactor) {
        STEP.run(arrays, stepLr, weightDecay * decayFactor, momentum, trustCoefficient, decayFactor != 0);
    }
}
