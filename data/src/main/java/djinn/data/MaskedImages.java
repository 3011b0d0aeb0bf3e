package djinn.data;

import djinn.ops.DataException;

/** Images with a class for every pixel. May be read from several threads. */
public interface MaskedImages {

    /** Returns the number of images. */
    int size();

    /**
     * Reads an image.
     *
     * @param index from 0 to below the size
     * @param channels 1 or 3
     * @return the image
     * @throws DataException if it cannot be read
     */
    Pixels image(int index, int channels);

    /**
     * Reads the classes of an image's pixels.
     *
     * @param index from 0 to below the size
     * @return a map of the image's size
     * @throws DataException if it cannot be read
     */
    LabelMap mask(int index);

    /**
     * Returns what messages call an image.
     *
     * @param index from 0 to below the size
     * @return a path or a row
     */
    String name(int index);

    /**
     * Returns the images together with their classes; one whose mask is of another size cannot be read.
     *
     * @param channels 1 or 3
     */
    default Source<MaskedImage> examples(int channels) {
        return new Source<>() {
            @Override
            public int size() {
                return MaskedImages.this.size();
            }

            @Override
            public MaskedImage example(int index) {
                Pixels image = image(index, channels);
                LabelMap labels = mask(index);
                if (image.height() != labels.height() || image.width() != labels.width()) {
                    throw new DataException(name(index) + ": expected a mask of the image's size, " + image.height()
                            + "x" + image.width() + " (height x width), got " + labels.height() + "x" + labels.width()
                            + "; resize one of them, the mask by nearest");
                }
                return new MaskedImage(image, labels);
            }

            @Override
            public String name(int index) {
                return MaskedImages.this.name(index);
            }
        };
    }
}
