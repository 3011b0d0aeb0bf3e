package djinn.cli;

import djinn.data.Interpolation;
import djinn.data.Preprocessing;
import djinn.inference.Answering;
import djinn.inference.Engine;
import djinn.inference.ImageClassifier;
import djinn.inference.LoadedModel;
import djinn.inference.ModelCard;
import djinn.inference.ModelFile;
import djinn.inference.Predictor;
import djinn.ops.DataException;
import djinn.ops.TextFile;
import djinn.predict.detection.DetectionAnswering;
import djinn.predict.detection.DetectionCard;
import djinn.predict.detection.ObjectChoice;
import djinn.predict.detection.ObjectDetector;
import djinn.predict.detection.PublishedDetectors;
import djinn.tasks.Tasks;
import djinn.zoo.ModelEntry;
import djinn.zoo.Models;
import djinn.zoo.weights.CatalogueEntry;
import djinn.zoo.weights.Preference;
import djinn.zoo.weights.WeightSource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Weights given by their file: which model, classes and preprocessing they belong to, unless the file itself says so. */
final class WeightsOptions {

    /** What stands for a size that is left open. */
    static final String DYNAMIC = "dynamic";

    private static final Pattern EXTENTS = Pattern.compile("([1-9]\\d{0,4})(?:x([1-9]\\d{0,4}))?");

    @Option(
            names = "--model",
            paramLabel = "MODEL",
            description = "The architecture the weights belong to; 'djinn models' lists them.")
    private String model;

    @Option(
            names = "--weights",
            paramLabel = "FILE",
            description = "A safetensors file, a PyTorch state dict, or djinn:NAME as 'djinn weights list' has it; to"
                    + " predict or validate, an ONNX or TorchScript file too.")
    private String weights;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Option(
            names = "--classes",
            paramLabel = "FILE|NAMES",
            description =
                    "The classes' names, one per line. To predict with a detector, those of the classes told, such"
                            + " as cat,dog.")
    private String classes;

    @Option(
            names = "--size",
            paramLabel = "N|HxW",
            description = "Height and width the model gets; its own if left out.")
    private String size;

    @Option(
            names = "--crop",
            paramLabel = "SHARE",
            description = "The share of the resized image that is cut out, such as 0.875.")
    private Double crop;

    @Option(
            names = "--interpolation",
            description = "How an image is resized: ${COMPLETION-CANDIDATES}; the weights' own if left out.")
    private Interpolation interpolation;

    @Option(
            names = "--mean",
            paramLabel = "X",
            split = ",",
            description = "Taken off the channels, of values from 0 to 1: one number for each.")
    private List<Double> mean;

    @Option(
            names = "--std",
            paramLabel = "X",
            split = ",",
            description = "Divides the channels after that: one number for each.")
    private List<Double> std;

    @Option(
            names = "--prefer",
            paramLabel = "ema|plain",
            defaultValue = "ema",
            description =
                    "Which weights are taken where a file has both: the moving average (ema), or those of the last"
                            + " step (plain) (default: ${DEFAULT-VALUE}).")
    private Preference preference = Preference.EMA;

    /** Which weights are taken where there are averaged and plain ones. */
    Preference preference() {
        return preference;
    }

    boolean given() {
        return weights != null;
    }

    /** The model named beside the weights, or null. */
    String model() {
        return model;
    }

    /** The classes of the file given for them, or others. */
    List<String> classesOr(List<String> others) {
        return classes == null ? others : lines(Path.of(classes));
    }

    /** Whether the size is left open. */
    boolean sizeIsDynamic() {
        return DYNAMIC.equals(size);
    }

    /** Whether the classes are named by a file: what is no file are names. */
    private boolean classesInFile() {
        return given() && classes != null && Files.isRegularFile(Path.of(classes));
    }

    /** The classes of a detector that are told; none for all. */
    List<String> chosenClasses() {
        return classes == null || classesInFile() ? List.of() : List.of(classes.split(",", -1));
    }

    /** Which task the weights are for. */
    String task(Optional<Engine> engine) {
        return architecture().map(Tasks::ofModel).orElseGet(() -> TaskOfFile.of(file(), engine));
    }

    /** The detector that the weights are of, as the options say, and else the file itself. */
    ObjectDetector detector(Predictor.Settings settings, ObjectChoice choice) {
        requireSize();
        ModelFile file = ModelFile.of(file(), settings.engine());
        if (!TaskOfFile.answers(file.task(), DetectionAnswering.class)) {
            return ObjectDetector.of(detectorWeights(), settings, choice);
        }
        return ObjectDetector.open(file, detectorCard(file), settings, choice);
    }

    /** The detector's weights, for images. */
    LoadedModel<DetectionCard> detectorWeights() {
        return detectorWeights(PublishedDetectors::open);
    }

    /** The detector's weights, for arrays. */
    LoadedModel<DetectionCard> rawDetectorWeights() {
        return detectorWeights(PublishedDetectors::openRaw);
    }

    private LoadedModel<DetectionCard> detectorWeights(
            BiFunction<Path, PublishedDetectors.Asked, LoadedModel<DetectionCard>> others) {
        ModelFile file = ModelFile.of(file(), Optional.of(Engine.PYTORCH));
        return TaskOfFile.answers(file.task(), DetectionAnswering.class) && file.holdsWeights()
                ? LoadedModel.open(file.file(), detectorCard(file), preference)
                : others.apply(publishedFile(file), published());
    }

