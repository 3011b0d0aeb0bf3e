package djinn.cli;

import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;
import djinn.ops.DataException;
import djinn.training.Classifier;
import djinn.training.Classifier.Score;
import djinn.training.data.ImageFiles;
import djinn.training.data.Pixels;
import djinn.training.run.RunFolder;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "predict",
        description = "Tell the class of images, with its probability.",
        footer = {
            "",
            "  djinn predict runs/nin_digits digit.png other.png --json",
            "  djinn predict --model squeezenet1_1 --weights FILE --classes FILE photo.jpg"
        })
final class PredictCommand implements Callable<Integer> {

    private static final int BATCH = 32;

    @Spec
    private CommandSpec spec;

    @Parameters(
            arity = "1..*",
            paramLabel = "RUN FILE",
            hideParamSyntax = true,
            description = "The folder of a run, or a safetensors file saved by one, and images; with --weights, images"
                    + " only.")
    private List<Path> paths = List.of();

    @Mixin
    private WeightsOptions weights = new WeightsOptions();

    @Option(
            names = "--top",
            defaultValue = "5",
            description = "Classes told for each image (default: ${DEFAULT-VALUE}).")
    private int top;

    @ArgGroup
    private Form form = new Form();

    private static final class Form {
        @Option(names = "--json", description = "One JSON object per line and image.")
        private boolean json;

        @Option(names = "--csv", description = "A CSV table: file,label,probability.")
        private boolean csv;
    }

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        boolean whole = true;
        List<Path> files = weights.given() ? paths : paths.subList(1, paths.size());
        if (files.isEmpty() || weights.incomplete()) {
            throw new ParameterException(
                    spec.commandLine(), "expected RUN FILE..., or --weights FILE (and --model MODEL) FILE...");
        }
        try (Classifier classifier = weights.given() ? weights.open(this::unnamed) : Classifier.open(ofRun())) {
            if (form.csv) {
                csv(out).writeRecord("file", "label", "probability");
            }
            for (int from = 0; from < files.size(); from += BATCH) {
                whole &= predict(classifier, files.subList(from, Math.min(files.size(), from + BATCH)), out);
            }
        }
        out.flush();
        return whole ? ExitCode.OK : Djinn.DATA;
    }

    private Path ofRun() {
        Path run = paths.get(0);
        return Files.isDirectory(run) ? RunFolder.open(run).best() : run;
    }

    private List<String> unnamed() {
        throw new ParameterException(spec.commandLine(), "expected --classes FILE: the weights do not name them");
    }

    /** Answers a few files; one that cannot be read is told of and leaves the others be. */
    private boolean predict(Classifier classifier, List<Path> batch, PrintWriter out) {
        List<Path> read = new ArrayList<>();
        List<Pixels> images = new ArrayList<>();
        for (Path file : batch) {
            try {
                images.add(
                        ImageFiles.read(file, classifier.card().preprocessing().channels()));
                read.add(file);
            } catch (DataException e) {
                spec.commandLine().getErr().println("error: " + e.getMessage());
                spec.commandLine().getErr().flush();
            }
        }
        if (!images.isEmpty()) {
            List<List<Score>> scores = classifier.classify(images);
            for (int i = 0; i < scores.size(); i++) {
                print(
                        read.get(i),
                        scores.get(i).stream().limit(Math.max(1, top)).toList(),
                        out);
            }
        }
        return read.size() == batch.size();
    }

    private void print(Path file, List<Score> scores, PrintWriter out) {
        Score first = scores.get(0);
        if (form.json) {
            Map<String, Object> line = new LinkedHashMap<>();
            line.put("file", file.toString());
            line.putAll(json(first));
            line.put("top", scores.stream().map(PredictCommand::json).toList());
            out.println(Json.line(line));
        } else if (form.csv) {
            csv(out).writeRecord(file.toString(), first.label(), Double.toString(first.probability()));
        } else {
            out.printf(Locale.ROOT, "%s  %s  %.2f%%%n", file, first.label(), 100 * first.probability());
        }
    }

    private static Map<String, Object> json(Score score) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("label", score.label());
        fields.put("probability", score.probability());
        return fields;
    }

    private static CsvWriter csv(PrintWriter out) {
        return CsvWriter.builder().lineDelimiter(LineDelimiter.LF).bufferSize(0).build(out);
    }
}
