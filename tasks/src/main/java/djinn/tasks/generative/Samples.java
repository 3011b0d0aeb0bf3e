package djinn.tasks.generative;

import djinn.inference.Sampling;
import djinn.ops.Default;

/**
 * The pictures drawn after each epoch, all of the same random numbers.
 *
 * @param rows of a sheet
 * @param columns of a sheet
 * @param seed decides the numbers
 */
public record Samples(
        @Default("8") int rows,
        @Default("8") int columns,
        @Default("0") long seed) {

    /** Checks that there are some. */
    public Samples {
        if (rows < 1 || columns < 1) {
            throw new IllegalArgumentException(
                    "expected rows and columns of at least 1, got " + rows + " and " + columns);
        }
    }

    /** Returns which images are on a sheet. */
    public Sampling sampling() {
        return Sampling.of(rows * columns, seed);
    }
}
