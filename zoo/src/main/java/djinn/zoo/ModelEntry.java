package djinn.zoo;

import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.weights.KeyMap;
import java.util.List;
import java.util.function.Function;
import java.util.function.LongPredicate;

/**
 * A line of the table of models.
 *
 * @param name as torchvision or timm spell it
 * @param task what it is for: {@code classification}, {@code segmentation} or {@code embedding}
 * @param channels C of the input it was made for
 * @param size H and W of the input it was made for
 * @param smallest the least H and W it takes; the size itself if it takes no other
 * @param classes K it was made for; of an embedding, its length
 * @param paper author, year, table or section
 * @param builder makes the model, not initialised
 * @param keyMaps the names other libraries' checkpoints have for its arrays
 * @param hasWidth whether its width can be chosen
 * @param takesBackbone whether it is built on any classifier that tells its feature maps, and not on one of its own
 */
public record ModelEntry(
        String name,
        String task,
        int channels,
        int size,
        int smallest,
        int classes,
        String paper,
        Function<ModelOptions, ArrayBlock> builder,
        List<KeyMap> keyMaps,
        boolean hasWidth,
        boolean takesBackbone)
        implements Architecture {

    /** Copies the key maps. */
    public ModelEntry {
        keyMaps = List.copyOf(keyMaps);
    }

    /**
     * A model whose checkpoints have its own names.
     *
     * @param name as torchvision or timm spell it
     * @param task what it is for
     * @param channels C of the input it was made for
     * @param size H and W of the input it was made for
     * @param smallest the least H and W it takes
     * @param classes K it was made for
     * @param paper author, year, table or section
     * @param builder makes the model, not initialised
     */
    public ModelEntry(
            String name,
            String task,
            int channels,
            int size,
            int smallest,
            int classes,
            String paper,
            Function<ModelOptions, ArrayBlock> builder) {
        this(name, task, channels, size, smallest, classes, paper, builder, List.of(), false, false);
    }

    /**
     * An ImageNet classifier: three channels, a thousand classes.
     *
     * @param name as torchvision or timm spell it
     * @param size H and W of the input it was made for
     * @param smallest the least H and W it takes
     * @param paper author, year, table or section
     * @param builder makes the model
     * @return the entry
     */
    public static ModelEntry imageNet(
            String name, int size, int smallest, String paper, Function<ModelOptions, ArrayBlock> builder) {
        return new ModelEntry(name, "classification", 3, size, smallest, 1000, paper, builder);
    }

    /**
     * Returns the same entry with key maps.
     *
     * @param maps the names other libraries' checkpoints have, the likeliest first
     * @return an entry that knows these and no others
     */
    public ModelEntry withKeyMaps(List<KeyMap> maps) {
        return new ModelEntry(
                name, task, channels, size, smallest, classes, paper, builder, maps, hasWidth, takesBackbone);
    }

    /** Returns the same entry for a builder that heeds {@link ModelOptions#width()}. */
    public ModelEntry withWidth() {
        return new ModelEntry(
                name, task, channels, size, smallest, classes, paper, builder, keyMaps, true, takesBackbone);
    }

    /** Returns the same entry for a builder that heeds {@link ModelOptions#backbone()}. */
    public ModelEntry withBackbone() {
        return new ModelEntry(name, task, channels, size, smallest, classes, paper, builder, keyMaps, hasWidth, true);
    }

    /**
     * Builds the model.
     *
     * @param options what is asked for
     * @return the model, not initialised
     * @throws IllegalArgumentException if a width or a backbone is asked for and the model has none to choose, or there is
     *     no such backbone
     */
    public ArrayBlock build(ModelOptions options) {
        if (options.width().isPresent() && !hasWidth) {
            throw new IllegalArgumentException("expected no width for " + name + ", whose width is the paper's, got "
                    + options.width().getAsInt());
        }
        if (options.backbone().isPresent() && !takesBackbone) {
            throw new IllegalArgumentException("expected no backbone for " + name + ", which has its own, got "
                    + options.backbone().get());
        }
        return builder.apply(options);
    }

    @Override
    public ArrayBlock build() {
        return build(new ModelOptions(classes, channels));
    }

    @Override
    public List<ModelEntry> others() {
        return Models.all().stream()
                .filter(entry -> entry.task.equals(task) && !entry.name.equals(name))
                .toList();
    }

    @Override
    public LongPredicate freeExtents() {
        return extent -> extent == classes || extent == channels;
    }
}
