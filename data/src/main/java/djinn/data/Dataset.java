package djinn.data;

import djinn.ops.DataException;
import java.util.stream.IntStream;

/** Images with one label each. May be read from several threads. */
public interface Dataset {

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
     * Returns the class of an image.
     *
     * @param index from 0 to below the size
     * @return an index into the classes
     */
    int label(int index);

    /**
     * Returns what messages call an image.
     *
     * @param index from 0 to below the size
     * @return a path or a row
     */
    String name(int index);

    /** Returns the class of every image. */
    default int[] labels() {
        return IntStream.range(0, size()).map(this::label).toArray();
    }

    /**
     * Returns the images together with their labels.
     *
     * @param channels 1 or 3
     */
    default Source<LabelledImage> examples(int channels) {
        return new Source<>() {
            @Override
            public int size() {
                return Dataset.this.size();
            }

            @Override
            public LabelledImage example(int index) {
                return new LabelledImage(image(index, channels), label(index));
            }

            @Override
            public String name(int index) {
                return Dataset.this.name(index);
            }
        };
    }
}
