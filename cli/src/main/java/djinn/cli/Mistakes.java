package djinn.cli;

import djinn.ops.Nearest;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.MutuallyExclusiveArgsException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.TypeConversionException;
import picocli.CommandLine.UnmatchedArgumentException;

/** What mistakes on the command line are called. */
final class Mistakes {

    /** What Java puts in the place of bytes that it cannot read. */
    private static final char REPLACEMENT = '\ufffd';

    private Mistakes() {}

    /** Returns one line for a command line that does not fit its command. */
    static String message(ParameterException e) {
        CommandSpec command = e.getCommandLine().getCommandSpec();
        // what is not known explains why something else is missing
        List<String> unmatched = e instanceof UnmatchedArgumentException unknown
                ? unknown.getUnmatched()
                : e.getCommandLine().getUnmatchedArguments();
        if (unmatched.isEmpty()) {
            return e instanceof MutuallyExclusiveArgsException
                    ? e.getMessage()
                            .replaceFirst("^Error: (.*) are mutually.*", "expected one of $1, got more than one")
                    : ofValue(e).orElse(e.getMessage());
        } else if (!isOption(unmatched.get(0)) && !command.subcommands().isEmpty()) {
            return unknownCommand(unmatched.get(0), command);
        }
        return unmatched.stream()
                .filter(Mistakes::isOption)
                .findFirst()
                .map(option -> unknownOption(option, command))
                .orElseGet(() -> tooMany(unmatched.get(0), command));
    }

    /** A value of another type, where picocli speaks of Java's. */
    private static Optional<String> ofValue(ParameterException e) {
        if (e.getArgSpec() == null || e.getValue() == null) {
            return Optional.empty();
        }
        Class<?> type = e.getArgSpec().typeInfo().getAuxiliaryTypes()[0];
        String name = e.getArgSpec() instanceof OptionSpec option
                ? option.longestName()
                : e.getArgSpec().paramLabel();
        String got = " for " + name + ", got '" + e.getValue() + "'";
        if (type.isEnum()) {
            List<String> constants = Stream.of(type.getEnumConstants())
                    .map(constant -> constant.toString().toLowerCase(Locale.ROOT))
                    .toList();
            return Optional.of("expected one of " + String.join(", ", constants) + got);
        } else if (List.of(int.class, Integer.class, long.class, Long.class).contains(type)) {
            return Optional.of("expected a whole number" + got);
        } else if (List.of(double.class, Double.class).contains(type)) {
            return Optional.of("expected a number" + got);
        }
        return Optional.empty();
    }

    private static boolean isOption(String word) {
        return word.length() > 1 && word.startsWith("-");
    }

    /** Returns one line for a file name that this Java cannot say. */
    static String message(InvalidPathException e) {
        return e.getMessage().contains("nmappable") ? garbled(e.getInput()) : e.getMessage();
    }

    /** Returns one line for the first of some words that Java could not read as they were typed. */
    static Optional<String> garbled(Stream<String> words) {
        return words.filter(word -> word.indexOf(REPLACEMENT) >= 0).findFirst().map(Mistakes::garbled);
    }

    private static String garbled(String word) {
        String encoding = System.getProperty("sun.jnu.encoding");
        return "'" + word + "' has letters that are not of " + encoding + ", the encoding of this locale; "
                + (encoding.equals("UTF-8")
                        ? "expected names in UTF-8: rename the file"
                        : "start with LC_ALL=C.UTF-8, or by Djinn's launcher, which sees to it");
    }

    /** Reads the name of a file or folder. */
    static Path path(String name) {
        if (name.isEmpty()) {
            throw new TypeConversionException("expected the name of a file or folder, got none");
        }
        try {
            return Path.of(name);
        } catch (InvalidPathException e) {
            throw new TypeConversionException(message(e));
        }
    }

    /** Returns one line for a command that does not exist. */
    static String unknownCommand(String name, CommandSpec command) {
        List<String> commands = command.subcommands().entrySet().stream()
                .filter(entry ->
                        !entry.getValue().getCommandSpec().usageMessage().hidden())
                .map(entry -> entry.getKey())
                .toList();
        return "unknown command '" + name + "'; "
                + (commands.isEmpty()
                        ? command.qualifiedName() + " has no commands of its own"
                        : Nearest.suggestion(name, commands, "expected one of "));
    }

    private static String tooMany(String word, CommandSpec command) {
        List<String> places =
                command.positionalParameters().stream().map(ArgSpec::paramLabel).toList();
        return "'" + word + "' is one word too many; expected "
                + (places.isEmpty() ? "options only" : String.join(" ", places) + " and options");
    }

    private static String unknownOption(String given, CommandSpec command) {
        String name = given.replaceFirst("=.*", "");
        List<String> names = command.options().stream()
                .filter(option -> !option.hidden())
                .map(OptionSpec::longestName)
                .toList();
        return "unknown option '" + name + "'"
                + Nearest.of(name, names)
                        .map(near -> "; did you mean '" + near + "'?")
                        .orElse("");
    }
}
