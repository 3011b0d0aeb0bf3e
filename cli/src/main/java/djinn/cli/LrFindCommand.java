package djinn.cli;

import djinn.ops.DataException;
import djinn.tasks.Recipes;
import djinn.training.LearningRateFinder;
import djinn.training.LearningRateFinder.Point;
import djinn.training.LearningRateFinder.Result;
import djinn.training.recipe.Recipe;
import djinn.training.run.Charts;
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
        name = "lr-find",
        description = "Suggest a learning rate: train while it rises, and see where the loss falls fastest.",
        footer = {
            "",
            "  djinn lr-find nin_digits",
            "  djinn lr-find nin_digits --set optimizer=adamw --set optimizer.lr=1 --from 1e-6 --to 1 --steps 200",
            "",
            "The range test of Smith 2017. The recipe's own rate and schedule do not matter; nothing is kept of the",
            "training. Judge the suggestion by the curve, and train at a rate a little below it."
        })
final class LrFindCommand implements Runnable {

    private static final String CLEAR_LINE = "\r\u001b[K";

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "RECIPE", description = "A YAML file, or the name of one that comes with Djinn.")
    private String recipe;

    @Option(
            names = "--set",
            paramLabel = "KEY.PATH=VALUE",
            description = "Override a key of the recipe; may be given more than once.")
    private List<String> overrides = List.of();

    @Option(
            names = "--from",
            paramLabel = "RATE",
            defaultValue = "1e-7",
            description = "The first rate (default: ${DEFAULT-VALUE}).")
    private double from;

    @Option(
            names = "--to",
            paramLabel = "RATE",
            defaultValue = "10",
            description = "The last rate (default: ${DEFAULT-VALUE}).")
    private double to;

    @Option(
            names = "--steps",
            paramLabel = "N",
            defaultValue = "100",
            description = "Steps from one to the other (default: ${DEFAULT-VALUE}).")
    private int steps;

    @Option(
            names = "--plot",
            paramLabel = "FILE",
            defaultValue = "lr_find.png",
            description = "The PNG file to draw the curve into (default: ${DEFAULT-VALUE}).")
    private Path plot;

    @Option(names = "--json", description = "Answer with one JSON object, the curve in it.")
    private boolean json;

    @Override
    public void run() {
        Pictures.requirePng(spec, "--plot", plot);
        OutputFile.require("--plot", plot);
        LearningRateFinder finder = new LearningRateFinder(from, to, steps);
        Recipe read = Recipes.read(Configs.find(recipe), Djinn.withDevice(spec, overrides));
        read.startingWeights().ifPresent(source -> DownloadProgress.resolve(source, spec));
        Result result = find(finder, read);
        Pictures.draw(() -> Charts.learningRates(result, plot));
        if (result.suggestion().isEmpty()) {
            throw new DataException(String.format(
                    Locale.ROOT,
                    "no suggestion: the smoothed loss never fell between the learning rates %.3g and %.3g; try a wider"
                            + " range or more steps; the curve is in %s",
                    from,
                    result.points().get(result.points().size() - 1).lr(),
                    plot));
        }
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(Json.line(fields(result)));
        } else {
            Point least = result.least();
            out.printf(
                    Locale.ROOT,
                    "suggestion: optimizer.lr=%.3g%n",
                    result.suggestion().getAsDouble());
            out.printf(
                    Locale.ROOT,
                    "the smoothed loss falls fastest there; its least is %.4f at %.3g%n",
                    least.smoothed(),
                    least.lr());
            if (result.stopped()) {
                out.printf(
                        Locale.ROOT,
                        "stopped after %d of %d steps, at %.3g, when the loss grew too large%n",
                        result.points().size(),
                        steps,
                        result.points().get(result.points().size() - 1).lr());
            }
            out.println("the curve is in " + plot);
        }
        out.flush();
    }

    private Result find(LearningRateFinder finder, Recipe read) {
        if (!Terminal.present()) {
            return finder.find(read.newTask(), read, (step, point) -> {});
        }
        PrintWriter err = Notes.progress(spec.commandLine().getErr(), spec);
        try {
            return finder.find(read.newTask(), read, (step, point) -> {
                err.printf(
                        Locale.ROOT,
                        CLEAR_LINE + "step %d/%d  lr %.3g  loss %.4f",
                        step,
                        steps,
                        point.lr(),
                        point.loss());
                err.flush();
            });
        } finally {
            err.print(CLEAR_LINE);
            err.flush();
        }
    }

    private Map<String, Object> fields(Result result) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("suggestion", result.suggestion().getAsDouble());
        fields.put("least_loss", result.least().smoothed());
        fields.put("least_loss_lr", result.least().lr());
        fields.put("stopped", result.stopped());
        fields.put("plot", plot.toString());
        fields.put("curve", result.points().stream().map(LrFindCommand::fields).toList());
        return fields;
    }

    private static Map<String, Object> fields(Point point) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("lr", point.lr());
        fields.put("loss", point.loss());
        fields.put("smoothed", point.smoothed());
        return fields;
    }
}
