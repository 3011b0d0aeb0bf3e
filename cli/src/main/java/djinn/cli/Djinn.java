package djinn.cli;

import djinn.config.RecipeException;
import djinn.ops.AtomicFile;
import djinn.ops.DataException;
import djinn.ops.DeviceName;
import djinn.ops.Threads;
import djinn.tasks.Extensions;
import djinn.training.DivergedException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Stream;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;

/** The djinn command. */
@Command(
        name = "djinn",
        description = "Trains, validates and runs neural networks on the JVM.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        scope = ScopeType.INHERIT,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done",
            "1:a file or data that cannot be used, an answer that cannot be written, or a training that diverged",
            "2:a mistake in the command or the recipe",
            "130:interrupted, all saved",
            "141:nobody read standard output to its end"
        },
        footer = {
            "",
            "Begin with:",
            "  djinn train nin_digits             train a small network on the digits that come with Djinn",
            "  djinn predict runs/nin_digits *.png",
            "  djinn recipes                      what else can be trained",
            "  djinn help train                   the options of a command, and examples"
        })
public final class Djinn implements Runnable {

    private static final List<Class<?>> COMMANDS = List.of(
            TrainCommand.class,
            ValCommand.class,
            ReportCommand.class,
            RunsCommand.class,
            BoardCommand.class,
            PredictCommand.class,
            GenerateCommand.class,
            JudgeCommand.class,
            TranslateCommand.class,
            TranslateImagesCommand.class,
            ExportCommand.class,
            ModelsCommand.class,
            SummaryCommand.class,
            RecipesCommand.class,
            LossesCommand.class,
            DataCommand.class,
            TokenizerCommand.class,
            AnchorsCommand.class,
            ProposalsCommand.class,
            AugmentCommand.class,
            LrFindCommand.class,
            BatchSizeCommand.class,
            SweepCommand.class,
            TrackCommand.class,
            WeightsCommand.class,
            BenchmarkCommand.class,
            DoctorCommand.class,
            CompletionCommand.class,
            HelpCommand.class,
            WarmUpCommand.class);

    /** Those that look at the others. */
    private static final Set<Class<?>> OF_ALL = Set.of(CompletionCommand.class, HelpCommand.class, WarmUpCommand.class);

    static final int DATA = 1;
    static final int USAGE = 2;
    static final int UNREAD = 141;

    /** Columns, so that examples stay whole. */
    private static final int HELP_WIDTH = 112;

    /** What the engine says where it gets no memory. */
    private static final Pattern TOO_MUCH = Pattern.compile("you tried to allocate (\\d+) bytes");

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    @Option(
            names = "--stacktrace",
            scope = ScopeType.INHERIT,
            description = "Show where in the program an error came from.")
    private boolean stacktrace;

    @Option(
            names = "--threads",
            paramLabel = "N",
            scope = ScopeType.INHERIT,
            description = "Threads of an operation; as many as Java may use of the machine if left out.")
    private Integer threads;

    @Option(
            names = {"-q", "--quiet"},
            scope = ScopeType.INHERIT,
            description = "Print answers and errors alone: no progress, no notes.")
    private boolean quiet;

    @Option(
            names = {"-v", "--verbose"},
            scope = ScopeType.INHERIT,
            description = "Also print what the engine and the libraries tell.")
    private boolean verbose;

    @Option(
            names = "--device",
            paramLabel = "NAME",
            scope = ScopeType.INHERIT,
            description =
                    "Where is computed: auto, cpu, cuda, cuda:N or mps; the first GPU of NVIDIA, or the processor if left"
                            + " out. Of train, the same as --set train.device=NAME.")
    private String device;

    /**
     * Runs a command and ends the process.
     *
     * @param arguments the command line
     */
    public static void main(String[] arguments) {
        System.setProperty("java.awt.headless", "true");
        if (System.getProperty("ai.djl.offline") == null) {
            System.setProperty("ai.djl.offline", "true");
        }
        System.exit(run(StandardOutput.open(), arguments));
    }

    /** Runs a command, and takes care that an answer which did not arrive is not called one. */
    static int run(StandardOutput out, String... arguments) {
        CommandLine command = commandLine(arguments).setOut(new PrintWriter(out, true));
        Optional<String> garbled =
                Mistakes.garbled(Stream.concat(Stream.of(System.getProperty("user.dir")), Stream.of(arguments)));
        if (garbled.isPresent()) {
            fail(command, garbled.get());
            return USAGE;
        }
        int code;
        try {
            code = command.execute(arguments);
        } catch (OutOfMemoryError e) {
            fail(command, "there is not enough memory: " + e.getMessage() + "; DJINN_OPTS=-Xmx8g gives Java more");
            return DATA;
        }
        command.getOut().flush();
        Optional<IOException> failure = out.failure();
        if (failure.isEmpty()) {
            return code;
        } else if (out.unread()) {
            return code == ExitCode.OK ? UNREAD : code;
        }
        fail(
                command,
                "standard output cannot be written: " + AtomicFile.reason(failure.get())
                        + "; the answer is incomplete");
        return code == ExitCode.OK ? DATA : code;
    }

