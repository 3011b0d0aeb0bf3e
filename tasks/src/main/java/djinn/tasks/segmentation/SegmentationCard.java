package djinn.tasks.segmentation;

import djinn.data.Preprocessing;
import djinn.data.Scaling;
import djinn.inference.Card;
import djinn.inference.ModelCard;
import djinn.ops.DataException;
import djinn.zoo.ModelEntry;
import djinn.zoo.ModelOptions;
import djinn.zoo.Models;
import djinn.zoo.nn.ArrayBlock;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What a segmenter's weights file must say so that it can be used by itself; kept in the file's metadata.
 *
 * @param model the architecture, the classes and what is done to every image
 * @param width the channels at full size; the paper's if empty
 * @param scaling by what an image's values are divided
 */
public record SegmentationCard(ModelCard model, OptionalInt width, Scaling scaling) implements Card {

    /** The task's name. */
    static final String SEGMENTATION = "segmentation";

    private static final String WIDTH = "djinn.width";
    /** What the file says of its input in the field's words. */
    private static final String INPUT = "djinn.input";

    private static final String SCALING = "djinn.scaling";

    /** Returns what is done to every image before the scaling. */
    public Preprocessing preprocessing() {
        return model.preprocessing();
    }

    /** Returns the names of the classes, by index. */
    public List<String> classes() {
        return model.classes();
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
                .build(new ModelOptions(classes().size(), preprocessing().channels(), width));
    }

    @Override
    public Map<String, String> toMetadata() {
        Map<String, String> metadata = new LinkedHashMap<>(model.toMetadata());
        metadata.put(TASK, SEGMENTATION);
        metadata.put(OUTPUT, output());
        width.ifPresent(channels -> metadata.put(WIDTH, Integer.toString(channels)));
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
            return new SegmentationCard(card.get(), width, scaling);
        } catch (IllegalArgumentException e) {
            throw new DataException(file + ": its description of the model cannot be read: " + e.getMessage(), e);
        }
    }
}
