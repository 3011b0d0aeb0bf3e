package djinn.predict.generative;

import djinn.inference.Sampling;
import djinn.ops.Nearest;
import java.util.List;

/**
 * Which class each image is of, of a model that is told: that which is named, or all in turn.
 *
 * @param classes the names; none if the model is not told
 * @param label the number of the one that is named; -1 if none is
 */
public record ClassChoice(List<String> classes, int label) {

    /** Copies the names. */
    public ClassChoice {
        classes = List.copyOf(classes);
    }

    /**
     * What a sampling asks for.
     *
     * @param classes the names; none if the model is not told
     * @param sampling names one or none
     * @throws IllegalArgumentException if there is no such class; the message has the nearest
     */
    public ClassChoice(List<String> classes, Sampling sampling) {
        this(classes, sampling.label().map(name -> number(classes, name)).orElse(-1));
    }

    private static int number(List<String> classes, String name) {
        int number = classes.indexOf(name);
        if (number < 0) {
            throw new IllegalArgumentException(
                    "unknown class '" + name + "', " + Nearest.suggestion(name, classes, "expected one of "));
        }
        return number;
    }

    /**
     * Returns the class of an image.
     *
     * @param place of the image
     * @return its number; 0 if the model is not told
     */
    public int at(int place) {
        return label >= 0 ? label : classes.isEmpty() ? 0 : place % classes.size();
    }
}
