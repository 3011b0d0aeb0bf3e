package djinn.training.recipe;

import java.util.Optional;

/**
 * Which weights are kept in the folder {@code top} of a run, beside the best.
 *
 * @param top how many, at least 1
 * @param figure the validation figure by which; that of the task's goal if left out
 * @param mode whether less of it is better or more; as the goal has it if left out, and must be given for another figure
 */
public record Keep(int top, Optional<String> figure, Optional<Mode> mode) {

    /** What is better. */
    public enum Mode {
        /** Less. */
        MIN,
        /** More. */
        MAX
    }

    /** Checks the number. */
    public Keep {
        if (top < 1) {
            throw new IllegalArgumentException("expected top of at least 1, got " + top);
        }
    }
}
