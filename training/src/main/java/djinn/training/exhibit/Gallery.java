package djinn.training.exhibit;

import djinn.data.Pixels;
import java.util.List;

/**
 * Pictures, each with a line about it.
 *
 * @param title what it is called
 * @param note what it shows, and in what order
 * @param pictures in the order they are shown
 */
public record Gallery(String title, String note, List<Picture> pictures) implements Exhibit {

    /**
     * A picture.
     *
     * @param name what it is of, such as its file
     * @param caption a line about it, such as {@code cat, taken for dog (0.93)}
     * @param pixels of 1 or 3 channels
     * @param verdict whether the model was right about it
     */
    public record Picture(String name, String caption, Pixels pixels, Verdict verdict) {}

    /** Copies the list. */
    public Gallery {
        pictures = List.copyOf(pictures);
    }
}
