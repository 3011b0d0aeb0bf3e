package djinn.predict.detection;

import djinn.data.Preprocessing;
import djinn.data.proposals.ProposalRule;
import djinn.export.onnx.OnnxOptions;
import djinn.inference.ImageCard;
import djinn.inference.ModelCard;
import djinn.inference.ModelInput;
import djinn.ops.BoxSelection;
import djinn.ops.DataException;
import djinn.ops.MaskClasses;
import djinn.ops.Suppression;
import djinn.zoo.detection.Detector;
import djinn.zoo.detection.DetectorOptions;
import djinn.zoo.detection.Detectors;
import djinn.zoo.detection.Masked;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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
 * @param masks how the pixels of the classes hang together, where masks are told
 * @param proposals how regions are proposed to it, of a detector that looks at given ones
 */
public record DetectionCard(
        ModelCard model,
        Optional<String> backbone,
        List<List<Double>> anchors,
        Optional<Suppression> suppression,
        MaskClasses masks,
        Optional<ProposalRule> proposals)
        implements ImageCard {

    /** The task's name. */
    static final String DETECTION = "detection";

    private static final String BACKBONE = "djinn.backbone";
    private static final String ANCHORS = "djinn.anchors";
    private static final String SUPPRESSION = "djinn.suppression";
    private static final String MASKS = "djinn.masks";
    private static final String PROPOSALS = "djinn.proposals";

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

    /** Of a detector that is given no regions; with a mask of its own for each class, if it tells masks. */
    public DetectionCard(
            ModelCard model, Optional<String> backbone, List<List<Double>> anchors, Optional<Suppression> suppression) {
        this(model, backbone, anchors, suppression, MaskClasses.PER_CLASS, Optional.empty());
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
        return new DetectionCard(other, backbone, anchors, suppression, masks, proposals);
    }

    /** Returns the same detector, told of photos by a rule of proposing regions. */
    public DetectionCard withProposals(ProposalRule rule) {
        return new DetectionCard(model, backbone, anchors, suppression, masks, Optional.of(rule));
    }

    @Override
    public List<String> classes() {
        return model.classes();
    }

    /** Returns which boxes of an image a detector tells by its own rule. */
    public BoxSelection selection(Detector detector) {
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
        if (Detectors.named(model.model()).tellsMasks()) {
            return SELECTED + ", and masks, (N, M, S, S), from 0 to 1, over the boxes";
        }
        return "boxes, (N, A, 4), x1 y1 x2 y2 in pixels of the model's image, and scores, (N, A, K), from 0 to 1, one"
                + " per class of djinn.classes; box selection comes after";
    }

    @Override
    public Detector newModel() {
        Detector built = built();
        if (built instanceof Masked masked) {
            masked.tell(selection(built), Set.of());
        }
        return built;
    }

    private Detector built() {
        return Detectors.named(model.model())
                .build(new DetectorOptions(classes().size(), backbone, anchors, masks));
    }

    @Override
    public Map<String, String> toMetadata() {
        return toMetadata(ModelInput.USUAL);
    }

    /**
     * Returns the card as metadata of a file.
     *
     * @param input what the file's model takes
     */
    public Map<String, String> toMetadata(ModelInput input) {
        Map<String, String> metadata = new LinkedHashMap<>(model.toMetadata(input));
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
        if (masks != MaskClasses.PER_CLASS) {
            metadata.put(MASKS, masks.name().toLowerCase(Locale.ROOT));
        }
        proposals.ifPresent(rule -> metadata.put(PROPOSALS, rule.text()));
        return metadata;
    }

    /**
     * Returns how an ONNX file is written that selects boxes itself.
     *
     * @param options how it is written otherwise
     * @param choice which objects it tells, of all classes
     * @param model the detector; one that tells masks selects its boxes by this choice from now on
     * @return with the selection, and metadata that say so
     * @throws IllegalArgumentException if classes are chosen, or a suppression that ONNX has no operation for
     */
    public OnnxOptions selecting(OnnxOptions options, ObjectChoice choice, Detector model) {
        if (!choice.classes().isEmpty()) {
            throw new IllegalArgumentException(
                    "expected no choice of classes in a file, got " + choice.classes() + "; choose when it is asked");
        }
        BoxSelection rule = choice.selection(selection(model), Optional.empty(), "");
        if (!rule.suppression().equals(Suppression.NMS)) {
            throw new IllegalArgumentException(
                    "expected suppression nms in a file that selects boxes itself, as ONNX has"
                            + " no operation for others, got "
                            + rule.suppression().text()
                            + "; export it with --suppression nms, or without --nms");
        }
        Map<String, String> metadata = new LinkedHashMap<>(options.metadata());
        metadata.put(SELECTION, JSON.writeValueAsString(Inside.of(rule)));
        if (model instanceof Masked masked) {
            masked.tell(rule, Set.of());
            return options.withMetadata(metadata);
        }
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
        String part = metadata.get(PartsExport.PART);
        if (part != null) {
            throw new DataException(file + ": expected a whole detector, got its part '" + part + "', which others run"
                    + " behind one another; export it without --parts");
        }
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
                Optional.ofNullable(metadata.get(SUPPRESSION)).map(text -> suppression(text, file)),
                masks(metadata.getOrDefault(MASKS, MaskClasses.PER_CLASS.name()), file),
                Optional.ofNullable(metadata.get(PROPOSALS)).map(text -> proposals(text, file)));
    }

    private static MaskClasses masks(String text, Path file) {
        try {
            return MaskClasses.valueOf(text.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw new DataException(file + ": expected " + MASKS + " as per_class or softmax, got " + text, e);
        }
    }

    private static ProposalRule proposals(String text, Path file) {
        try {
            return ProposalRule.of(text);
        } catch (IllegalArgumentException e) {
            throw new DataException(file + ": " + PROPOSALS + ": " + e.getMessage(), e);
        }
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
