package djinn.export.onnx;

import ai.djl.ndarray.types.DataType;
import djinn.export.trace.TraceException;
import djinn.export.trace.Value;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Types of elements: the numbers ONNX knows them by, and which one PyTorch computes with when two meet. */
final class OnnxTypes {

    private OnnxTypes() {}

    /**
     * Returns ONNX's number of a type.
     *
     * @throws TraceException if it has none
     */
    static int code(DataType type) {
        return switch (type) {
            case FLOAT32 -> 1;
            case UINT8 -> 2;
            case INT8 -> 3;
            case INT16 -> 5;
            case INT32 -> 6;
            case INT64 -> 7;
            case BOOLEAN -> 9;
            case FLOAT16 -> 10;
            case FLOAT64 -> 11;
            default -> throw new TraceException("cannot export an array of type " + type);
        };
    }

    /** Returns the type of ATen's number. */
    static DataType ofScalarType(long number) {
        return switch ((int) number) {
            case 0 -> DataType.UINT8;
            case 1 -> DataType.INT8;
            case 2 -> DataType.INT16;
            case 3 -> DataType.INT32;
            case 4 -> DataType.INT64;
            case 5 -> DataType.FLOAT16;
            case 6 -> DataType.FLOAT32;
            case 7 -> DataType.FLOAT64;
            case 11 -> DataType.BOOLEAN;
            default -> throw new TraceException("cannot export an array of ATen's type " + number);
        };
    }

    /** Returns the type of the numbers that ONNX Runtime adds and compares, at least as wide as the given one. */
    static DataType computed(DataType type) {
        return switch (type) {
            case UINT8, INT8, INT16, BOOLEAN -> DataType.INT32;
            case FLOAT16 -> DataType.FLOAT32;
            default -> type;
        };
    }

    /**
     * Returns the type PyTorch compares two arguments in.
     *
     * @param x a value or a number
     * @param y of these too
     * @return the type
     */
    static DataType promoted(Object x, Object y) {
        int rankX = priority(x);
        int rankY = priority(y);
        DataType a = type(x);
        DataType b = type(y);
        int kindX = kind(a);
        int kindY = kind(b);
        if (kindX != kindY) {
            return kindX > kindY ? a : b;
        } else if (rankX != rankY) {
            return rankX > rankY ? a : b;
        }
        return a.getNumOfBytes() >= b.getNumOfBytes() ? a : b;
    }

    /** Arrays decide over arrays without axes, and these over numbers. */
    private static int priority(Object x) {
        if (x instanceof Value value) {
            return value.shape().dimension() == 0 ? 1 : 2;
        }
        return 0;
    }

    private static DataType type(Object x) {
        if (x instanceof Value value) {
            return value.type();
        } else if (x instanceof Boolean) {
            return DataType.BOOLEAN;
        }
        return x instanceof Double ? DataType.FLOAT32 : DataType.INT64;
    }

    private static int kind(DataType type) {
        return type == DataType.BOOLEAN ? 0 : type.isFloating() ? 2 : 1;
    }

    /** Returns numbers as ONNX stores them. */
    static byte[] bytes(DataType type, double... numbers) {
        ByteBuffer bytes =
                ByteBuffer.allocate(numbers.length * type.getNumOfBytes()).order(ByteOrder.LITTLE_ENDIAN);
        for (double number : numbers) {
            switch (type) {
                case FLOAT32 -> bytes.putFloat((float) number);
                case FLOAT64 -> bytes.putDouble(number);
                case INT64 -> bytes.putLong((long) number);
                case INT32 -> bytes.putInt((int) number);
                case INT16 -> bytes.putShort((short) number);
                case UINT8, INT8 -> bytes.put((byte) number);
                case BOOLEAN -> bytes.put((byte) (number == 0 ? 0 : 1));
                default -> throw new TraceException("cannot export a number of type " + type);
            }
        }
        return bytes.array();
    }
}
