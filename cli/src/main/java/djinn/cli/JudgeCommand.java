package djinn.cli;

import djinn.inference.Sampling;
import djinn.tasks.JudgedImages;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "judge",
        description = "Tell how good the images are that a run makes, by a classifier that Djinn trained.",
        footer = {
            "",
            "  djinn judge runs/wgan_gp_mnist --classifier runs/mnist_judge --count 1000",
            "",
            "Made images are compared with as many real ones of the run's data, held-out ones first, by the classifier's",
            "features: frechet (0 for sets alike), precision (made ones among the real) and recall (real ones among the",
            "made). Figures of one classifier and one count compare with each other."
        })
final class JudgeCommand implements Runnable {

    /** Below it, no image has the three neighbours that precision and recall look for. */
    private static final int LEAST = 4;

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "RUN", description = "The folder of a run that makes images.")
    private Path run;

    @Option(
            names = "--classifier",
            required = true,
            paramLabel = "RUN",
            description = "The folder of a run of the task classification, or its weights.")
    private Path classifier;

    @Option(
            names = "--count",
            paramLabel = "N",
            defaultValue = "1000",
            description = "How many images (default: 1000).")
    private int count;

    @Option(names = "--seed", paramLabel = "N", defaultValue = "0", description = "Decides which (default: 0).")
    private long seed;

    @Option(names = "--truncation", paramLabel = "T", description = "Random numbers beyond T are drawn again.")
    private Double truncation;

    @Option(names = "--steps", paramLabel = "N", description = "How many steps an image takes, of a diffusion model.")
    private Integer steps;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "Override a key of the run's recipe, such as data.root; may be given more than once.")
    private List<String> overrides = List.of();

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Override
    public void run() {
        if (count < LEAST) {
            throw new ParameterException(
                    spec.commandLine(), "expected --count of at least " + LEAST + ", got " + count);
        }
        Sampling sampling = new Sampling(
                count,
                seed,
                Optional.empty(),
                false,
                truncation == null ? OptionalDouble.empty() : OptionalDouble.of(truncation),
                steps == null ? OptionalInt.empty() : OptionalInt.of(steps));
        JudgedImages judged = JudgedImages.of(run, classifier, sampling, overrides);
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("made", judged.made());
            fields.put("held_out", judged.heldOut());
            fields.put("learned", judged.learned());
            fields.putAll(judged.figures());
            fields.put("classes", judged.classes());
            out.println(Json.line(fields));
        } else {
            out.println(judged.made() + " images of seed " + seed + " against " + (judged.heldOut() + judged.learned())
                    + " real ones, " + judged.heldOut() + " of them held out");
            judged.figures()
                    .forEach((name, value) -> out.println(String.format(Locale.ROOT, "%-14s %.4f", name, value)));
            out.println("classes:");
            judged.classes()
                    .forEach((name, share) ->
                            out.println(String.format(Locale.ROOT, "  %-12s %5.1f %%", name, 100 * share)));
        }
        out.flush();
    }
}