    /**
     * Returns the command with its error handling, for this class's main and for tests. Where the first word is a command, that
     * is the only one it has: reading what all of them take would be a good part of a start.
     *
     * @param words the command line; of none, all commands are there
     */
    static CommandLine commandLine(String... words) {
        Djinn djinn = new Djinn();
        CommandLine all = new CommandLine(djinn);
        asked(words).forEach(all::addSubcommand);
        all.getHelpSectionMap().put(CommandLine.Model.UsageMessageSpec.SECTION_KEY_COMMAND_LIST, new CommandGroups());
        all.getHelpSectionMap().remove(CommandLine.Model.UsageMessageSpec.SECTION_KEY_COMMAND_LIST_HEADING);
        return all.setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpWidth(HELP_WIDTH)
                .registerConverter(Path.class, Mistakes::path)
                .setParameterExceptionHandler((e, arguments) -> {
                    CommandLine command = e.getCommandLine();
                    fail(
                            command,
                            Mistakes.message(e) + " (see '"
                                    + command.getCommandSpec().qualifiedName() + " --help')");
                    return USAGE;
                })
                .setExecutionStrategy(djinn::execute)
                .setExecutionExceptionHandler(djinn::answer);
    }

    private static List<Class<?>> asked(String... words) {
        return COMMANDS.stream()
                .filter(type -> words.length > 0
                        && words[0].equals(type.getAnnotation(Command.class).name())
                        && !OF_ALL.contains(type))
                .findFirst()
                .<List<Class<?>>>map(List::of)
                .orElse(COMMANDS);
    }

    /** Whether answers and errors alone are wanted. */
    static boolean isQuiet(CommandLine.Model.CommandSpec command) {
        return command.root().userObject() instanceof Djinn djinn && djinn.quiet;
    }

    /** Without a subcommand, the help is what a user wants. */
    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    /** Returns the overrides of a recipe with the device that the command line asks for, which wins over the recipe's. */
    static List<String> withDevice(CommandLine.Model.CommandSpec command, List<String> overrides) {
        List<String> all = new ArrayList<>(overrides);
        String asked = ((Djinn) command.root().userObject()).device;
        if (asked != null) {
            all.add(OptionKeys.override("--device", asked));
        }
        return all;
    }

    private DeviceName checked(String text) {
        try {
            DeviceName name = new DeviceName(text);
            name.device();
            return name;
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "--device: " + e.getMessage(), e);
        }
    }

    private int execute(ParseResult parsed) {
        if (quiet && verbose) {
            throw new ParameterException(spec.commandLine(), "expected --quiet or --verbose, got both");
        }
        if (verbose) {
            System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "debug");
        }
        if (threads != null) {
            if (threads < 1) {
                throw new ParameterException(spec.commandLine(), "expected --threads of at least 1, got " + threads);
            }
            System.setProperty(Threads.PROPERTY, threads.toString());
        }
        if (device != null) {
            System.setProperty(DeviceName.PROPERTY, checked(device).text());
        }
        // what others add is there before any command looks for it
        Extensions.all();
        return new CommandLine.RunLast().execute(parsed);
    }

    private int answer(Exception e, CommandLine command, ParseResult parsed) {
        fail(command, message(e, command));
        if (stacktrace) {
            StringWriter trace = new StringWriter();
            e.printStackTrace(new PrintWriter(trace));
            command.getErr().print(trace);
            command.getErr().flush();
        }
        return e instanceof IllegalArgumentException ? USAGE : DATA;
    }

    private static String message(Exception e, CommandLine command) {
        if (e instanceof InvalidPathException path) {
            return Mistakes.message(path);
        } else if (e instanceof PatternSyntaxException pattern) {
            return "expected a pattern such as 'photos/*.jpg', got '" + pattern.getPattern() + "': "
                    + pattern.getDescription();
        }
        boolean meantForUsers =
                e instanceof DataException || e instanceof DivergedException || e instanceof IllegalArgumentException;
        String message = (e instanceof RecipeException recipe
                        ? recipe.message(override -> OptionKeys.typed(override, command))
                        : String.valueOf(e.getMessage()))
                .strip();
        Matcher memory = TOO_MUCH.matcher(message);
        if (memory.find()) {
            return "there is not enough memory for " + memory.group(1) + " bytes more; try a smaller size or batch";
        }
        return meantForUsers
                ? message
                : "unexpected " + e.getClass().getSimpleName() + ": "
                        + message.lines().findFirst().orElse("") + " (--stacktrace shows where)";
    }

    private static void fail(CommandLine command, String message) {
        command.getErr()
                .println(Ansi.AUTO.string("@|bold,red error:|@ ")
                        + message.replaceAll("[\\p{Cntrl}\\u2028\\u2029]+", " "));
        command.getErr().flush();
    }

    /** Prints the script that completes commands and options in bash and zsh. */
    static String completion() {
        return AutoComplete.bash("djinn", commandLine());
    }
}
