package djinn.cli;

import djinn.losses.CrossEntropy;
import djinn.losses.LossFunction;
import djinn.training.ClassificationTask;
import djinn.training.Classifier;
import djinn.training.ModelCard;
import djinn.training.Trainer;
import djinn.training.data.Digits;
import djinn.training.data.ImageFolder;
import djinn.training.data.TestTimeAugmentation;
import djinn.training.metric.ClassificationMetrics;
import djinn.training.recipe.Recipe;
import djinn.training.run.Lines;
import djinn.training.run.RunFolder;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "val",
        description = "Measure a trained model on held-out images.",
        footer = {
            "",
            "  djinn val runs/nin_digits",
            "  djinn val runs/nin_digits --data other/images --tta flip",
            "  djinn val --model nin_small --weights best.safetensors --data digits --json"
        })
final class ValCommand implements Runnable {

    @Spec
    private CommandSpec spec;

    @Parameters(arity = "0..1", paramLabel = "RUN", description = "The folder of a run: its best weights, its data.")
    private Path run;

    @Mixin
    private WeightsOptions weights = new WeightsOptions();

    @Option(
            names = "--data",
            paramLabel = "DATA",
            description = "Other data: digits, a folder with a val folder, or a folder of class folders.")
    private String data;

    @Option(
            names = "--batch",
            paramLabel = "N",
            defaultValue = "64",
            description = "Images in a batch (default: ${DEFAULT-VALUE}).")
    private int batch;

    @Option(
            names = "--tta",
            paramLabel = "VIEWS",
            defaultValue = "none",
            description = "Average over views of each image: flip, five_crop, ten_crop or multi_scale.")
    private TestTimeAugmentation tta;

    @Option(names = "--json", description = "Answer with one JSON object.")
    private boolean json;

    @Override
    public void run() {
        ClassificationMetrics metrics = run != null ? ofRun() : ofWeights();
        Map<String, Object> answer = new LinkedHashMap<>(metrics.values());
        answer.put("images", metrics.images());
        PrintWriter out = spec.commandLine().getOut();
        out.println(json ? Json.line(answer) : Lines.figures(metrics.values()) + " on " + metrics.images() + " images");
        out.flush();
    }

    private ClassificationMetrics ofRun() {
        if (weights.given() || weights.incomplete()) {
            throw new ParameterException(spec.commandLine(), "expected a RUN or --weights, got both");
        }
        RunFolder folder = RunFolder.open(run);
        Recipe recipe = folder.recipe(List.of());
        try (Classifier classifier = Classifier.open(folder.best())) {
            ClassificationTask task = data == null
                    ? ClassificationTask.of(recipe)
                    : task(classifier.card(), recipe.loss(), recipe.train().batchSize());
            return measure(task, classifier);
        }
    }

    private ClassificationMetrics ofWeights() {
        if (!weights.given() || data == null) {
            throw new ParameterException(
                    spec.commandLine(), "expected a RUN, or --weights FILE with --data DATA (and --model MODEL)");
        }
        try (Classifier classifier = weights.open(() -> classesOf(data))) {
            ClassificationTask task = task(classifier.card(), new CrossEntropy(), batch);
            return measure(task, classifier);
        }
    }

    private ClassificationMetrics measure(ClassificationTask task, Classifier classifier) {
        return tta == TestTimeAugmentation.NONE
                ? (ClassificationMetrics) Trainer.validate(task, classifier.model())
                : task.validate(classifier, tta);
    }

    private static List<String> classesOf(String data) {
        return data.equals("digits") ? Digits.splits().classes() : ImageFolder.classes(Path.of(data));
    }

    private ClassificationTask task(ModelCard card, LossFunction loss, int size) {
        return ClassificationTask.validating(card, data, loss, new ClassificationTask.Settings(0, size, 2));
    }
}
