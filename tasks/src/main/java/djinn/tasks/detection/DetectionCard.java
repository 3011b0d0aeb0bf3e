package djinn.tasks.detection;

import djinn.data.Preprocessing;
import djinn.export.onnx.OnnxOptions;
import djinn.inference.ImageCard;
import djinn.inference.ModelCard;
import djinn.ops.BoxSelection;
import djinn.ops.DataException;
import djinn.ops.Suppression;
import djinn.zoo.detection.Detector;
import djinn.zoo.detection.DetectorOptions;
import djinn.zoo.detection.Detectors;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.ObjectMapper;

/**
 * What a detector's weights file must say so that it can be used by itself; kept in the file's metadata.
 *
 * @param model the architecture, the classes and what is done to every image
 * @param backbone what it sees with, where the architecture leaves that open
 * @param anchors widths and heights that its boxes start from, where they are not its own
 * @param suppression what becomes of boxes that overlap a better one, where nothing else is asked for
 */
public record DetectionCard(
        ModelCard model, Optional<String> backbone, List<List<Double>> anchors, Optional<Suppression> suppression)
        implements ImageCard {

    /** The task's name. */
    static final String DETECTION = "detection";

    private static final String BACKBONE = "djinn.backbone";
    private static final String ANCHORS = "djinn.anchors";
    private static final String SUPPRESSION = "djinn.suppression";

    /** What the metadata of a file call its own selection of boxes. */
    private static final String SELECTION = "djinn.selection";

    private static final String SELECTED =
            "boxes, (N, M, 4), x1 y1 x2 y2 in pixels of the model's image, scores, (N, M), and labels, (N, M), of"
                    + " djinn.classes, by falling score, and counts, (N), how many of the M are an image's; the others are"
                    + " zeros";
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Copies the lists. */
    public DetectionCard {
        anchors = anchors.stream().map(List::copyOf).toList();
    }

    /** With the architecture's own anchors, if it has any. */
    public DetectionCard(ModelCard model, Optional<String> backbone) {
        this(model, backbone, List.of(), Optional.empty());
    }

    /** How a file selects boxes itself: greedy suppression alone has an operation in ONNX. */
    private record Inside(
            double scoreThreshold,
            int candidates,
            double iouThreshold,
            int most,
            boolean perClass,
            boolean acrossClasses,
            List<Integer> levels) {

        static Inside of(BoxSelection rule) {
            return new Inside(
                    rule.scoreThreshold(),
                    rule.candidates(),
                    rule.iouThreshold(),
                    rule.most(),
                    rule.perClass(),
                    rule.acrossClasses(),
                    rule.levels());
        }

        BoxSelection rule() {
            return new BoxSelection(scoreThreshold, candidates, iouThreshold, most, perClass, acrossClasses, levels);
        }
    }

    @Override
    public Preprocessing preprocessing() {
        return model.preprocessing();
    }

    /** Returns the same detector of other classes or other preprocessing. */
    public DetectionCard withModel(ModelCard other) {
        return new DetectionCard(other, backbone, anchors, suppression);
    }

    @Override
    public List<String> classes() {
        return model.classes();
    }

    /** Returns which boxes of an image a detector tells by its own rule. */
    BoxSelection selection(Detector detector) {
        BoxSelection own =
                detector.selection(preprocessing().height(), preprocessing().width());
        return suppression.map(own::withSuppression).orElse(own);
    }

    @Override
    public String task() {
        return DETECTION;
    }

    @Override
    public String output() {
        return "boxes, (N, A, 4), x1 y1 x2 y2 in pixels of the model's image, and scores, (N, A, K), from 0 to 1, one"
                + " per class of djinn.classes; box selection comes after";
    }

    @Override
    public Detector newModel() {
        return Detectors.named(model.model())
                .build(new DetectorOptions(classes().size(), backbone, anchors));
    }

    @Override
    public Map<String, String> toMetadata() {
        Map<String, String> metadata = new LinkedHashMap<>(model.toMetadata());
        metadata.put(TASK, DETECTION);
        metadata.put(OUTPUT, output());
        backbone.ifPresent(name -> metadata.put(BACKBONE, name));
        if (!anchors.isEmpty()) {
            metadata.put(
                    ANCHORS,
                    anchors.stream()
                            .map(size -> size.get(0) + "," + size.get(1))
                            .collect(Collectors.joining(" ")));
        }
        suppression.ifPresent(other -> metadata.put(SUPPRESSION, other.text()));
        return metadata;
    }

    /**
     * Returns how an ONNX file is written that selects boxes itself.
     *
     * @param options how it is written otherwise
     * @param choice which objects it tells, of all classes
     * @return with the selection, and metadata that say so
     * @throws IllegalArgumentException if classes are chosen, or a suppression that ONNX has no operation for
     */
    public OnnxOptions selecting(OnnxOptions options, ObjectChoice choice) {
        if (!choice.classes().isEmpty()) {
            throw new IllegalArgumentException(
                    "expected no choice of classes in a file, got " + choice.classes() + "; choose when it is asked");
        }
        BoxSelection rule = choice.selection(selection(newModel()), Optional.empty(), "");
        if (!rule.suppression().equals(Suppression.NMS)) {
            throw new IllegalArgumentException(
                    "expected suppression nms in a file that selects boxes itself, as ONNX has"
                            + " no operation for others, got "
                            + rule.suppression().text()
                            + "; export it with --suppression nms, or without --nms");
        }
        Map<String, String> metadata = new LinkedHashMap<>(options.metadata());
        metadata.put(SELECTION, JSON.writeValueAsString(Inside.of(rule)));
        metadata.put(OUTPUT, SELECTED);
        return options.withSelection(rule).withMetadata(metadata);
    }

    /**
     * Returns how a file selects boxes itself.
     *
     * @param metadata of the file
     * @param file for the message
     * @return empty if it leaves that to whoever uses it
     * @throws DataException if that is damaged
     */
    static Optional<BoxSelection> selectionInside(Map<String, String> metadata, Path file) {
        try {
            return Optional.ofNullable(metadata.get(SELECTION))
                    .map(json -> JSON.readValue(json, Inside.class).rule());
        } catch (JacksonException | IllegalArgumentException e) {
            throw new DataException(file + ": its description of the selection of boxes cannot be read", e);
        }
    }

    /**
     * Returns the card in the metadata of a file, as {@link #toMetadata()} makes them.
     *
     * @param metadata of weights
     * @param file for the message
     * @return the card
     * @throws DataException if there is none, or it is damaged or of another task
     */
    public static DetectionCard fromMetadata(Map<String, String> metadata, Path file) {
        String task = metadata.getOrDefault(TASK, metadata.containsKey("djinn.model") ? "classification" : "no task");
        Optional<ModelCard> card = ModelCard.fromMetadata(metadata, file);
        if (!task.equals(DETECTION) || card.isEmpty()) {
            throw new DataException(file + ": expected the weights of a detector that Djinn trained, whose metadata say"
                    + " the task detection, got those of " + task);
        }
        return new DetectionCard(
                card.get(),
                Optional.ofNullable(metadata.get(BACKBONE)),
                sizes(metadata.getOrDefault(ANCHORS, ""), file),
                Optional.ofNullable(metadata.get(SUPPRESSION)).map(text -> suppression(text, file)));
    }

    private static Suppression suppression(String text, Path file) {
        try {
            return Suppression.of(text);
        } catch (IllegalArgumentException e) {
            throw new DataException(file + ": " + SUPPRESSION + ": " + e.getMessage(), e);
        }
    }

    private static List<List<Double>> sizes(String text, Path file) {
        if (!text.matches("([0-9.E+-]+,[0-9.E+-]+( |$))*")) {
            throw new DataException(file + ": expected " + ANCHORS + " as pairs of numbers, got " + text);
        }
        try {
            return Pattern.compile(" ")
                    .splitAsStream(text)
                    .filter(pair -> !pair.isEmpty())
                    .map(pair -> pair.split(",", -1))
                    .map(pair -> List.of(Double.valueOf(pair[0]), Double.valueOf(pair[1])))
                    .toList();
        } catch (NumberFormatException e) {
            throw new DataException(file + ": expected " + ANCHORS + " as pairs of numbers, got " + text, e);
        }
    }
}
