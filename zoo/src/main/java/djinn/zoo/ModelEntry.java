package djinn.zoo;

import djinn.zoo.nn.ArrayBlock;
import java.util.function.Function;

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
 */
public record ModelEntry(
        String name,
        String task,
        int channels,
        int size,
        int smallest,
        int classes,
        String paper,
        Function<ModelOptions, ArrayBlock> builder) {

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
     * Builds the model.
     *
     * @param options what is asked for
     * @return the model, not initialised
     */
    public ArrayBlock build(ModelOptions options) {
        return builder.apply(options);
    }

    /** Builds the model as its paper has it. */
    public ArrayBlock build() {
        return build(new ModelOptions(classes, channels));
    }
}
