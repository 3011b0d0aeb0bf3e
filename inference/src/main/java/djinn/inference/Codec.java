package djinn.inference;

import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Between what people have and what a model takes: inputs to tensors, and tensors to answers. One a task.
 *
 * <p>Any number of threads may call one codec at once.
 *
 * @param <I> what is asked about
 * @param <A> what is answered
 */
public interface Codec<I, A> {

    /**
     * Inputs as tensors, and how what the model makes of them is read.
     *
     * @param <A> what is answered
     * @param tensors what the model takes, in its order, the batch first
     * @param decoding of the model's outputs, in its order, to an answer for each input
     */
    record Encoded<A>(List<Tensor> tensors, Function<List<Tensor>, List<A>> decoding) {

        /** Copies the list. */
        public Encoded {
            tensors = List.copyOf(tensors);
        }
    }

    /** Lends memory for the tensors of one call, which takes it back. */
    interface Room {

        /**
         * Lends memory outside of the heap.
         *
         * @param bytes how many
         * @return memory in native order, its position 0 and its limit as many bytes; its contents are anything
         */
        ByteBuffer bytes(int bytes);
    }

    /**
     * Makes tensors.
     *
     * @param inputs a batch, at least one
     * @param room lends the memory
     * @return the tensors, and how answers are read
     * @throws djinn.ops.DataException if an input cannot be read
     * @throws IllegalArgumentException if an input is of a kind that the model does not take
     */
    Encoded<A> encode(List<? extends I> inputs, Room room);

    /** Returns the shape of a single input's tensor, (1, ...), that {@linkplain Predictor#freeze freezing} prepares for. */
    default Optional<Shape> usualShape() {
        return Optional.empty();
    }
}
