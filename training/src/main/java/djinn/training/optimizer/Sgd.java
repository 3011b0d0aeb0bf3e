package djinn.training.optimizer;

import djinn.ops.Default;
import java.util.List;

/**
 * Stochastic gradient descent, as {@code torch.optim.SGD} without dampening (Sutskever et al. 2013).
 *
 * <p>{@code g += weightDecay p; b = momentum b + g; p -= lr (nesterov ? g + momentum b : b)}. The learning rate is not
 * part of the buffer b, so that a schedule acts at once.
 *
 * @param lr learning rate, at least 0
 * @param momentum share of the buffer kept, from 0 to below 1
 * @param nesterov whether to look ahead along the buffer; needs momentum
 * @param weightDecay the L2 penalty's factor, at least 0
 */
public record Sgd(
        double lr,
        @Default("0") double momentum,
        @Default("false") boolean nesterov,
        @Default("0") double weightDecay) implements OptimizerRule {

    private static final FusedStep STEP =
            new FusedStep(List.of("momentum_buffer"), "momentum: float, nesterov: bool", """
                torch._fused_sgd_(ps, gs, momentum_buffer, weight_decay=weight_decay, momentum=momentum, lr=lr, dampening=0., nesterov=nesterov, maximize=False, is_first_step=False, grad_scale=None, found_inf=None)
                """);

    /** Checks the ranges. */
    public Sgd {
        OptimizerRanges.atLeastZero("lr", lr);
        OptimizerRanges.share("momentum", momentum);
        OptimizerRanges.atLeastZero("weight_decay", weightDecay);
        if (nesterov && momentum == 0) {
            throw new IllegalArgumentException("expected momentum above 0 with nesterov, got 0");
        }
    }

    @Override
    public List<Slot> slots() {
        return momentum == 0 ? List.of() : List.of(Slot.zeros("momentum_buffer"));
    }

    @Override
    public void update(GroupArrays arrays, double stepLr, double decayFactor) {
        STEP.run(arrays, stepLr, weightDecay * decayFactor, momentum, nesterov);
    }
}
