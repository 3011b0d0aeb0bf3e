package djinn.cli;

import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.Column;
import com.github.freva.asciitable.HorizontalAlign;
import djinn.report.RunFacts;
import djinn.report.RunList;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "runs",
        description = "List the runs of a folder: task, model, best figure, epochs, time, size and how they stand.",
        footer = {
            "",
            "  djinn runs",
            "  djinn runs --sort best --filter detection",
            "  djinn runs /mnt/runs --json",
            "",
            "A run whose log has no end counts as running while its files change; that is a guess, hence the question mark."
        })
final class RunsCommand implements Runnable {

    private static final Column[] COLUMNS = {
        left("run"),
        left("task"),
        left("model"),
        left("best"),
        right("epochs"),
        right("time"),
        right("size"),
        left("state"),
        left("changed (UTC)")
    };
    private static final int MINUTE = 60;
    private static final int HOUR = 3600;
    private static final double MEGABYTE = 1e6;

    @Spec
    private CommandSpec spec;

    @Parameters(
            arity = "0..1",
            paramLabel = "FOLDER",
            defaultValue = "runs",
            description = "The folder of runs (default: ${DEFAULT-VALUE}).")
    private Path folder;

    @Option(
            names = "--sort",
            paramLabel = "KEY",
            defaultValue = "name",
            description =
                    "name, task, model, best, epochs, time, size, state or changed (default: ${DEFAULT-VALUE}); more,"
                            + " better and newer comes first.")
    private String sort;

    @Option(
            names = "--filter",
            paramLabel = "TEXT",
            description = "Only runs whose name, task, model or state holds this.")
    private String filter = "";

    @Option(names = "--json", description = "Answer with one JSON object per line.")
    private boolean json;

    private static Column left(String header) {
        return new Column().header(header).dataAlign(HorizontalAlign.LEFT).maxWidth(48);
    }

    private static Column right(String header) {
        return new Column().header(header).dataAlign(HorizontalAlign.RIGHT);
    }

    @Override
    public void run() {
        // a mistyped order is told before anything is read
        new RunList(List.of(), List.of()).sorted(sort);
        RunList list = RunList.of(folder).sorted(sort);
        List<RunFacts> runs = list.runs().stream().filter(this::matches).toList();
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter notes = json ? spec.commandLine().getErr() : out;
        if (json) {
            runs.forEach(run -> out.println(Json.line(fields(run))));
        } else if (runs.isEmpty()) {
            out.println("no run " + (list.runs().isEmpty() ? "" : "with '" + filter + "' ") + "in " + folder);
        } else {
            Object[][] rows = runs.stream().map(RunsCommand::row).toArray(Object[][]::new);
            out.println(AsciiTable.getTable(AsciiTable.BASIC_ASCII_NO_DATA_SEPARATORS, COLUMNS, rows));
        }
        list.leftOut().ifPresent(notes::println);
        for (RunFacts run : runs) {
            run.problems().forEach(problem -> notes.println("note: " + run.name() + ": " + problem));
        }
        out.flush();
        notes.flush();
    }

    private boolean matches(RunFacts run) {
        String text = String.join(
                " ", run.name(), run.task(), run.model(), run.state().words());
        return text.toLowerCase(Locale.ROOT).contains(filter.toLowerCase(Locale.ROOT));
    }

    private static Object[] row(RunFacts run) {
        return new Object[] {
            run.name(),
            run.task(),
            run.model(),
            run.bestWords(),
            run.epochWords(),
            duration(run.seconds()),
            String.format(Locale.ROOT, "%.1f MB", run.bytes() / MEGABYTE),
            run.state().words(),
            run.changed().replace('T', ' ').replace("Z", "")
        };
    }

    private static String duration(double seconds) {
        long whole = Math.round(seconds);
        if (whole < MINUTE) {
            return String.format(Locale.ROOT, "%.1f s", seconds);
        }
        return whole < HOUR
                ? whole / MINUTE + " min " + whole % MINUTE + " s"
                : whole / HOUR + " h " + whole % HOUR / MINUTE + " min";
    }

    private static Map<String, Object> fields(RunFacts run) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("name", run.name());
        fields.put("path", run.path());
        fields.put("task", run.task());
        fields.put("model", run.model());
        fields.put("figure", run.figure().orElse(null));
        fields.put("best", run.best());
        fields.put("best_epoch", run.bestEpoch().isPresent() ? run.bestEpoch().getAsInt() : null);
        fields.put("epochs_done", run.epochsDone());
        fields.put(
                "epochs_asked",
                run.epochsAsked().isPresent() ? run.epochsAsked().getAsInt() : null);
        fields.put("seconds", run.seconds());
        fields.put("bytes", run.bytes());
        fields.put("state", run.state().words());
        fields.put("began", run.began().orElse(null));
        fields.put("changed", run.changed());
        return fields;
    }
}
