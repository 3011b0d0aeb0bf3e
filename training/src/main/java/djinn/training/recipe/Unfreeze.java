package djinn.training.recipe;

import java.util.List;

/**
 * What begins to be trained in the middle of a run.
 *
 * @param epoch the first epoch in which it is trained, counted from 1; at least 2
 * @param patterns of names that {@code train.freeze} freezes, such as {@code features.*}
 */
public record Unfreeze(int epoch, List<String> patterns) {

    /** Checks the ranges. */
    public Unfreeze {
        patterns = List.copyOf(patterns);
        if (epoch < 2) {
            throw new IllegalArgumentException("expected epoch of at least 2, got " + epoch
                    + "; what is trained from the first epoch on is not to be in train.freeze");
        }
        if (patterns.isEmpty()) {
            throw new IllegalArgumentException("expected patterns of names, got none");
        }
    }
}
