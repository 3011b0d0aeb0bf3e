package djinn.inference;

import djinn.data.Pixels;
import java.awt.image.BufferedImage;
import java.util.Map;

/** What a model says of one input, as people and programs read it. */
public interface Answer {

    /** Returns it as the fields of a JSON object, in their order: numbers, text, and lists and maps of these. */
    Map<String, Object> fields();

    /** Returns it in a line for people. */
    String line();

    /**
     * Returns the answer with its first entries alone, where it is a list of such.
     *
     * @param most how many at most, at least 1
     */
    default Answer first(int most) {
        return this;
    }

    /**
     * Draws the answer.
     *
     * @param image what was asked about, in its own size
     * @return pictures by what they show, such as {@code mask}; none if there is nothing to draw
     */
    default Map<String, BufferedImage> pictures(Pixels image) {
        return Map.of();
    }
}
