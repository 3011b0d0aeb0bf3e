package djinn.data;

/**
 * An image and the classes of its pixels.
 *
 * @param image of any size
 * @param labels of the image's size
 */
public record MaskedImage(Pixels image, LabelMap labels) implements ImageExample<MaskedImage> {

    /**
     * Checks that the sizes are equal.
     *
     * @throws IllegalArgumentException if not
     */
    public MaskedImage {
        if (image.height() != labels.height() || image.width() != labels.width()) {
            throw new IllegalArgumentException("expected a mask of the image's size, " + image.height() + "x"
                    + image.width() + ", got " + labels.height() + "x" + labels.width());
        }
    }

    @Override
    public MaskedImage changed(Augmented change) {
        return new MaskedImage(change.image(), change.follow(labels));
    }

    @Override
    public long bytes() {
        return (long) image.values().length + labels.values().length;
    }
}
