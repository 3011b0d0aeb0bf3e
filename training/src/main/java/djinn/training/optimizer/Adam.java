package djinn.training.optimizer;

import djinn.ops.Default;
import java.util.List;

/**
 * Adam with an L2 penalty, as {@code torch.optim.Adam} (Kingma and Ba 2015).
 *
 * @param lr learning rate, at least 0
 * @param betas what the averages of gradients and of their squares keep, from 0 to below 1
 * @param eps added to the root of the squares' average
 * @param weightDecay the L2 penalty's factor, part of the gradient, at least 0
 * @param amsgrad whether the largest average of squares so far divides (Reddi et al. 2018)
 */
public record Adam(
        double lr,
        @Default("[0.9, 0.999]") List<Double> betas,
        @Default("1e-8") double eps,
        @Default("0") double weightDecay,
        @Default("false") boolean amsgrad)
        implements OptimizerRule {

    /** Checks the ranges. */
    public Adam {
        betas = List.copyOf(betas);
        OptimizerRanges.adam(lr, betas, eps, weightDecay);
    }

    @Override
    public List<Slot> slots() {
        return AdamStep.slots(amsgrad);
    }

    @Override
    public void update(GroupArrays arrays, double stepLr, double decayFactor) {
        AdamStep.ADAM.run(arrays, stepLr, weightDecay * decayFactor, betas.get(0), betas.get(1), eps, amsgrad);
    }
}
