package djinn.cli;

import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.Column;
import com.github.freva.asciitable.HorizontalAlign;
import djinn.ops.AtomicFile;
import djinn.tasks.Sweep;
import djinn.tasks.SweepPlan;
import djinn.training.TrainingEvent;
import djinn.training.run.Lines;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "sweep",
        description = "Train a recipe under many settings, one after another, and compare what each reaches.",
        footer = {
            "",
            "  djinn sweep nin_digits --grid optimizer.lr=0.01,0.1 --grid train.batch_size=32,64",
            "  djinn sweep nin_digits --grid \"optimizer={name: sgd, lr: 0.1},{name: adamw, lr: 0.002}\" --name rules",
            "  djinn sweep nin_digits --random \"optimizer.lr=log(1e-4,1)\" --random \"train.batch_size=[32; 64]\" \\",
            "      --trials 20 --seed 1 --name random",
            "  djinn sweep --resume --name random",
            "",
            "Each trial is a run folder in RUNS/NAME, beside sweep.csv. After Ctrl-C or a crash, the same command or",
            "--resume goes on: trials that are done or diverged are kept, those that failed are tried again."
        })
final class SweepCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Parameters(
            arity = "0..1",
            paramLabel = "RECIPE",
            description = "A YAML file, or the name of one that comes with Djinn; may be left out with --resume.")
    private String recipe;

    @Option(
            names = "--grid",
            paramLabel = "KEY.PATH=VALUE,...",
            description = "A key and its values, YAML; more than once for all combinations.")
    private List<String> grid = List.of();

    @Option(
            names = "--random",
            paramLabel = "KEY.PATH=FROM",
            description = "A key and what is drawn for it: uniform(LOW,HIGH), log(LOW,HIGH), int(LOW,HIGH) or"
                    + " [VALUE; VALUE; ...]; may be given more than once.")
    private List<String> random = List.of();

    @Option(names = "--trials", paramLabel = "N", description = "How many are drawn with --random.")
    private Integer trials;

    @Option(names = "--seed", paramLabel = "N", description = "Decides what is drawn with --random; 0 if left out.")
    private Long seed;

    @Option(
            names = "--set",
            paramLabel = "KEY.PATH=VALUE",
            description = "Override a key of the recipe in all trials; may be given more than once.")
    private List<String> overrides = List.of();

    @Option(names = "--name", description = "The sweep's name; the recipe's with -sweep behind it if left out.")
    private String name;

    @Option(
            names = "--runs",
            paramLabel = "FOLDER",
            defaultValue = "runs",
            description = "Where the sweep's folder is made (default: ${DEFAULT-VALUE}).")
    private Path runs;

    @Option(names = "--resume", description = "Go on with the sweep of this name, which must be there.")
    private boolean resume;

    @Option(names = "--markdown", paramLabel = "FILE", description = "Also write the last table as Markdown.")
    private Path markdown;

    @Option(names = "--json", description = "End with one JSON object per trial and line; progress goes beside it.")
    private boolean json;

    @Override
    public Integer call() {
        OutputFile.require("--markdown", markdown);
        Sweep sweep = open();
        sweep.trials().stream()
                .flatMap(trial -> trial.recipe().startingWeights().stream())
                .distinct()
                .forEach(source -> DownloadProgress.resolve(source, spec));
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter beside = json ? spec.commandLine().getErr() : out;
        PrintWriter progress = Notes.progress(beside, spec);
        progress.println(
                "sweep folder: " + sweep.folder() + ", " + sweep.trials().size() + " trials");
        progress.flush();
        try (Interruption interruption = new Interruption(sweep::stop)) {
            boolean whole = sweep.run(new Display(progress, sweep), Words.typed(spec));
            answer(sweep, out);
            if (!whole) {
                beside.println("go on with: djinn sweep --resume --name "
                        + Words.quoted(sweep.folder().getFileName().toString())
                        + (runs.equals(Path.of("runs")) ? "" : " --runs " + Words.quoted(runs.toString())));
                beside.flush();
                return TrainCommand.INTERRUPTED;
            }
        }
        boolean any = sweep.ranking().stream().anyMatch(outcome -> done(outcome.status()));
        return any ? ExitCode.OK : Djinn.DATA;
    }

    private Sweep open() {
        boolean again = recipe == null
                && grid.isEmpty()
                && random.isEmpty()
                && overrides.isEmpty()
                && trials == null
                && seed == null;
        if (resume && name == null) {
            throw new ParameterException(spec.commandLine(), "expected --name, the sweep's, with --resume");
        }
        if (resume && again) {
            if (!Djinn.withDevice(spec, List.of()).isEmpty()) {
                throw new ParameterException(
                        spec.commandLine(), "expected no --device with --resume: a sweep goes on where it was begun");
            }
            return Sweep.resume(runs.resolve(name));
        }
        if (recipe == null) {
            throw new ParameterException(
                    spec.commandLine(), "expected a RECIPE with --grid or --random, or --resume and --name alone");
        }
        if (resume) {
            // that there is one; whether it is the same is checked below
            Sweep.resume(runs.resolve(name));
        }
        SweepPlan plan = new SweepPlan(
                Configs.find(recipe).toString(),
                Djinn.withDevice(spec, overrides),
                grid,
                random,
                trials == null ? 0 : trials,
                seed == null ? 0 : seed);
        return name == null ? Sweep.open(plan, runs) : Sweep.open(plan, runs, name);
    }

    /** Tells each trial's training as the train command does, and which trial it is. */
    private final class Display implements Sweep.Listener {

        private final PrintWriter out;
        private final Sweep sweep;
        private final ProgressBar progress;

        Display(PrintWriter out, Sweep sweep) {
            this.out = out;
            this.sweep = sweep;
            boolean terminal = Terminal.present();
            progress = new ProgressBar(
                    out,
                    terminal,
                    terminal ? spec.usageMessage().autoWidth(true).width() : 0);
        }

        @Override
        public void begins(Sweep.Trial trial) {
            List<String> settings = new ArrayList<>();
            for (String key : sweep.plan().keys()) {
                settings.add(key + "=" + trial.values().get(settings.size()));
            }
            out.println(trial.name() + " of " + sweep.trials().size() + ": " + String.join("  ", settings));
            out.flush();
        }

        @Override
        public void on(TrainingEvent event) {
            progress.on(event);
        }

        @Override
        public void ended(Sweep.Outcome outcome) {
            if (!outcome.error().isEmpty()) {
                progress.on(new TrainingEvent.Warned(
                        outcome.trial().name() + " " + lower(outcome.status()) + ": " + outcome.error()));
            }
        }
    }

    private void answer(Sweep sweep, PrintWriter out) {
        Column[] columns = columns(sweep);
        List<Object[]> rows =
                sweep.ranking().stream().map(outcome -> row(sweep, outcome)).toList();
        if (json) {
            sweep.ranking().forEach(outcome -> out.println(Json.line(fields(sweep, outcome))));
        } else {
            out.println(AsciiTable.getTable(
                    AsciiTable.BASIC_ASCII_NO_DATA_SEPARATORS, columns, rows.toArray(Object[][]::new)));
        }
        out.flush();
        if (markdown != null) {
            StringWriter text = new StringWriter();
            PrintWriter table = new PrintWriter(text);
            Markdown.table(table, columns, rows);
            table.flush();
            AtomicFile.writeText(markdown, text.toString());
        }
    }

    private static Column[] columns(Sweep sweep) {
        Stream<Column> keys = sweep.plan().keys().stream()
                .map(key ->
                        new Column().header(key).dataAlign(HorizontalAlign.LEFT).maxWidth(64));
        Stream<Column> figures = Stream.of(
                        "best epoch", "val " + figure(sweep).replace('_', ' '), "train loss", "val loss", "seconds")
                .map(header -> new Column().header(header).dataAlign(HorizontalAlign.RIGHT));
        Stream<Column> rest = Stream.of("status", "trial")
                .map(header -> new Column().header(header).dataAlign(HorizontalAlign.LEFT));
        return Stream.of(keys, figures, rest).flatMap(part -> part).toArray(Column[]::new);
    }

    /** The figure that tells the best trial. */
    private static String figure(Sweep sweep) {
        return sweep.goal().figure().orElse("figure");
    }

    private static Object[] row(Sweep sweep, Sweep.Outcome outcome) {
        List<Object> row = new ArrayList<>(outcome.trial().values());
        row.add(outcome.bestEpoch().isEmpty() ? "" : outcome.bestEpoch().getAsInt());
        row.add(
                outcome.best().isEmpty()
                        ? ""
                        : Lines.figure(figure(sweep), outcome.best().getAsDouble())
                                .replace("%", " %"));
        row.add(four(outcome.trainLoss()));
        row.add(four(outcome.validationLoss()));
        row.add(String.format(Locale.ROOT, "%.1f", outcome.seconds()));
        row.add(lower(outcome.status()));
        row.add(outcome.trial().name());
        return row.toArray();
    }

    private static Map<String, Object> fields(Sweep sweep, Sweep.Outcome outcome) {
        Map<String, Object> values = new LinkedHashMap<>();
        for (String key : sweep.plan().keys()) {
            values.put(key, outcome.trial().values().get(values.size()));
        }
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("trial", outcome.trial().name());
        fields.put("values", values);
        fields.put("status", lower(outcome.status()));
        fields.put(
                "best_epoch",
                outcome.bestEpoch().isEmpty() ? null : outcome.bestEpoch().getAsInt());
        fields.put("best_val_" + figure(sweep), orNull(outcome.best()));
        fields.put("train_loss", orNull(outcome.trainLoss()));
        fields.put("val_loss", orNull(outcome.validationLoss()));
        fields.put("seconds", outcome.seconds());
        fields.put("error", outcome.error());
        return fields;
    }

    private static Double orNull(OptionalDouble figure) {
        return figure.isEmpty() ? null : figure.getAsDouble();
    }

    private static String four(OptionalDouble figure) {
        return figure.isEmpty() ? "" : String.format(Locale.ROOT, "%.4f", figure.getAsDouble());
    }

    private static boolean done(Sweep.Status status) {
        return status == Sweep.Status.COMPLETED
                || status == Sweep.Status.STOPPED_EARLY
                || status == Sweep.Status.TIME_OVER;
    }

    private static String lower(Sweep.Status status) {
        return status.name().toLowerCase(Locale.ROOT);
    }
}
