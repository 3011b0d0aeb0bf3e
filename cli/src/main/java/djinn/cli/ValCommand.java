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
import djinn.metrics.Metrics;
import djinn.ops.NotFiniteException;
import djinn.tasks.Recipes;
import djinn.tasks.TrainedRun;
import djinn.tasks.classification.ClassificationFigures;
import djinn.tasks.classification.ClassificationRecipe;
import djinn.tasks.classification.ClassificationTask;
import djinn.training.ClassTable;
import djinn.training.Task;
import djinn.training.Trainer;
import djinn.training.run.Lines;
import djinn.zoo.weights.Preference;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
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
            "  djinn val runs/nin_digits/top/epoch-0007_accuracy-0.9712.safetensors",
            "  djinn val runs/cells --split test --per-class",
            "  djinn val runs/cells --set select.suppression=soft_nms",
            "  djinn val runs/nin_digits --data other/images --tta flip",
            "  djinn val --model nin_small --weights best.safetensors --data digits --json"
        })
final class ValCommand implements Runnable {

    /** What was measured, under the names of the classes. */
    private record Measured(ClassificationFigures metrics, List<String> names) {
        ClassTable classes() {
            return ClassificationTask.perClass(metrics.confusion(), names);
        }
    }

    /** A part of the recipe's data. */
    private enum Split {
        VAL,
        TEST
    }

    private static final int USUAL_BATCH = 64;
    private static final String PER_CLASS = "per_class";

    @Spec
    private CommandSpec spec;

    @Parameters(
            arity = "0..1",
            paramLabel = "RUN",
            description = "The folder of a run: its best weights, its data; or other weights of a run, by their file.")
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

    @Option(
            names = "--split",
            paramLabel = "PART",
            description = "Of the recipe's data: val, by which the best weights were chosen, or test (default: val).")
    private Split split;

    @Option(
            names = "--set",
            paramLabel = "KEY.PATH=VALUE",
            description =
                    "Override a key of the run's recipe, such as where its data lies now; may be given more than once.")
    private List<String> overrides = List.of();

    @Option(names = "--per-class", description = "Also tell the figures of every class.")
    private boolean perClass;

    @Option(names = "--json", description = "Answer with one JSON object; averages of the classes are in it.")
    private boolean json;

    @Override
    public void run() {
        if (batch != null && batch < 1) {
            throw new ParameterException(spec.commandLine(), "expected --batch of at least 1, got " + batch);
        }
        if (run == null && !overrides.isEmpty()) {
            throw new ParameterException(
                    spec.commandLine(), "expected --set with a RUN, whose recipe it is about, got no run");
        }
        if (run != null && !TaskOfFile.isClassification(run)) {
            ofOtherTask();
            return;
        }
        if (split == Split.TEST) {
            throw new ParameterException(
                    spec.commandLine(),
                    "expected --data with images of classes, got --split test: recipes of classification have no part"
                            + " to test on");
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
        if (weights.given() || weights.incomplete() || data != null || tta != TestTimeAugmentation.NONE) {
            throw new ParameterException(
                    spec.commandLine(),
                    "expected a RUN with --split, --batch, --set, --per-class and --json: the other options are for classifiers, and "
                            + run + " is of another task");
        }
        WeightsOfRun own = WeightsOfRun.of(run);
        try (TrainedRun trained = TrainedRun.open(own.folder(), own.file(), allOverrides())) {
            requireClasses(trained);
            PrintWriter out = spec.commandLine().getOut();
            tell(trained.task());
            Metrics measured = split == Split.TEST ? trained.test() : trained.validate();
            Map<String, Double> figures = measured.values();
            figures.forEach((name, value) -> {
                if (!Double.isFinite(value)) {
                    throw new NotFiniteException("expected a finite " + name + ", got " + value
                            + "; look at the model's weights and the data");
                }
            });
            Optional<ClassTable> classes = perClass ? trained.perClass(measured) : Optional.empty();
            if (json) {
                Map<String, Object> answer = new LinkedHashMap<>(figures);
                classes.ifPresent(table -> answer.put(PER_CLASS, fields(table)));
                out.println(Json.line(answer));
            } else {
                classes.ifPresent(table -> out.println(table(table)));
                out.println(Lines.figures(figures));
            }
            out.flush();
        }
    }

    private List<String> allOverrides() {
        return Stream.concat(
                        overrides.stream(),
                        Optional.ofNullable(batch).stream().map(size -> OptionKeys.override("--batch", size)))
                .toList();
    }

    /** Refuses figures of classes before anything is measured, where the task knows none. */
    private void requireClasses(TrainedRun trained) {
        if (!perClass) {
            return;
        }
        try (Metrics nothing = trained.task().newFigures()) {
            if (trained.perClass(nothing).isEmpty()) {
                throw new ParameterException(
                        spec.commandLine(),
                        "expected no --per-class: " + run + " is of the task "
                                + trained.recipe().task() + ", which knows no classes");
            }
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
            answer.put(PER_CLASS, fields(measured.classes()));
        }
        return answer;
    }

    private static List<Map<String, Object>> fields(ClassTable classes) {
        List<Map<String, Object>> all = new ArrayList<>();
        for (ClassTable.Row row : classes.rows()) {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("class", row.name());
            for (int i = 0; i < row.values().size(); i++) {
                fields.put(classes.figures().get(i), row.values().get(i));
            }
            all.add(fields);
        }
        return all;
    }

    private static String table(ClassTable classes) {
        List<Column> head = new ArrayList<>();
        head.add(new Column().header("class").dataAlign(HorizontalAlign.LEFT).maxWidth(64));
        classes.figures().forEach(figure -> head.add(right(figure)));
        Column[] columns = head.toArray(Column[]::new);
        Object[][] rows = classes.rows().stream()
                .map(row -> Stream.concat(
                                Stream.of(row.name()), row.values().stream().map(value -> ClassTable.words(value, 4)))
                        .toArray())
                .toArray(Object[][]::new);
        return AsciiTable.getTable(AsciiTable.BASIC_ASCII_NO_DATA_SEPARATORS, columns, rows);
    }

    private static Column right(String header) {
        return new Column().header(header).headerAlign(HorizontalAlign.RIGHT);
    }

    private Measured ofRun() {
        if (weights.given() || weights.incomplete()) {
            throw new ParameterException(spec.commandLine(), "expected a RUN or --weights, got both");
        }
        WeightsOfRun own = WeightsOfRun.of(run);
        ClassificationRecipe recipe =
                Recipes.read(own.folder().file("recipe.yaml"), allOverrides(), ClassificationRecipe.class);
        Path best = own.file();
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

    /** Tells what is measured on, unless figures alone are wanted. */
    private void tell(Task<?> task) {
        if (!json) {
            PrintWriter out = Notes.progress(spec.commandLine().getOut(), spec);
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
