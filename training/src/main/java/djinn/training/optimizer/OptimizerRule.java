package djinn.training.optimizer;

import java.util.List;

/**
 * An optimizer's settings and its update: what a recipe's {@code optimizer} names.
 *
 * <p>A rule keeps no state; {@link Optimizer} holds that, by slot and parameter name.
 */
public sealed interface OptimizerRule
        permits Sgd, Adam, AdamW, RmsProp, Adagrad, Adadelta, Adamax, NAdam, RAdam, Lamb, Lars {

    /** Returns the learning rate the schedule starts from. */
    double lr();

    /** Returns the weight decay of parameters whose group does not change it. */
    double weightDecay();

    /** Returns what is kept for each parameter. */
    List<Slot> slots();

    /**
     * Updates all parameters that have a gradient, in one call of the engine.
     *
     * @param arrays those of a group
     * @param lr the learning rate of this step and group
     * @param decayFactor what {@link #weightDecay()} is multiplied by in this group
     */
    void update(GroupArrays arrays, double lr, double decayFactor);
}
