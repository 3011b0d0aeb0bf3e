package djinn.cli;

import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.Column;
import com.github.freva.asciitable.HorizontalAlign;
import djinn.data.Digits;
import djinn.data.ImageFolder;
import djinn.data.TestTimeAugmentation;
import djinn.inference.ImageClassifier;
import djinn.inference.LoadedModel;
import djinn.inference.ModelCard;
import djinn.losses.CrossEntropy;
import djinn.losses.LossFunction;
import djinn.metrics.Average;
import djinn.ops.NotFiniteException;
import djinn.tasks.Recipes;
import djinn.tasks.TrainedRun;
import djinn.tasks.classification.ClassificationFigures;
import djinn.tasks.classification.ClassificationRecipe;
import djinn.tasks.classification.ClassificationTask;
import djinn.tasks.classification.PerClass;
import djinn.training.Trainer;
import djinn.training.run.Lines;
import djinn.training.run.RunFolder;
import djinn.zoo.weights.Preference;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
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
            "  djinn val runs/nin_digits --per-class",
            "  djinn val runs/nin_digits --data other/images --tta flip",
            "  djinn val --model nin_small --weights best.safetensors --data digits --json"
        })
final class ValCommand implements Runnable {

    /** What was measured, under the names of the classes. */
    private record Measured(ClassificationFigures metrics, List<String> names) {
        List<PerClass> classes() {
            return PerClass.of(metrics.confusion(), names);
        }
    }

