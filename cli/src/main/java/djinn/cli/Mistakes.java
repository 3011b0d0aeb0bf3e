package djinn.cli;

import djinn.ops.Nearest;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.MutuallyExclusiveArgsException;
import picocli.CommandLine.OverwrittenOptionException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.TypeConversionException;
import picocli.CommandLine.UnmatchedArgumentException;

/** What mistakes on the command line are called. */
final class Mistakes {

    /** What Java puts in the place of bytes that it cannot read. */
    private static final char REPLACEMENT = '\ufffd';

    private static final String SET = "--set";
    private static final String FILTER = "--filter";

    /** Commands by what they are called elsewhere. */
    private static final Map<String, String> COMMANDS = Map.of(
            "fit", "train",
            "finetune", "train",
            "test", "val",
            "eval", "val",
            "infer", "predict",
            "inference", "predict",
            "detect", "predict",
            "classify", "predict",
            "segment", "predict",
            "info", "summary");

    /** Options by what they are called elsewhere. */
    private static final Map<String, String> OPTIONS = Map.of(
            "--gpu", "--device",
            "--gpus", "--device",
            "--cuda", "--device",
            "--learning-rate", "--lr",
            "--out", "--to",
            "--output", "--to",
            "--checkpoint", "--weights",
            "--project", "--runs",
            "--time", "--max-time");

    private Mistakes() {}

    /** Returns one line for a command line that does not fit its command. */
    static String message(ParameterException e) {
        CommandSpec command = e.getCommandLine().getCommandSpec();
        // what is not known explains why something else is missing
        List<String> unmatched = e instanceof UnmatchedArgumentException unknown
                ? unknown.getUnmatched()
                : e.getCommandLine().getUnmatchedArguments();
        if (unmatched.isEmpty()) {
            return ofArguments(e).or(() -> ofValue(e)).orElse(e.getMessage());
        } else if (!isOption(unmatched.get(0)) && !command.subcommands().isEmpty()) {
            return unknownCommand(unmatched.get(0), command);
        }
        return unmatched.stream()
                .filter(Mistakes::isOption)
                .findFirst()
                .map(option -> unknownOption(option, command))
                .orElseGet(() -> tooMany(unmatched.get(0), command));
    }

    /** What is missing, too often there or not there together, in the house's words. */
    private static Optional<String> ofArguments(ParameterException e) {
        if (e instanceof MutuallyExclusiveArgsException) {
            return Optional.of(e.getMessage()
                    .replaceFirst("^Error: (.*) are mutually.*", "expected one of $1, got more than one"));
        } else if (e instanceof OverwrittenOptionException twice) {
            return Optional.of("expected " + usage(twice.getOverwritten()) + " once, got it twice");
        } else if (e instanceof MissingParameterException missing) {
            List<ArgSpec> all = missing.getMissing();
            String found = e.getMessage().replaceFirst("(?s).*but found ('.*')$", "$1");
            boolean isValue = !e.getMessage().startsWith("Missing required")
                    || e.getMessage().contains("for option");
            return Optional.of("expected "
                    + all.stream().map(Mistakes::usage).collect(Collectors.joining(", "))
                    + (isValue && found.startsWith("'")
                            ? ", got " + found + " in the place of its value"
                            : isValue ? ", got no value" : ", got none"));
        }
        return Optional.empty();
    }

    /** How an argument is typed: {@code --to FILE}, {@code RUN}. */
    private static String usage(ArgSpec argument) {
        return argument instanceof OptionSpec option
                ? option.longestName() + (option.arity().max() == 0 ? "" : " " + option.paramLabel())
                : argument.paramLabel();
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
        String elsewhere = COMMANDS.get(name);
        if (commands.contains(elsewhere)) {
            return unknown("command", name) + "; " + Nearest.question(List.of(elsewhere));
        }
        return unknown("command", name) + "; "
                + (commands.isEmpty()
                        ? command.qualifiedName() + " has no commands of its own"
                        : Nearest.suggestion(
                                name,
                                commands,
                                "expected one of ",
                                "'" + command.qualifiedName() + " --help' says what each does"));
    }

    private static String unknown(String what, String name) {
        return "unknown " + what + " '" + name + "'";
    }

    private static String tooMany(String word, CommandSpec command) {
        List<String> places =
                command.positionalParameters().stream().map(ArgSpec::paramLabel).toList();
        boolean isFilter = places.isEmpty() && command.findOption(FILTER) != null;
        boolean isKey = word.matches("[a-z_0-9.]+=.*") && command.findOption(SET) != null;
        Optional<String> parted = Stream.ofNullable(command.findOption(SET))
                .flatMap(option -> option.originalStringValues().stream())
                .filter(override -> !override.contains("="))
                .findFirst();
        if (parted.isPresent()) {
            return "expected " + SET + " KEY.PATH=VALUE in one word, got '" + parted.get() + "' and '" + word
                    + "'; did you mean " + SET + " " + Words.quoted(parted.get() + "=" + word) + "?";
        }
        return "'" + word + "' is one word too many; expected "
                + (places.isEmpty() ? "options only" : String.join(" ", places) + " and options")
                + (isKey ? "; did you mean " + SET + " " + Words.quoted(word) + "?" : "")
                + (isFilter ? "; did you mean " + FILTER + " " + Words.quoted(word) + "?" : "");
    }

    private static String unknownOption(String given, CommandSpec command) {
        String name = given.replaceFirst("=.*", "");
        List<String> names = command.options().stream()
                .filter(option -> !option.hidden())
                .map(OptionSpec::longestName)
                .toList();
        String elsewhere = OPTIONS.get(name);
        String question = names.contains(elsewhere)
                ? Nearest.question(List.of(elsewhere))
                : Nearest.guess(name, names, "")
                        .orElse(
                                names.contains(SET)
                                        ? "a key of the recipe is given as " + SET + " KEY.PATH=VALUE"
                                        : "");
        return unknown("option", name) + (question.isEmpty() ? "" : "; " + question);
    }
}
