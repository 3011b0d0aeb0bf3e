package djinn.tasks.imagetranslation;

import djinn.ops.Default;

/**
 * The sheet drawn after each epoch.
 *
 * @param rows how many at most
 */
public record TranslationSheet(@Default("8") int rows) {

    /** Checks that there are some. */
    public TranslationSheet {
        if (rows < 1) {
            throw new IllegalArgumentException("expected rows of at least 1, got " + rows);
        }
    }
}
