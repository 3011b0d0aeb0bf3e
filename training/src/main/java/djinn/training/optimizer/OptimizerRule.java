package djinn.training.optimizer;

import ai.djl.ndarray.NDList;
import java.util.List;

/**
 * An optimizer's settings and its update: what a recipe's {@code optimizer} names.
 *
 * <p>A rule keeps no state; {@link Optimizer} holds that, by parameter name.
 */
public sealed interface OptimizerRule permits Sgd, Adam, AdamW {

    /** Returns the learning rate the schedule starts from. */
    double lr();

    /** Returns the names of the arrays kept for each parameter, each in the parameter's shape. */
    List<String> slots();

    /** Returns whether the number of steps of each parameter is kept too. */
    boolean countsSteps();

    /**
     * Updates all parameters that have a gradient, in one call of the engine.
     *
     * @param parameters the parameters
     * @param slots for each name of {@link #slots()}, the arrays of all parameters
     * @param steps the number of steps of each parameter so far, float32 scalars; empty unless counted
     * @param lr the learning rate of this step
     */
    void update(NDList parameters, List<NDList> slots, NDList steps, double lr);
}
