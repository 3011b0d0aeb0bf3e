package djinn.zoo.weights;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import djinn.ops.DataException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How another library names the arrays of a model: rules that turn its keys into the model's own.
 *
 * <p>Every key runs through all rules in order; each rule sees what those before it made of the key, and acts where its
 * pattern is found.
 *
 * @param style whose names these are, such as {@code timm}
 * @param rules in the order they are tried
 */
public record KeyMap(String style, List<Rule> rules) {

    /** Checks that the style has a name and at least one rule. */
    public KeyMap {
        rules = List.copyOf(rules);
        if (style.isBlank() || rules.isEmpty()) {
            throw new IllegalArgumentException(
                    "expected a style's name and at least one rule, got '" + style + "' and " + rules.size());
        }
    }

    /** What is done to a key, or to its array. */
    public sealed interface Rule permits Rename, Drop, Shift, Transpose {

        /** Returns where the rule applies. */
        Pattern pattern();
    }

    /**
     * Replaces what the pattern finds.
     *
     * @param pattern a part of a key
     * @param replacement what comes in its place; {@code $1} stands for the first group
     * @param reshape whether the array takes the shape of the model's, which holds as many values in the same order
     */
    public record Rename(Pattern pattern, String replacement, boolean reshape) implements Rule {}

    /**
     * Leaves out keys that carry nothing the model needs.
     *
     * @param pattern a part of a key
     */
    public record Drop(Pattern pattern) implements Rule {}

    /**
     * Adds to an array's values: a running variance takes in by how much the other library's eps is larger, so that the
     * batch norm computes the same in evaluation.
     *
     * @param pattern a part of a key
     * @param amount what is added
     */
    public record Shift(Pattern pattern, double amount) implements Rule {}

    /**
     * Swaps the two axes of an array: the other library multiplies by its weight from the other side.
     *
     * @param pattern a part of a key
     */
    public record Transpose(Pattern pattern) implements Rule {}

    /** Where a key goes. */
    private record Landing(String name, boolean reshape, boolean transpose, double shift) {}

    /** Returns a rule that replaces what a regular expression finds. */
    public static Rule rename(String regex, String replacement) {
        return new Rename(Pattern.compile(regex), replacement, false);
    }

    /** Returns a rule that renames, and gives the array the shape the model has under the new name. */
    public static Rule reshape(String regex, String replacement) {
        return new Rename(Pattern.compile(regex), replacement, true);
    }

    /** Returns a rule that leaves out the keys a regular expression is found in. */
    public static Rule drop(String regex) {
        return new Drop(Pattern.compile(regex));
    }

    /** Returns a rule that adds to the arrays of the keys a regular expression is found in. */
    public static Rule shift(String regex, double amount) {
        return new Shift(Pattern.compile(regex), amount);
    }

    /** Returns a rule that swaps the two axes of the arrays of the keys a regular expression is found in. */
    public static Rule transpose(String regex) {
        return new Transpose(Pattern.compile(regex));
    }

    /**
     * Gives arrays the names of a model, if they are the model's or those of a style. Where a style transposes and has the
     * model's own names, shapes tell which of the two it is.
     *
     * @param slack how exactly they must be
     * @return the state itself if its names are the model's; empty if they are those of no style
     */
    static Optional<Map<String, NDArray>> match(
            Map<String, NDArray> state, StateLayout layout, List<KeyMap> maps, StateLayout.Slack slack) {
        boolean own = layout.fits(state.keySet(), slack);
        if (own && layout.hasShapes(state)) {
            return Optional.of(state);
        }
        for (KeyMap map : maps) {
            if (own && map.rules.stream().noneMatch(Transpose.class::isInstance)) {
                continue;
            }
            List<String> names = state.keySet().stream()
                    .map(map::landing)
                    .flatMap(Optional::stream)
                    .map(Landing::name)
                    .toList();
            if (layout.fits(names, slack)) {
                Map<String, NDArray> mapped = map.apply(state, layout.shapes());
                if (!own || layout.hasShapes(mapped)) {
                    return Optional.of(mapped);
                }
            }
        }
        if (own) {
            return Optional.of(state);
        }
        return Optional.empty();
    }

    /**
     * Applies the rules to every key.
     *
     * @param state the arrays by name; stay the caller's
     * @param model for the shapes; an array of another number of values than the model's keeps its own
     * @return the arrays by their new names, in the state's order; those reshaped, transposed or shifted are new arrays of the same
     *     manager
     * @throws DataException if two keys land on one name
     */
    public Map<String, NDArray> apply(Map<String, NDArray> state, Block model) {
        return apply(state, StateLayout.of(model).shapes());
    }

    private Map<String, NDArray> apply(Map<String, NDArray> state, Map<String, Shape> own) {
        Map<String, NDArray> mapped = new LinkedHashMap<>();
        Map<String, String> origins = new HashMap<>();
        state.forEach((key, array) -> landing(key).ifPresent(landing -> {
            String other = origins.put(landing.name, key);
            if (other != null) {
                throw new DataException(
                        "expected one key for each name, but as " + style + " names them, '" + other + "' and '" + key
                                + "' are both '" + landing.name + "'; are these the weights of another model?");
            }
            mapped.put(landing.name, changed(array, landing, own.get(landing.name)));
        }));
        return mapped;
    }

    private static NDArray changed(NDArray array, Landing landing, Shape target) {
        NDArray changed = array;
        if (landing.reshape && target != null && target.size() == array.size()) {
            changed = changed.reshape(target);
        }
        if (landing.transpose) {
            changed = changed.transpose();
        }
        return landing.shift == 0 ? changed : changed.add(landing.shift);
    }

    /** Returns where a key goes; empty if it is dropped. */
    private Optional<Landing> landing(String key) {
        String name = key;
        boolean reshape = false;
        boolean transpose = false;
        double shift = 0;
        for (Rule rule : rules) {
            Matcher found = rule.pattern().matcher(name);
            if (!found.find()) {
                continue;
            }
            if (rule instanceof Rename rename) {
                name = found.replaceAll(rename.replacement);
                reshape |= rename.reshape;
            } else if (rule instanceof Shift added) {
                shift += added.amount;
            } else if (rule instanceof Transpose) {
                transpose = true;
            } else {
                return Optional.empty();
            }
        }
        return Optional.of(new Landing(name, reshape, transpose, shift));
    }
}
