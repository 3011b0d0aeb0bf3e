package djinn.config;

import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * A recipe that cannot be used as it is written.
 *
 * <p>The message is one line, {@code FILE:LINE:COLUMN: KEY.PATH: what was expected, what came, the likely fix}; for a
 * value that came from an override, and where an override made what was good not fit, the position is {@code --set
 * KEY.PATH=VALUE}, and at the root there is no key path.
 */
public final class RecipeException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;
    private static final String SET = "--set ";

    private final String position;
    private final String path;
    private final String problem;

    /** Whether a key or value of the document is at fault, and not what a mapping is as a whole. */
    private final boolean written;

    /** Overrides that are at fault, each {@code KEY.PATH=VALUE}; empty if it is the file. */
    private final transient List<String> overrides;

    RecipeException(String position, String path, String problem) {
        this(position, path, problem, null);
    }

    RecipeException(String position, String path, String problem, Throwable cause) {
        this(position, path, problem, true, ofPosition(position), cause);
    }

    private RecipeException(
            String position, String path, String problem, boolean written, List<String> overrides, Throwable cause) {
        super(line(position, path, problem), cause);
        this.position = position;
        this.path = path;
        this.problem = problem;
        this.written = written;
        this.overrides = overrides;
    }

    /** What is wrong with a mapping as a whole: that something is missing, or that its values do not fit. */
    static RecipeException ofWhole(String position, String path, String problem, Throwable cause) {
        return new RecipeException(position, path, problem, false, ofPosition(position), cause);
    }

    private static List<String> ofPosition(String position) {
        return position.startsWith(SET) ? List.of(position.substring(SET.length())) : List.of();
    }

    private static String line(String position, String path, String problem) {
        return oneLine(position + ": " + (path.isEmpty() ? "" : path + ": ") + problem);
    }

    private static String oneLine(String text) {
        return text.strip().replaceAll("[\\p{Cntrl}\\u2028\\u2029]+\\s*", " ");
    }

    /** Returns the same, said of overrides without which the recipe is good. */
    RecipeException of(List<String> guilty) {
        return new RecipeException(
                named(guilty, override -> SET + override),
                path,
                written ? problem + " (" + position + ")" : problem,
                true,
                List.copyOf(guilty),
                this);
    }

    private static String named(List<String> overrides, UnaryOperator<String> naming) {
        return overrides.stream().map(naming).collect(Collectors.joining(" "));
    }

    /** Returns whether this is the same problem as another, wherever it comes from. */
    boolean isAlike(RecipeException other) {
        return path.equals(other.path) && problem.equals(other.problem);
    }

    /** Returns whether a file is at fault, and no override. */
    boolean isOfFile() {
        return overrides.isEmpty();
    }

    /**
     * Returns the message in which overrides are called what their user called them.
     *
     * @param naming turns {@code KEY.PATH=VALUE} into what was typed, such as {@code --epochs 0}
     */
    public String message(UnaryOperator<String> naming) {
        return overrides.isEmpty() ? getMessage() : line(named(overrides, naming), path, problem);
    }
}
