package djinn.cli;

import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.Column;
import com.github.freva.asciitable.HorizontalAlign;
import djinn.ops.PyTorch;
import djinn.report.Board;
import djinn.tasks.Recipes;
import djinn.tasks.TrainingRun;
import djinn.training.Profile;
import djinn.training.TrainingEvent.Ending;
import djinn.training.TrainingListener;
import djinn.training.recipe.Recipe;
import djinn.training.run.RunFolder;
import djinn.zoo.weights.Preference;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "train",
        description = "Train a model as a recipe says, into a folder of its own.",
        footer = {
            "",
            "  djinn train configs/nin_digits.yaml",
            "  djinn train nin_digits --lr 0.05 --epochs 20 --set train.clip_norm=1 --name trial",
            "  djinn train nin_digits --fast-dev-run",
            "  djinn train nin_digits --watch",
            "  djinn train --resume runs/trial",
            "  djinn train --resume runs/trial --epochs 40",
            "  djinn train nin_digits --set train.log_to=[tensorboard]",
            "  djinn train nin_digits --profile",
            "",
            "Keys that --resume may change; any other is refused by its name:",
            "  data.cache_mb data.labels data.on_error data.root data.root_a data.root_b data.workers",
            "  model.weights (the same ones, elsewhere) train.checkpoint_every train.device train.devices",
            "  train.epochs train.keep train.keep.top train.log_to train.max_time train.patience"
        })
final class TrainCommand implements Callable<Integer> {

    static final int INTERRUPTED = 130;

    /** What a run may leave that is worth a look, in the order it is told. */
    private static final List<String> RESULTS = List.of(
            "best.safetensors",
            "results.csv",
            "per_class.csv",
            "curves.png",
            "confusion_matrix.png",
            "pr_curve.png",
            "f1_curve.png",
            "labels.png",
            "train_batch.png",
            "samples.png",
            "samples",
            "top",
            "metrics.jsonl",
            "tensorboard",
            "profile.csv");

    @Spec
    private CommandSpec spec;

    @Parameters(
            arity = "0..1",
            paramLabel = "RECIPE",
            description =
                    "A YAML file, or the name of one that comes with Djinn. With --resume it may be left out, and the"
                            + " run's own is taken; one that is given says how the run goes on, and what may not change must be"
                            + " as it is in the run.")
    private String recipe;

    @Option(
            names = "--set",
            paramLabel = "KEY.PATH=VALUE",
            description = "Override a key of the recipe; may be given more than once.")
    private List<String> overrides = List.of();

    @Mixin
    private TrainingShortcuts shortcuts = new TrainingShortcuts();

    @Option(
            names = "--weights",
            paramLabel = "FILE",
            description = "Start from these weights; the same as --set model.weights=FILE. djinn:NAME is one of"
                    + " 'djinn weights list'.")
    private String weights;

    @Option(
            names = "--reset-head",
            description =
                    "Start what does not fit the number of classes anew; the same as --set model.reset_head=true.")
    private boolean resetHead;

    @Option(
            names = "--prefer",
            paramLabel = "ema|plain",
            description = "Which weights of the file are taken where it has both: the moving average (ema), or those of"
                    + " the last step (plain); the same as --set model.prefer=ema.")
    private Preference preference;

    @Option(
            names = "--resume",
            paramLabel = "RUN",
            description =
                    "Go on with the run in this folder, exactly; --epochs N goes on for longer. What may change is"
                            + " listed below.")
    private Path resumed;

    @Option(names = "--name", paramLabel = "NAME", description = "The run's name; the recipe's if left out.")
    private String name;

    @Option(
            names = "--runs",
            paramLabel = "FOLDER",
            defaultValue = "runs",
            description = "Where run folders are made (default: ${DEFAULT-VALUE}).")
    private Path runs;

    @Option(
            names = "--profile",
            description = "Measure where the time goes, print it at the end, and write it into profile.csv.")
    private boolean profiled;

    @Option(
            names = "--watch",
            description = "Show the run in a browser of this machine while it trains, as 'djinn board' does.")
    private boolean watch;

    @Option(
            names = "--port",
            paramLabel = "N",
            description = "Where --watch listens (default: " + Board.PORT + "); 0 for any that is free.")
    private Integer port;

