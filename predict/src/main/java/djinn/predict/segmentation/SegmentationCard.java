package djinn.predict.segmentation;

import djinn.data.Normalisation;
import djinn.data.Preprocessing;
import djinn.data.Scaling;
import djinn.inference.ImageCard;
import djinn.inference.ModelCard;
import djinn.ops.DataException;
import djinn.zoo.ModelEntry;
import djinn.zoo.ModelOptions;
import djinn.zoo.Models;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.weights.PascalVoc;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * What a segmenter's weights file must say so that it can be used by itself; kept in the file's metadata.
 *
 * @param model the architecture, the classes and what is done to every image
 * @param width the channels at full size; the paper's if empty
 * @param backbone what it sees with, where the architecture leaves that open; its usual one if empty
 * @param scaling by what an image's values are divided
 */
public record SegmentationCard(ModelCard model, OptionalInt width, Optional<String> backbone, Scaling scaling)
        implements ImageCard {

    /** The task's name. */
    public static final String SEGMENTATION = "segmentation";

    private static final String WIDTH = "djinn.width";
    private static final String BACKBONE = "djinn.backbone";
    /** What the file says of its input in the field's words. */
    private static final String INPUT = "djinn.input";

    private static final String SCALING = "djinn.scaling";

    /** Models whose public weights take values from -1 to 1. */
    private static final Set<String> HALVED = Set.of("deeplabv3_mobilenet_v2");

    /** A model of the architecture's own width and backbone, to whose images nothing is done after the preprocessing. */
    static SegmentationCard of(ModelCard model) {
        return new SegmentationCard(model, OptionalInt.empty(), Optional.empty(), Scaling.FIXED);
    }

    /**
     * Returns a card for weights that have none: the model's own input, which an image is fitted into whole, and ImageNet's
     * normalisation but where the public weights have another.
     *
     * @param model the architecture, one for segmentation
     * @param classes the names of the classes, by index; of 21 those of PASCAL VOC if empty, else numbers
     * @return the card
     * @throws IllegalArgumentException if the model is for another task
     */
    public static SegmentationCard usual(ModelEntry model, List<String> classes) {
        if (!model.task().equals(SEGMENTATION)) {
            throw new IllegalArgumentException("expected a model for segmentation, got " + model.name()
                    + ", which is for " + model.task() + "; 'djinn models --filter segmentation' lists them");
        }
        Normalisation usual = Normalisation.usual(model.channels());
        List<Double> half = Collections.nCopies(model.channels(), .5);
        boolean halved = HALVED.contains(model.name());
        Preprocessing images = new Preprocessing(
                model.size(),
                model.size(),
                model.channels(),
                halved ? half : usual.mean(),
                halved ? half : usual.std(),
                Preprocessing.Fit.LETTERBOX,
                1);
        return of(new ModelCard(model.name(), classes.isEmpty() ? names(model.classes()) : classes, images));
    }

    private static List<String> names(int classes) {
        List<String> voc = PascalVoc.classes();
        return classes == voc.size()
                ? voc
                : IntStream.range(0, classes).mapToObj(Integer::toString).toList();
    }

    /** Returns the same segmenter of other classes or other preprocessing. */
    public SegmentationCard withModel(ModelCard other) {
        return new SegmentationCard(other, width, backbone, scaling);
    }

    /** Returns what is done to every image before the scaling. */
    @Override
    public Preprocessing preprocessing() {
        return model.preprocessing();
    }

    @Override
    public List<String> classes() {
        return model.classes();
    }

    /**
     * Returns the card for images of another size.
     *
     * @param size height and width
     * @throws IllegalArgumentException if the model takes none so small
     */
    SegmentationCard withSize(int size) {
        int smallest = Models.named(model.model()).smallest();
        if (size < smallest) {
            throw new IllegalArgumentException(
                    "expected at least " + smallest + " pixels for " + model.model() + ", got " + size);
        }
        Preprocessing images = preprocessing();
        Preprocessing others = new Preprocessing(
                size,
                size,
                images.channels(),
                images.mean(),
                images.std(),
                images.fit(),
                images.cropFraction(),
                images.interpolation());
        return new SegmentationCard(new ModelCard(model.model(), classes(), others), width, backbone, scaling);
    }

    @Override
    public String task() {
        return SEGMENTATION;
    }

    @Override
    public String output() {
        return "logits, (N, K, H, W), of every pixel one per class of djinn.classes";
    }

    @Override
    public Optional<ModelEntry> entry() {
        return Optional.of(Models.named(model.model()));
    }

    @Override
    public ArrayBlock newModel() {
        return Models.named(model.model())
                .build(new ModelOptions(classes().size(), preprocessing().channels(), width, backbone));
    }

    @Override
    public Map<String, String> toMetadata() {
        Map<String, String> metadata = new LinkedHashMap<>(model.toMetadata());
        metadata.put(TASK, SEGMENTATION);
        metadata.put(OUTPUT, output());
        width.ifPresent(channels -> metadata.put(WIDTH, Integer.toString(channels)));
        backbone.ifPresent(name -> metadata.put(BACKBONE, name));
        metadata.put(SCALING, scaling.name().toLowerCase(Locale.ROOT));
        if (scaling != Scaling.FIXED) {
            // its words do not know of it
            metadata.remove(INPUT);
        }
        return metadata;
    }

    /**
     * Returns the card in the metadata of a file, as {@link #toMetadata()} makes them.
     *
     * @param metadata of weights
     * @param file for the message
     * @return the card
     * @throws DataException if there is none, or it is damaged or of another task
     */
    public static SegmentationCard fromMetadata(Map<String, String> metadata, Path file) {
        String task = metadata.getOrDefault(TASK, metadata.containsKey("djinn.model") ? "classification" : "none");
        Optional<ModelCard> card = ModelCard.fromMetadata(metadata, file);
        if (!task.equals(SEGMENTATION) || card.isEmpty()) {
            throw new DataException(
                    file + ": expected the weights of a segmenter that Djinn trained, whose metadata say"
                            + " the task segmentation, got those of " + (task.equals("none") ? "no task" : task));
        }
        try {
            OptionalInt width = metadata.containsKey(WIDTH)
                    ? OptionalInt.of(Integer.parseInt(metadata.get(WIDTH)))
                    : OptionalInt.empty();
            Scaling scaling =
                    Scaling.valueOf(metadata.getOrDefault(SCALING, "fixed").toUpperCase(Locale.ROOT));
            return new SegmentationCard(card.get(), width, Optional.ofNullable(metadata.get(BACKBONE)), scaling);
        } catch (IllegalArgumentException e) {
            throw new DataException(file + ": its description of the model cannot be read: " + e.getMessage(), e);
        }
    }
}
