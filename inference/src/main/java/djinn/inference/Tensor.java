package djinn.inference;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * An array between the engines, in memory of Java's.
 *
 * @param bytes from position 0 on, in native order
 * @param shape the extents
 * @param type of the elements
 */
public record Tensor(ByteBuffer bytes, Shape shape, DataType type) {

    /**
     * Checks the order of bytes.
     *
     * @throws IllegalArgumentException if it is not the machine's
     */
    public Tensor {
        if (bytes.order() != ByteOrder.nativeOrder()) {
            throw new IllegalArgumentException("expected bytes in native order");
        }
    }

    /** Returns a copy of an array. */
    public static Tensor of(NDArray array) {
        ByteBuffer bytes = ByteBuffer.wrap(array.toByteArray()).order(ByteOrder.nativeOrder());
        return new Tensor(bytes, array.getShape(), array.getDataType());
    }

    /** The rows along the first axis, in the same memory. */
    List<Tensor> rows() {
        int count = Math.toIntExact(shape.get(0));
        Shape row = shape.slice(1);
        int length = Math.toIntExact(row.size() * type.getNumOfBytes());
        return IntStream.range(0, count)
                .mapToObj(n -> new Tensor(bytes.slice(n * length, length).order(bytes.order()), row, type))
                .toList();
    }

    /** What tensors are, for messages. */
    static String words(List<Tensor> tensors) {
        String each =
                tensors.stream().map(tensor -> tensor.type + " " + tensor.shape).collect(Collectors.joining(", "));
        return (tensors.size() == 1 ? "an input of " : tensors.size() + " inputs of ") + each;
    }

    /** Returns the elements of a float32 tensor. */
    public FloatBuffer floats() {
        return bytes.asFloatBuffer();
    }

    /**
     * Returns a copy as an array.
     *
     * @param manager owns it
     */
    public NDArray toArray(NDManager manager) {
        return manager.create(bytes.duplicate().order(ByteOrder.nativeOrder()), shape, type);
    }
}