    @Override
    public Integer call() {
        if (port != null && !watch) {
            throw new ParameterException(spec.commandLine(), "expected --port with --watch, got it alone");
        }
        PrintWriter out = spec.commandLine().getOut();
        boolean terminal = Terminal.present();
        int width = terminal ? spec.usageMessage().autoWidth(true).width() : 0;
        PrintWriter progress = Notes.progress(out, spec);
        List<TrainingListener> listeners = List.of(new ProgressBar(progress, terminal, width));
        // a port that is taken is told before a folder is made
        try (Board board = watch ? Board.open(parent(), port == null ? Board.PORT : port) : null) {
            TrainingRun run = resumed == null ? start(listeners) : resume(listeners);
            if (board != null) {
                out.println("watch it at " + board.address(run.folder()));
                out.flush();
            }
            try (Interruption interruption = new Interruption(run::stop)) {
                return fit(run, out, progress);
            }
        }
    }

    /** Returns the folder of the run's folder. */
    private Path parent() {
        return resumed == null ? runs : resumed.toAbsolutePath().normalize().getParent();
    }

    private int fit(TrainingRun run, PrintWriter out, PrintWriter progress) {
        Path folder = run.folder().path();
        progress.println("run folder: " + folder);
        PyTorch.notes().forEach(note -> progress.println("note: " + note));
        progress.flush();
        run.log("command: " + Words.typed(spec));
        PyTorch.notes().forEach(note -> run.log("note: " + note));
        Optional<Profile> profile = profiled ? Optional.of(run.measure()) : Optional.empty();
        Ending ending = run.fit();
        profile.ifPresent(measured -> out.println(table(measured)));
        // where the run lies must be told, if need be beside an output that takes nothing any more
        PrintWriter last = out.checkError() ? spec.commandLine().getErr() : out;
        if (Files.exists(folder) || ending == Ending.INTERRUPTED) {
            last.println(ending == Ending.INTERRUPTED ? interrupted(folder) : finished(folder));
        }
        last.flush();
        return ending == Ending.INTERRUPTED ? INTERRUPTED : CommandLine.ExitCode.OK;
    }

    private static String table(Profile profile) {
        Column[] columns = Profile.COLUMNS.stream()
                .map(name -> new Column()
                        .header(name)
                        .dataAlign(name.equals("part") ? HorizontalAlign.LEFT : HorizontalAlign.RIGHT))
                .toArray(Column[]::new);
        Object[][] rows = profile.rows().stream().map(List::toArray).toArray(Object[][]::new);
        return AsciiTable.getTable(AsciiTable.BASIC_ASCII_NO_DATA_SEPARATORS, columns, rows);
    }

    private static String interrupted(Path folder) {
        return Files.exists(folder)
                ? "go on with: djinn train --resume " + Words.quoted(folder.toString())
                : "nothing was trained, and no run folder is left";
    }

    private static String finished(Path folder) {
        return "results in " + folder + ": "
                + RESULTS.stream()
                        .filter(name -> Files.exists(folder.resolve(name)))
                        .collect(Collectors.joining(", "));
    }

    private TrainingRun start(List<TrainingListener> listeners) {
        if (recipe == null) {
            throw new ParameterException(
                    spec.commandLine(), "expected a RECIPE, or --resume RUN; 'djinn recipes' lists what there is");
        }
        Path file = Configs.find(recipe);
        String runName = name != null ? name : file.getFileName().toString().replaceFirst("\\.ya?ml$", "");
        if (!runName.matches("[^/\\\\.][^/\\\\]*")) {
            throw new ParameterException(
                    spec.commandLine(), "expected a plain folder name for --name, got '" + runName + "'");
        }
        Recipe read = Recipes.read(file, allOverrides());
        read.startingWeights().ifPresent(source -> DownloadProgress.resolve(source, spec));
        return TrainingRun.start(read, runs, runName, listeners);
    }

    private List<String> allOverrides() {
        List<String> all = new ArrayList<>(shortcuts.with(overrides));
        if (weights != null) {
            if (weights.isBlank()) {
                throw new ParameterException(spec.commandLine(), "expected --weights as FILE or djinn:NAME, got none");
            }
            all.add(OptionKeys.override("--weights", weights));
        }
        if (resetHead) {
            all.add(OptionKeys.override("--reset-head", true));
        }
        if (preference != null) {
            all.add(OptionKeys.override("--prefer", preference.name().toLowerCase(Locale.ROOT)));
        }
        return Djinn.withDevice(spec, all);
    }

    private TrainingRun resume(List<TrainingListener> listeners) {
        if (name != null) {
            throw new ParameterException(spec.commandLine(), "expected --resume or --name, got both");
        }
        RunFolder folder = RunFolder.open(resumed);
        Recipe wanted = recipe == null
                ? Recipes.of(folder, allOverrides())
                : Recipes.read(Configs.find(recipe), allOverrides());
        return TrainingRun.resume(folder, wanted, listeners);
    }
}
