package djinn.data;

/**
 * An image and its class.
 *
 * @param image of any size
 * @param label an index into the classes
 */
public record LabelledImage(Pixels image, int label) implements ImageExample<LabelledImage> {

    @Override
    public LabelledImage changed(Augmented change) {
        return new LabelledImage(change.image(), label);
    }
}
