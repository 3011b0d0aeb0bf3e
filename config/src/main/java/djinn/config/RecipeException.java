package djinn.config;

/**
 * A recipe that cannot be used as it is written.
 *
 * <p>The message is one line, {@code FILE:LINE:COLUMN: KEY.PATH: what was expected, what came, the likely fix}; for a
 * value that came from an override the position is {@code --set KEY.PATH=VALUE}, and at the root there is no key path.
 */
public final class RecipeException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    RecipeException(String position, String path, String problem) {
        this(position, path, problem, null);
    }

    RecipeException(String position, String path, String problem, Throwable cause) {
        super(oneLine(position + ": " + (path.isEmpty() ? "" : path + ": ") + problem), cause);
    }

    private static String oneLine(String text) {
        return text.strip().replaceAll("[\\p{Cntrl}\\u2028\\u2029]+\\s*", " ");
    }
}
