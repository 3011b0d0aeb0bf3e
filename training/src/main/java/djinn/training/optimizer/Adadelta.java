package djinn.training.optimizer;

import djinn.ops.Default;
import java.util.List;

/**
 * Adadelta, as {@code torch.optim.Adadelta} (Zeiler 2012).
 *
 * <p>{@code g += weightDecay p; s = rho s + (1 - rho) g^2; u = g sqrt(d + eps) / sqrt(s + eps); d = rho d + (1 - rho)
 * u^2; p -= lr u}.
 *
 * @param lr scales the update, at least 0
 * @param rho share of the averages kept, from 0 to below 1
 * @param eps added to both averages under the root
 * @param weightDecay the L2 penalty's factor, part of the gradient, at least 0
 */
public record Adadelta(
        @Default("1") double lr,
        @Default("0.9") double rho,
        @Default("1e-6") double eps,
        @Default("0") double weightDecay)
        implements OptimizerRule {

    private static final FusedStep STEP =
            new FusedStep(List.of("square_avg", "acc_delta"), "rho: float, eps: float", FusedStep.L2 + """
                torch._foreach_mul_(square_avg, rho)
                torch._foreach_addcmul_(square_avg, gs, gs, torch.sub(1., rho))
                roots = torch._foreach_add(square_avg, eps)
                torch._foreach_sqrt_(roots)
                updates = torch._foreach_add(acc_delta, eps)
                torch._foreach_sqrt_(updates)
                torch._foreach_div_(updates, roots)
                torch._foreach_mul_(updates, gs)
                torch._foreach_mul_(acc_delta, rho)
                torch._foreach_addcmul_(acc_delta, updates, updates, torch.sub(1., rho))
                torch._foreach_add_(ps, updates, alpha=torch.neg(lr))
                """);

    /** Checks the ranges. */
    public Adadelta {
        OptimizerRanges.atLeastZero("lr", lr);
        OptimizerRanges.share("rho", rho);
        OptimizerRanges.atLeastZero("eps", eps);
        OptimizerRanges.atLeastZero("weight_decay", weightDecay);
    }

    @Override
    public List<Slot> slots() {
        return List.of(Slot.zeros("square_avg"), Slot.zeros("acc_delta"));
    }

    @Override
    public void update(GroupArrays arrays, double stepLr, double decayFactor) {
        STEP.run(arrays, stepLr, weightDecay * decayFactor, rho, eps);
    }
}
