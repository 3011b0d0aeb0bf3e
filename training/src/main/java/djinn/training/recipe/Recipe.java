package djinn.training.recipe;

import djinn.training.Goal;
import djinn.training.Task;
import djinn.training.optimizer.OptimizerRule;
import djinn.training.schedule.Schedule;
import java.util.Optional;

/**
 * Everything that decides a training run: what every task's recipe has. A task's own is a record, whose YAML form has the
 * components as snake_case keys.
 */
public interface Recipe {

    /** Returns what is trained, as {@code task} names it. */
    String task();

    /** Returns what decides weights, order, augmentation and dropout. */
    long seed();

    /** Returns how gradients become steps. */
    OptimizerRule optimizer();

    /** Returns how the learning rate moves. */
    Schedule schedule();

    /** Returns how long, and in what steps. */
    Train train();

    /**
     * Makes the task that the recipe describes.
     *
     * @throws djinn.ops.DataException if its data is missing or does not fit the model
     * @throws IllegalArgumentException if what it names does not exist or go together
     */
    Task<?> newTask();

    /** Returns which validation figure tells the best weights. */
    Goal goal();

    /** Returns what the network is called, for messages. */
    String modelName();

    /**
     * Checks that what it names exists, without reading data.
     *
     * @throws IllegalArgumentException if something does not; the message has the nearest
     */
    default void requireNames() {}

    /** Returns the weights that a new run starts from: a file, or {@code djinn:NAME}; empty if there are none. */
    default Optional<String> startingWeights() {
        return Optional.empty();
    }
}