    private static final int USUAL_BATCH = 64;

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
            description = "Images in a batch (default: as the run was trained, or 64).")
    private Integer batch;

    @Option(
            names = "--tta",
            paramLabel = "VIEWS",
            defaultValue = "none",
            description = "Average over views of each image: flip, five_crop, ten_crop or multi_scale.")
    private TestTimeAugmentation tta;

    @Option(names = "--per-class", description = "Also tell precision, recall and F1 of every class.")
    private boolean perClass;

    @Option(names = "--json", description = "Answer with one JSON object; averages of the classes are in it.")
    private boolean json;

    @Override
    public void run() {
        if (batch != null && batch < 1) {
            throw new ParameterException(spec.commandLine(), "expected --batch of at least 1, got " + batch);
        }
        if (run != null && !TaskOfFile.isClassification(run)) {
            ofOtherTask();
            return;
        }
        Measured measured = run != null ? ofRun() : ofWeights();
        requireFinite(measured.metrics);
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(Json.line(fields(measured)));
        } else {
            ClassificationFigures metrics = measured.metrics;
            if (perClass) {
                out.println(table(measured.classes()));
            }
            out.println(Lines.figures(metrics.values()) + " on " + metrics.images() + " images");
        }
        out.flush();
    }

    /** The figures of a run whose task is another, on its own data. */
    private void ofOtherTask() {
        if (weights.given() || weights.incomplete() || data != null || perClass || tta != TestTimeAugmentation.NONE) {
            throw new ParameterException(
                    spec.commandLine(),
                    "expected a RUN with --batch and --json: the other options are for classifiers, and " + run
                            + " is of another task");
        }
        List<String> overrides = batch == null ? List.of() : List.of("train.batch_size=" + batch);
        try (TrainedRun trained = TrainedRun.open(RunFolder.open(run), overrides)) {
            PrintWriter out = spec.commandLine().getOut();
            if (!json) {
                trained.task().summary().forEach(out::println);
                out.flush();
            }
            Map<String, Double> figures = trained.validate().values();
            figures.forEach((name, value) -> {
                if (!Double.isFinite(value)) {
                    throw new NotFiniteException("expected a finite " + name + ", got " + value
                            + "; look at the model's weights and the data");
                }
            });
            out.println(json ? Json.line(new LinkedHashMap<>(figures)) : Lines.figures(figures));
            out.flush();
        }
    }

    private static void requireFinite(ClassificationFigures metrics) {
        Double loss = metrics.values().get("loss");
        if (loss != null && !Double.isFinite(loss)) {
            throw new NotFiniteException("expected a finite loss, got " + loss + " on " + metrics.images()
                    + " images: the model answers NaN or infinity; look at its weights and the data");
        }
    }

    private Map<String, Object> fields(Measured measured) {
        ClassificationFigures metrics = measured.metrics;
        Map<String, Object> answer = new LinkedHashMap<>(metrics.values());
        answer.put("images", metrics.images());
        answer.put("macro_precision", metrics.confusion().precision(Average.MACRO));
        answer.put("macro_recall", metrics.confusion().recall(Average.MACRO));
        answer.put("macro_f1", metrics.confusion().f1(Average.MACRO));
        if (perClass) {
            answer.put(
                    "per_class",
                    measured.classes().stream().map(ValCommand::fields).toList());
        }
        return answer;
    }

    private static Map<String, Object> fields(PerClass figures) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("class", figures.name());
        fields.put("precision", figures.precision());
        fields.put("recall", figures.recall());
        fields.put("f1", figures.f1());
        fields.put("support", figures.support());
        return fields;
    }

    private static String table(List<PerClass> classes) {
        Column[] columns = {
            new Column().header("class").dataAlign(HorizontalAlign.LEFT).maxWidth(64),
            right("precision"),
            right("recall"),
            right("f1"),
            right("support")
        };
        Object[][] rows = classes.stream()
                .map(c -> new Object[] {c.name(), four(c.precision()), four(c.recall()), four(c.f1()), c.support()})
                .toArray(Object[][]::new);
        return AsciiTable.getTable(AsciiTable.BASIC_ASCII_NO_DATA_SEPARATORS, columns, rows);
    }

    private static Column right(String header) {
        return new Column().header(header).headerAlign(HorizontalAlign.RIGHT);
    }

    private static String four(double figure) {
        return String.format(Locale.ROOT, "%.4f", figure);
    }

    private Measured ofRun() {
        if (weights.given() || weights.incomplete()) {
            throw new ParameterException(spec.commandLine(), "expected a RUN or --weights, got both");
        }
        RunFolder folder = RunFolder.open(run);
        ClassificationRecipe recipe = Recipes.read(
                folder.file("recipe.yaml"),
                batch == null ? List.of() : List.of("train.batch_size=" + batch),
                ClassificationRecipe.class);
        Path best = folder.best();
        try (LoadedModel<ModelCard> classifier =
                LoadedModel.open(best, ModelCard.require(best), Preference.EMA).channelsLast()) {
            ClassificationTask task = data == null
                    ? ClassificationTask.of(recipe)
                    : task(classifier.card(), recipe.loss(), recipe.train().batchSize());
            return measure(task, classifier);
        }
    }

    private Measured ofWeights() {
        if (!weights.given() || data == null) {
            throw new ParameterException(
                    spec.commandLine(), "expected a RUN, or --weights FILE with --data DATA (and --model MODEL)");
        }
        Path file = weights.file();
        if (ImageClassifier.isExport(file)) {
            weights.requireSize();
            ModelCard card = weights.card(file, Optional.empty(), () -> classesOf(data));
            try (ImageClassifier classifier =
                    ImageClassifier.open(file, ImageClassifier.Settings.usual().withCard(card))) {
                ClassificationTask task = task(card, new CrossEntropy(), batch == null ? USUAL_BATCH : batch);
                tell(task);
                return new Measured(task.validate(images -> classifier.probabilities(images, tta)), card.classes());
            }
        }
        try (LoadedModel<ModelCard> classifier =
                weights.open(() -> classesOf(data)).channelsLast()) {
            Notes.print(classifier.notes(), spec);
            ClassificationTask task = task(classifier.card(), new CrossEntropy(), batch == null ? USUAL_BATCH : batch);
            return measure(task, classifier);
        }
    }

    private Measured measure(ClassificationTask task, LoadedModel<ModelCard> classifier) {
        tell(task);
        List<String> classes = classifier.card().classes();
        if (tta == TestTimeAugmentation.NONE) {
            return new Measured((ClassificationFigures) Trainer.validate(task, classifier.block()), classes);
        }
        try (ImageClassifier views = ImageClassifier.of(classifier)) {
            return new Measured(task.validate(images -> views.probabilities(images, tta)), classes);
        }
    }

    private void tell(ClassificationTask task) {
        if (!json) {
            PrintWriter out = spec.commandLine().getOut();
            task.summary().forEach(out::println);
            out.flush();
        }
    }

    private static List<String> classesOf(String data) {
        return data.equals("digits") ? Digits.splits().classes() : ImageFolder.classes(Path.of(data));
    }

    private ClassificationTask task(ModelCard card, LossFunction loss, int size) {
        return ClassificationTask.validating(card, data, loss, new ClassificationTask.Settings(0, size, 2));
    }
}
