package djinn.tasks.text;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Map;

/** The text that a model of whole texts is traced on, with some padding where there is room for it. */
public final class TracedText {

    private static final int LENGTH = 8;

    private TracedText() {}

    /**
     * Returns the text.
     *
     * @param owner owns the arrays
     * @param longest the most tokens that the model takes
     * @param vocabulary the number of tokens there are
     * @return tokens and padding, each (1, T), int64
     */
    public static NDList of(NDManager owner, int longest, int vocabulary) {
        int length = Math.min(LENGTH, longest);
        long[] tokens = new long[length];
        long[] padding = new long[length];
        for (int i = 0; i < length; i++) {
            tokens[i] = i % vocabulary;
        }
        padding[length - 1] = length > 1 ? 1 : 0;
        Shape shape = new Shape(1, length);
        return new NDList(owner.create(tokens, shape), owner.create(padding, shape));
    }

    /**
     * Returns the axes that may have any extent: the tokens, up to the most that the model takes.
     *
     * @param longest the most tokens that the model takes
     */
    public static Map<Integer, String> openAxes(int longest) {
        return longest < LENGTH ? Map.of() : Map.of(1, "tokens");
    }
}
