package djinn.zoo.weights;

import ai.djl.ndarray.types.DataType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The element types of a safetensors file that can be read and written here.
 *
 * <p>16-bit floats are widened to float32 when read, without loss. 16-bit integers are left out: DJL's PyTorch engine
 * cannot create them.
 */
public enum Dtype {
    /** 64-bit floats. */
    F64(8, DataType.FLOAT64),
    /** 32-bit floats. */
    F32(4, DataType.FLOAT32),
    /** IEEE 754 half floats: 5 bits of exponent, 10 of mantissa, at most 65504. */
    F16(2, DataType.FLOAT32),
    /** The upper half of a 32-bit float: 8 bits of exponent, 7 of mantissa. */
    BF16(2, DataType.FLOAT32),
    /** Signed 64-bit integers. */
    I64(8, DataType.INT64),
    /** Signed 32-bit integers. */
    I32(4, DataType.INT32),
    /** Signed bytes. */
    I8(1, DataType.INT8),
    /** Unsigned bytes. */
    U8(1, DataType.UINT8),
    /** One byte each, 0 or 1. */
    BOOL(1, DataType.BOOLEAN);

    private final int size;
    private final DataType arrayType;

    Dtype(int size, DataType arrayType) {
        this.size = size;
        this.arrayType = arrayType;
    }

    /** Bytes per element in the file. */
    public int size() {
        return size;
    }

    /** The type of an array read from such a tensor; float32 for F16 and BF16. */
    public DataType arrayType() {
        return arrayType;
    }

    /**
     * The type with this name in a file's header.
     *
     * @throws IllegalArgumentException if there is none; the message lists the known names
     */
    public static Dtype parse(String name) {
        for (Dtype dtype : values()) {
            if (dtype.name().equals(name)) {
                return dtype;
            }
        }
        throw new IllegalArgumentException(
                "unknown dtype '" + name + "', known are " + Arrays.toString(values()) + "; convert the tensor to one");
    }

    /**
     * The type that stores an array's elements unchanged.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static Dtype of(DataType type) {
        return switch (type) {
            case FLOAT64 -> F64;
            case FLOAT32 -> F32;
            case FLOAT16 -> F16;
            case INT64 -> I64;
            case INT32 -> I32;
            case INT8 -> I8;
            case UINT8 -> U8;
            case BOOLEAN -> BOOL;
            default ->
                throw new IllegalArgumentException(
                        "no safetensors dtype for " + type + " arrays; convert the array to float32 or int64 first");
        };
    }

    /** Moves elements from a file's bytes to an array's, as {@link #arrayType()} in native order. */
    void decode(ByteBuffer in, ByteBuffer out) {
        in.order(ByteOrder.LITTLE_ENDIAN);
        switch (this) {
            case F16, BF16 -> {
                while (in.hasRemaining()) {
                    out.putFloat(widen(in.getShort()));
                }
            }
            case BOOL -> {
                // the engine's behaviour is undefined for other bytes than 0 and 1
                while (in.hasRemaining()) {
                    out.put((byte) (in.get() == 0 ? 0 : 1));
                }
            }
            default -> out.put(in);
        }
    }

    /** The file's bytes for an array's elements, which are of the dtype {@code own}; between floats it converts. */
    ByteBuffer encode(ByteBuffer in, Dtype own) {
        in.order(ByteOrder.LITTLE_ENDIAN);
        if (own == this) {
            return in;
        }
        ByteBuffer out = ByteBuffer.allocate(in.remaining() / own.size * size).order(ByteOrder.LITTLE_ENDIAN);
        while (in.hasRemaining()) {
            float value = switch (own) {
                case F64 -> (float) in.getDouble();
                case F32 -> in.getFloat();
                default -> own.widen(in.getShort());
            };
            if (this == F32) {
                out.putFloat(value);
            } else {
                out.putShort(narrow(value));
            }
        }
        return out.flip();
    }

    /** The float32 value of 16 bits read as F16 or BF16; exact. */
    public float widen(short bits) {
        return switch (this) {
            case BF16 -> Float.intBitsToFloat(bits << 16);
            case F16 -> widenHalf(bits);
            default -> throw new IllegalStateException(this + " is not a 16-bit float");
        };
    }

    /** The largest number of this type of floats. */
    double largest() {
        return switch (this) {
            case F64 -> Double.MAX_VALUE;
            case F32 -> Float.MAX_VALUE;
            case F16 -> 65504;
            case BF16 -> 0x1.FEp127;
            default -> throw new IllegalStateException(this + " is no type of floats");
        };
    }

    /** Whether a finite number stays finite when it is rounded to this type of floats. */
    boolean holds(double value) {
        return switch (this) {
            case F64 -> true;
            case F32 -> Float.isFinite((float) value);
            default -> Float.isFinite(widen(narrow((float) value)));
        };
    }

    /** The nearest F16 or BF16, ties to even; what is too large becomes infinite and NaN stays NaN. */
    short narrow(float value) {
        return switch (this) {
            case BF16 -> narrowToBfloat16(value);
            case F16 -> narrowToHalf(value);
            default -> throw new IllegalStateException(this + " is not a 16-bit float");
        };
    }

    private static float widenHalf(short bits) {
        int sign = (bits & 0x8000) << 16;
        int exponent = (bits >> 10) & 0x1f;
        int mantissa = bits & 0x3ff;
        if (exponent == 0) {
            float magnitude = mantissa * 0x1p-24f;
            return sign == 0 ? magnitude : -magnitude;
        }
        // the exponents' biases are 15 and 127; the largest exponent marks infinities and NaN in both
        int wide = exponent == 0x1f ? 0xff : exponent + 112;
        return Float.intBitsToFloat(sign | (wide << 23) | (mantissa << 13));
    }

    private static short narrowToHalf(float value) {
        int bits = Float.floatToRawIntBits(value);
        int sign = (bits >>> 16) & 0x8000;
        float magnitude = Math.abs(value);
        if (Float.isNaN(value)) {
            return (short) (sign | 0x7e00);
        }
        // halfway between 65504 and the next step, which the format lacks
        if (magnitude >= 65520f) {
            return (short) (sign | 0x7c00);
        }
        // subnormal: a multiple of 2^-24, and the product is exact
        if (magnitude < 0x1p-14f) {
            return (short) (sign | (int) Math.rint(magnitude * 0x1p24));
        }
        int rebased = (bits & 0x7fffffff) - (112 << 23);
        int rounded = rebased + 0xfff + ((rebased >>> 13) & 1);
        return (short) (sign | (rounded >>> 13));
    }

    private static short narrowToBfloat16(float value) {
        int bits = Float.floatToRawIntBits(value);
        if (Float.isNaN(value)) {
            // rounding could carry a NaN into infinity; this bit keeps it one
            return (short) ((bits >>> 16) | 0x40);
        }
        return (short) ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16);
    }
}
