package djinn.training.optimizer;

import djinn.ops.Default;
import java.util.List;

/**
 * Adam with decoupled weight decay, as {@code torch.optim.AdamW} (Loshchilov and Hutter 2019).
 *
 * @param lr learning rate, at least 0
 * @param betas what the averages of gradients and of their squares keep, from 0 to below 1
 * @param eps added to the root of the squares' average
 * @param weightDecay the share of the parameter taken off, times the learning rate, at least 0
 * @param amsgrad whether the largest average of squares so far divides (Reddi et al. 2018)
 */
public record AdamW(
        double lr,
        @Default("[0.9, 0.999]") List<Double> betas,
        @Default("1e-8") double eps,
        @Default("0.01") double weightDecay,
        @Default("false") boolean amsgrad)
        implements OptimizerRule {

    /** Checks the ranges. */
    public AdamW {
        betas = List.copyOf(betas);
        OptimizerRanges.adam(lr, betas, eps, weightDecay);
    }

    @Override
    public List<Slot> slots() {
        return AdamStep.slots(amsgrad);
    }

    @Override
    public void update(GroupArrays arrays, double stepLr, double decayFactor) {
        AdamStep.ADAMW.run(arrays, stepLr, weightDecay * decayFactor, betas.get(0), betas.get(1), eps, amsgrad);
    }
}
