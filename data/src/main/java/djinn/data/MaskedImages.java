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
}
