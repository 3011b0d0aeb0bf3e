package djinn.inference;

import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Optional;

/** A loaded model on one of the engines; safe to call from many threads, but closed only when no call is under way. */
interface Backend extends AutoCloseable {

    /**
     * Runs the model.
     *
     * @param inputs in the model's order, each (N, ...); their memory may be used again once the call has returned
     * @return the outputs in the model's order, in memory of their own
     * @throws IllegalArgumentException if the model does not take the inputs
     */
    List<Tensor> forward(List<Tensor> inputs);

    /**
     * Makes later calls quicker, if it can.
     *
     * @param input the shape of what they will be given, (N, ...) of any N
     */
    void freeze(Shape input);

    /** The extents of the first input, -1 for those that are free; empty if any may be tried. */
    default Optional<Shape> inputShape() {
        return Optional.empty();
    }

    /** Whether declared extents, -1 for those that are free, are those of a tensor; the batch does not matter. */
    static boolean fits(Shape declared, Shape given) {
        boolean fits = declared.dimension() == given.dimension();
        for (int i = 1; fits && i < declared.dimension(); i++) {
            fits = declared.get(i) < 0 || declared.get(i) == given.get(i);
        }
        return fits;
    }

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
