package djinn.tasks.generative;

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

    private static final int MOST = 10_000;

    /** Checks that there are some, and not too many. */
    public Samples {
        if (rows < 1 || columns < 1) {
            throw new IllegalArgumentException(
                    "expected rows and columns of at least 1, got " + rows + " and " + columns);
        } else if ((long) rows * columns > MOST) {
            throw new IllegalArgumentException("expected rows and columns of at most " + MOST + " images, got " + rows
                    + " and " + columns + "; djinn generate makes more, after the training");
        }
    }

    /** Returns how many images are on a sheet. */
    public int count() {
        return rows * columns;
    }
}
