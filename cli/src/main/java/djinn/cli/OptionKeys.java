package djinn.cli;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** Options that are keys of a recipe, and what an override is called by whoever typed it as one. */
final class OptionKeys {

    private static final String SET = "--set";

    /** Keys by the options that are the same; of those of a command alone, as it has them. */
    private static final Map<String, String> KEYS = Map.ofEntries(
            Map.entry("--epochs", "train.epochs"),
            Map.entry("--batch-size", "train.batch_size"),
            Map.entry("--batch", "train.batch_size"),
            Map.entry("--lr", "optimizer.lr"),
            Map.entry("--seed", "seed"),
            Map.entry("--max-time", "train.max_time"),
            Map.entry("--fast-dev-run", "train.fast_dev_run"),
            Map.entry("--device", "train.device"),
            Map.entry("--weights", "model.weights"),
            Map.entry("--reset-head", "model.reset_head"),
            Map.entry("--prefer", "model.prefer"));

    /** Options of a sweep whose values are a key and several values of it. */
    private static final List<String> SEVERAL = List.of("--grid", "--random");

    private OptionKeys() {}

    /** Returns an option as an override of the key that it is. */
    static String override(String option, Object value) {
        return KEYS.get(option) + "=" + value;
    }

    /** Returns the key that an option is. */
    static String key(String option) {
        return KEYS.get(option);
    }

    /**
     * Returns what was typed where an override came of it: {@code --epochs 0}, {@code --grid optimizer.lr=x} or {@code --set
     * train.epochs=0}.
     */
    static String typed(String override, CommandLine command) {
        String key = override.replaceFirst("=.*", "");
        List<OptionSpec> matched = Stream.iterate(command, CommandLine::getParent)
                .takeWhile(each -> each != null && each.getParseResult() != null)
                .flatMap(each -> each.getParseResult().matchedOptions().stream())
                .distinct()
                .toList();
        if (typed(matched, SET).anyMatch(override::equals)) {
            return SET + " " + override;
        }
        for (OptionSpec option : matched) {
            if (key.equals(KEYS.get(option.longestName())) && override.equals(key + "=" + text(option.getValue()))) {
                return option.longestName()
                        + (option.arity().max() == 0
                                ? ""
                                : " " + option.originalStringValues().get(0));
            }
        }
        return SEVERAL.stream()
                        .filter(option -> typed(matched, option).anyMatch(value -> value.startsWith(key + "=")))
                        .findFirst()
                        .orElse(SET)
                + " " + override;
    }

    private static Stream<String> typed(List<OptionSpec> matched, String name) {
        return matched.stream()
                .filter(option -> option.longestName().equals(name))
                .flatMap(option -> option.originalStringValues().stream());
    }

    private static String text(Object value) {
        return value instanceof Enum<?> constant ? constant.name().toLowerCase(Locale.ROOT) : String.valueOf(value);
    }
}
