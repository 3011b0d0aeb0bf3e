package djinn.inference;

import ai.djl.ndarray.types.Shape;
import java.util.List;

/** A loaded model on one of the engines; safe to call from many threads, but closed only when no call is under way. */
interface Backend extends AutoCloseable {

    /**
     * Runs the model.
     *
     * @param input (N, ...); its memory may be used again once the call has returned
     * @return the outputs in the model's order, in memory of their own
     * @throws IllegalArgumentException if the model does not take the input
     */
    List<Tensor> forward(Tensor input);

    /**
     * Makes later calls quicker, if it can.
     *
     * @param input the shape of what they will be given, (N, ...) of any N
     */
    void freeze(Shape input);

    /** Whether the first output is of probabilities already, and not of logits. */
    default boolean answersProbabilities() {
        return false;
    }

    /** Whether it takes images of bytes, (N, H, W, C), and normalises them itself. */
    default boolean takesPixels() {
        return false;
    }

    /** Where the model came from, for messages. */
    String source();

    /** What was taken off names, chosen and left out when it was loaded, a line each. */
    default List<String> notes() {
        return List.of();
    }

    @Override
    void close();
}