    private static Path publishedFile(ModelFile file) {
        if (!file.holdsWeights()) {
            throw new DataException(
                    file.file() + ": does not say what it is; expected weights, or what djinn exported");
        }
        return file.file();
    }

    private PublishedDetectors.Asked published() {
        return new PublishedDetectors.Asked(
                architecture().orElseThrow(),
                classesInFile() ? lines(Path.of(classes)) : List.of(),
                this::preprocessing,
                preference);
    }

    private DetectionCard detectorCard(ModelFile file) {
        DetectionCard own = DetectionCard.fromMetadata(file.metadata(), file.file());
        return own.withModel(changed(own.model(), file.file()));
    }

    /** What a file says of itself, with what the options change. */
    ModelCard changed(ModelCard own, Path file) {
        ModelCard card = require(own, file);
        List<String> names = classesInFile() ? lines(Path.of(classes)) : card.classes();
        return new ModelCard(card.model(), names, preprocessing(card.preprocessing()));
    }

    boolean incomplete() {
        return weights == null && (model != null || classes != null);
    }

    /** Opens the weights; the classes are asked for only if neither a file nor the weights name them. */
    LoadedModel<ModelCard> open(Supplier<List<String>> otherClasses) {
        requireSize();
        return openForAnySize(otherClasses);
    }

    /** Refuses a size that is left open. */
    void requireSize() {
        if (sizeIsDynamic()) {
            throw new ParameterException(spec.commandLine(), "expected --size as N or HxW, got 'dynamic'");
        }
    }

    /** Opens the weights where the size may be left open. */
    LoadedModel<ModelCard> openForAnySize(Supplier<List<String>> otherClasses) {
        Path file = file();
        return LoadedModel.open(file, card(file, Optional.of(Engine.PYTORCH), otherClasses), preference);
    }

    /** The file of the weights, downloaded if need be. */
    Path file() {
        return DownloadProgress.resolve(weights, spec);
    }

    /** The model the weights are for, if it was named or the weights are of the catalogue. */
    Optional<String> architecture() {
        return Optional.ofNullable(model).or(() -> WeightSource.entry(weights).map(CatalogueEntry::model));
    }

    /** What belongs to the weights, as the options say, and else the file itself. */
    ModelCard card(Path file, Optional<Engine> engine, Supplier<List<String>> otherClasses) {
        ModelCard card = WeightSource.entry(weights)
                .map(known -> require(cardOf(known), file))
                .or(() -> ImageClassifier.cardOf(file, engine).map(own -> require(own, file)))
                .orElseGet(() -> usual(file, otherClasses));
        List<String> names = classes == null ? card.classes() : lines(Path.of(classes));
        names = names.isEmpty() ? otherClasses.get() : names;
        return new ModelCard(card.model(), names, preprocessing(card.preprocessing()));
    }

    /** What belongs to weights of another task than classification that say nothing of themselves. */
    ModelCard card(Answering answering) {
        ModelEntry entry = Models.named(architecture().orElseThrow());
        ModelCard usual = answering.usual(entry, classes == null ? List.of() : lines(Path.of(classes)));
        return new ModelCard(usual.model(), usual.classes(), preprocessing(usual.preprocessing()));
    }

    private ModelCard require(ModelCard card, Path file) {
        return model == null ? card : card.requireModel(model, file);
    }

    private ModelCard usual(Path file, Supplier<List<String>> otherClasses) {
        if (model == null) {
            throw new DataException(
                    file + ": does not say which model it belongs to; expected weights saved by djinn, or --model");
        }
        ModelEntry entry = Models.named(model);
        Optional<Answering> other =
                Tasks.answering(entry.task()).filter(answering -> !entry.task().equals(TaskOfFile.CLASSIFICATION));
        return other.map(this::card)
                .orElseGet(
                        () -> ModelCard.usual(entry, classes == null ? otherClasses.get() : lines(Path.of(classes))));
    }

    static ModelCard cardOf(CatalogueEntry entry) {
        int channels = entry.mean().size();
        return new ModelCard(
                entry.model(),
                entry.classes(),
                new Preprocessing(
                        entry.size(),
                        entry.size(),
                        channels,
                        entry.mean(),
                        entry.std(),
                        Preprocessing.Fit.CROP,
                        entry.cropFraction(),
                        Interpolation.valueOf(entry.interpolation().toUpperCase(Locale.ROOT))));
    }

    /** The preprocessing, with what the options change. */
    Preprocessing preprocessing(Preprocessing usual) {
        int height = usual.height();
        int width = usual.width();
        if (size != null && !sizeIsDynamic()) {
            Matcher extents = EXTENTS.matcher(size);
            if (!extents.matches()) {
                throw new ParameterException(
                        spec.commandLine(), "expected --size as N or HxW, such as 224 or 192x256, got '" + size + "'");
            }
            height = Integer.parseInt(extents.group(1));
            width = extents.group(2) == null ? height : Integer.parseInt(extents.group(2));
        }
        return new Preprocessing(
                height,
                width,
                usual.channels(),
                mean == null ? usual.mean() : mean,
                std == null ? usual.std() : std,
                usual.fit(),
                crop == null ? usual.cropFraction() : crop,
                interpolation == null ? usual.interpolation() : interpolation);
    }

    private static List<String> lines(Path file) {
        List<String> names = TextFile.lines(file);
        if (names.isEmpty()) {
            throw new DataException(file + ": expected the classes' names, one per line, found none");
        }
        return names;
    }
}
