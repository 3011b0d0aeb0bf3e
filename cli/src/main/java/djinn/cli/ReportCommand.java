package djinn.cli;

import djinn.ops.DataException;
import djinn.report.Comparison;
import djinn.report.Missing;
import djinn.report.Page;
import djinn.report.Report;
import djinn.training.run.RunFolder;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "report",
        description =
                "Write a page about a run, or one that compares several: one HTML file that needs nothing beside it.",
        footer = {
            "",
            "  djinn report runs/nin_digits",
            "  djinn report runs/pets --pictures 100 --set data.root=/mnt/pets",
            "  djinn report runs/trial-1 runs/trial-2 --to trials.html",
            "",
            "What the model does with its held-out data is shown where the data and the best weights are there. A file that",
            "is no page of Djinn's is never written over."
        })
final class ReportCommand implements Runnable {

    private static final int PICTURES = 24;
    private static final double MEGABYTE = 1e6;

    @Spec
    private CommandSpec spec;

    @Parameters(arity = "1..*", paramLabel = "RUN", description = "The folder of a run; of several, they are compared.")
    private List<Path> runs;

    @Option(
            names = "--to",
            paramLabel = "FILE",
            description = "The page; report.html in the run's folder if left out, of several comparison.html here.")
    private Path to;

    @Option(
            names = "--pictures",
            paramLabel = "N",
            description = "The most pictures or texts of one exhibit (default: " + PICTURES + ").")
    private Integer pictures;

    @Option(
            names = "--set",
            paramLabel = "KEY.PATH=VALUE",
            description =
                    "Override a key of the run's recipe, such as where its data lies now; may be given more than once.")
    private List<String> overrides = List.of();

    @Override
    public void run() {
        List<RunFolder> folders = runs.stream().map(RunFolder::open).toList();
        boolean isSole = folders.size() == 1;
        Path file = to != null ? to : isSole ? folders.get(0).file("report.html") : Path.of("comparison.html");
        if (pictures != null && pictures < 1) {
            throw new ParameterException(spec.commandLine(), "expected --pictures of at least 1, got " + pictures);
        }
        if (!isSole && (pictures != null || !overrides.isEmpty())) {
            throw new ParameterException(
                    spec.commandLine(),
                    "expected no " + (pictures != null ? "--pictures" : "--set")
                            + " with several runs: models and data are not opened to compare runs");
        }
        OutputFile.require("--to", file);
        Page.requireReplaceable(file);
        if (isSole) {
            Report report = Report.of(folders.get(0), overrides, pictures == null ? PICTURES : pictures);
            report.write(file);
            tell("report", file, report.missing());
        } else {
            Comparison comparison = Comparison.of(folders);
            comparison.write(file);
            tell("comparison", file, comparison.missing());
        }
    }

    private void tell(String what, Path file, List<Missing> missing) {
        PrintWriter out = spec.commandLine().getOut();
        for (Missing one : missing) {
            out.println("note: missing: " + one.part() + ": " + one.why());
        }
        try {
            out.printf(java.util.Locale.ROOT, "%s in %s (%.1f MB)%n", what, file, Files.size(file) / MEGABYTE);
        } catch (IOException e) {
            throw new DataException(file + ": is gone again: " + e.getMessage(), e);
        }
        out.flush();
    }
}
