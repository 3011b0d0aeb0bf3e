package djinn.inference;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;

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

        /**
         * Returns a tensor of whole numbers, int64.
         *
         * @param values the elements, row by row
         * @param shape the extents
         */
        default Tensor tensor(long[] values, Shape shape) {
            ByteBuffer bytes = bytes(Math.multiplyExact(values.length, Long.BYTES));
            bytes.asLongBuffer().put(values);
            return new Tensor(bytes, shape, DataType.INT64);
        }

        /**
         * Returns a tensor of float32.
         *
         * @param values the elements, row by row
         * @param shape the extents
         */
        default Tensor tensor(float[] values, Shape shape) {
            ByteBuffer bytes = bytes(Math.multiplyExact(values.length, Float.BYTES));
            bytes.asFloatBuffer().put(values);
            return new Tensor(bytes, shape, DataType.FLOAT32);
        }
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

    /**
     * Answers inputs; by one pass of the model unless a codec knows better.
     *
     * @param inputs a batch, at least one
     * @param room lends the memory
     * @param model computes the model's outputs of its tensors
     * @return one answer for each, in order
     * @throws djinn.ops.DataException if an input cannot be read
     * @throws IllegalArgumentException if an input is of a kind that the model does not take
     */
    default List<A> answer(List<? extends I> inputs, Room room, UnaryOperator<List<Tensor>> model) {
        Encoded<A> encoded = encode(inputs, room);
        return encoded.decoding().apply(model.apply(encoded.tensors()));
    }

    /** Returns the shape of a single input's tensor, (1, ...), that {@linkplain Predictor#freeze freezing} prepares for. */
    default Optional<Shape> usualShape() {
        return Optional.empty();
    }
}
