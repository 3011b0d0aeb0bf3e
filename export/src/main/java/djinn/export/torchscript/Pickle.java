package djinn.export.torchscript;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import djinn.export.trace.TraceException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;

/**
 * A pickle of protocol 2 as TorchScript archives hold: objects of their classes, and tensors whose elements are entries
 * of their own.
 */
final class Pickle {

    private static final int PROTOCOL = 0x80;
    private static final int NEW_OBJECT = 0x81;
    private static final int TRUE = 0x88;
    private static final int FALSE = 0x89;
    private static final int LONG = 0x8a;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final List<NDArray> storages = new ArrayList<>();
    private final IdentityHashMap<NDArray, Integer> numbers = new IdentityHashMap<>();

    /** Begins a pickle. */
    Pickle() {
        bytes.write(PROTOCOL);
        bytes.write(2);
    }

    /** Opens a tuple, or a dictionary's entries. */
    Pickle open() {
        bytes.write('(');
        return this;
    }

    /** Makes a tuple of what came since it was opened. */
    Pickle tuple() {
        bytes.write('t');
        return this;
    }

    /** Opens an object: its fields follow, as names and values. */
    Pickle object(String scope, String name) {
        global(scope, name);
        bytes.write(')');
        bytes.write(NEW_OBJECT);
        bytes.write('}');
        return open();
    }

    /** Closes an object. */
    Pickle built() {
        bytes.write('u');
        bytes.write('b');
        return this;
    }

    Pickle text(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        bytes.write('X');
        integer4(utf8.length);
        bytes.writeBytes(utf8);
        return this;
    }

    Pickle flag(boolean flag) {
        bytes.write(flag ? TRUE : FALSE);
        return this;
    }

    Pickle integer(long number) {
        if (number == (int) number) {
            bytes.write('J');
            integer4((int) number);
        } else {
            bytes.write(LONG);
            bytes.write(Long.BYTES);
            bytes.writeBytes(ByteBuffer.allocate(Long.BYTES)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(number)
                    .array());
        }
        return this;
    }

    /** Writes where a tensor's elements are and how they lie there; the same array again is the same tensor. */
    Pickle tensor(NDArray array, boolean gradient) {
        Integer known = numbers.putIfAbsent(array, storages.size());
        if (known != null) {
            bytes.write('j');
            integer4(known);
            return this;
        }
        int number = storages.size();
        storages.add(array);
        long[] shape = array.getShape().getShape();
        global("torch._utils", "_rebuild_tensor_v2").open();
        open().text("storage")
                .global("torch", storage(array.getDataType()))
                .text(Integer.toString(number))
                .text("cpu")
                .integer(array.size())
                .tuple();
        bytes.write('Q');
        integer(0).open();
        for (long extent : shape) {
            integer(extent);
        }
        tuple().open();
        for (int axis = 0; axis < shape.length; axis++) {
            integer(stride(shape, axis));
        }
        tuple().flag(gradient).global("collections", "OrderedDict");
        bytes.write(')');
        bytes.write('R');
        tuple();
        bytes.write('R');
        bytes.write('r');
        integer4(number);
        return this;
    }

    private static long stride(long[] shape, int axis) {
        long stride = 1;
        for (int i = axis + 1; i < shape.length; i++) {
            stride *= Math.max(shape[i], 1);
        }
        return stride;
    }

    private Pickle global(String scope, String name) {
        bytes.writeBytes(("c" + scope + "\n" + name + "\n").getBytes(StandardCharsets.US_ASCII));
        return this;
    }

    private void integer4(int number) {
        bytes.writeBytes(ByteBuffer.allocate(Integer.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(number)
                .array());
    }

    /** Returns the arrays the tensors have their elements from, by number. */
    List<NDArray> storages() {
        return storages;
    }

    /** Ends the pickle. */
    byte[] bytes() {
        bytes.write('.');
        return bytes.toByteArray();
    }

    /**
     * Returns the name of PyTorch's storage of a type, without its package.
     *
     * @throws TraceException if it has none
     */
    private static String storage(DataType type) {
        return switch (type) {
            case UINT8 -> "ByteStorage";
            case INT8 -> "CharStorage";
            case INT16 -> "ShortStorage";
            case INT32 -> "IntStorage";
            case INT64 -> "LongStorage";
            case FLOAT16 -> "HalfStorage";
            case FLOAT32 -> "FloatStorage";
            case FLOAT64 -> "DoubleStorage";
            case BOOLEAN -> "BoolStorage";
            case BFLOAT16 -> "BFloat16Storage";
            default -> throw new TraceException("cannot write an array of type " + type);
        };
    }
}
