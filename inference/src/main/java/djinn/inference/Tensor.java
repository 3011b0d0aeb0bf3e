package djinn.inference;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;

/**
 * An array between the engines, in memory of Java's.
 *
 * @param bytes from position 0 on, in native order
 * @param shape the extents
 * @param type of the elements
 */
record Tensor(ByteBuffer bytes, Shape shape, DataType type) {

    Tensor {
        if (bytes.order() != ByteOrder.nativeOrder()) {
            throw new IllegalArgumentException("expected bytes in native order");
        }
    }

    /** A copy of an array. */
    static Tensor of(NDArray array) {
        ByteBuffer bytes = ByteBuffer.wrap(array.toByteArray()).order(ByteOrder.nativeOrder());
        return new Tensor(bytes, array.getShape(), array.getDataType());
    }

    FloatBuffer floats() {
        return bytes.asFloatBuffer();
    }

    NDArray toArray(NDManager manager) {
        return manager.create(bytes.duplicate().order(ByteOrder.nativeOrder()), shape, type);
    }
}
