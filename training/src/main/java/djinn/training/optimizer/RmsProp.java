package djinn.training.optimizer;

import djinn.ops.Default;
import java.util.ArrayList;
import java.util.List;

/**
 * RMSprop, as {@code torch.optim.RMSprop} (Tieleman and Hinton 2012, lecture 6.5; centred: Graves 2013).
 *
 * <p>{@code g += weightDecay p; s = alpha s + (1 - alpha) g^2; u = g / (sqrt(s) + eps)}, or centred {@code u = g /
 * (sqrt(s - a^2) + eps)} with the average of gradients {@code a = alpha a + (1 - alpha) g}; {@code p -= lr u}, or with
 * momentum {@code b = momentum b + u; p -= lr b}.
 *
 * @param lr learning rate, at least 0
 * @param alpha share of the averages kept, from 0 to below 1
 * @param eps added to the root
 * @param weightDecay the L2 penalty's factor, part of the gradient, at least 0
 * @param momentum share of the buffer kept, from 0 to below 1
 * @param centered whether the gradient's estimated variance divides, not its second moment
 */
public record RmsProp(
        @Default("0.01") double lr,
        @Default("0.99") double alpha,
        @Default("1e-8") double eps,
        @Default("0") double weightDecay,
        @Default("0") double momentum,
        @Default("false") boolean centered)
        implements OptimizerRule {

    private static final FusedStep STEP = new FusedStep(
            List.of("square_avg", "grad_avg", "momentum_buffer"),
            "alpha: float, eps: float, momentum: float, centered: bool",
            FusedStep.L2 + """
                torch._foreach_mul_(square_avg, alpha)
                torch._foreach_addcmul_(square_avg, gs, gs, torch.sub(1., alpha))
                if centered:
                  torch._foreach_lerp_(grad_avg, gs, torch.sub(1., alpha))
                  roots = torch._foreach_addcmul(square_avg, grad_avg, grad_avg, -1.)
                  # rounding may take the variance of a steady gradient below zero
                  torch._foreach_clamp_min_(roots, 0.)
                  torch._foreach_sqrt_(roots)
                else:
                  roots = torch._foreach_sqrt(square_avg)
                torch._foreach_add_(roots, eps)
                if torch.eq(momentum, 0.):
                  torch._foreach_addcdiv_(ps, gs, roots, torch.neg(lr))
                else:
                  torch._foreach_mul_(momentum_buffer, momentum)
                  torch._foreach_addcdiv_(momentum_buffer, gs, roots, 1.)
                  torch._foreach_add_(ps, momentum_buffer, alpha=torch.neg(lr))
                """);

    /** Checks the ranges. */
    public RmsProp {
        OptimizerRanges.atLeastZero("lr", lr);
        OptimizerRanges.share("alpha", alpha);
        OptimizerRanges.atLeastZero("eps", eps);
        OptimizerRanges.atLeastZero("weight_decay", weightDecay);
        OptimizerRanges.share("momentum", momentum);
    }

    @Override
    public List<Slot> slots() {
        List<Slot> slots = new ArrayList<>(List.of(Slot.zeros("square_avg")));
        if (centered) {
            slots.add(Slot.zeros("grad_avg"));
        }
        if (momentum != 0) {
            slots.add(Slot.zeros("momentum_buffer"));
        }
        return List.copyOf(slots);
    }

    @Override
    public void update(GroupArrays arrays, double stepLr, double decayFactor) {
        STEP.run(arrays, stepLr, weightDecay * decayFactor, alpha, eps, momentum, centered);
    }
}
