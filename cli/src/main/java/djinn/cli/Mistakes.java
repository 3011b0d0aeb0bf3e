package djinn.cli;

import djinn.ops.Nearest;
import java.nio.file.InvalidPathException;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** What mistakes on the command line are called. */
final class Mistakes {

    private Mistakes() {}

    /** Returns one line for a command line that does not fit its command. */
    static String message(ParameterException e) {
        CommandSpec command = e.getCommandLine().getCommandSpec();
        Optional<InvalidPathException> path = invalidPath(e);
        if (path.isPresent()) {
            return message(path.get());
        }
        // what is not known explains why something else is missing
        List<String> unmatched = e instanceof UnmatchedArgumentException unknown
                ? unknown.getUnmatched()
                : e.getCommandLine().getUnmatchedArguments();
        if (unmatched.isEmpty()) {
            return e.getMessage();
        } else if (!isOption(unmatched.get(0)) && !command.subcommands().isEmpty()) {
            return unknownCommand(unmatched.get(0), command);
        }
        return unmatched.stream()
                .filter(Mistakes::isOption)
                .findFirst()
                .map(option -> unknownOption(option, command))
                .orElseGet(() -> tooMany(unmatched.get(0), command));
    }

    private static boolean isOption(String word) {
        return word.length() > 1 && word.startsWith("-");
    }

    /** Returns one line for a file name that this Java cannot say. */
    static String message(InvalidPathException e) {
        return "the file name '" + e.getInput()
                + "' has letters that Java cannot use under this locale (its encoding is "
                + System.getProperty("sun.jnu.encoding")
                + "); expected one of UTF-8: start with LC_ALL=C.UTF-8, or by Djinn's launcher, which sees to it";
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

    private static Optional<InvalidPathException> invalidPath(Throwable e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof InvalidPathException path) {
                return Optional.of(path);
            }
        }
        return Optional.empty();
    }
}
