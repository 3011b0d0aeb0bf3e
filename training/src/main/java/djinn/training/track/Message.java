package djinn.training.track;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;

/**
 * A message in the wire format of protocol buffers (protobuf.dev/programming-guides/encoding): fields are added in any
 * order.
 */
final class Message {

    private static final int VARINT = 0;
    private static final int EIGHT_BYTES = 1;
    private static final int LENGTH = 2;
    private static final int FOUR_BYTES = 5;
    private static final int SEVEN_BITS = 0x7f;
    private static final int MORE = 0x80;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    /** Adds a whole number, a truth value or an enumeration's. */
    Message whole(int field, long value) {
        key(field, VARINT);
        varint(value);
        return this;
    }

    /** Adds a number in double precision. */
    Message real(int field, double value) {
        key(field, EIGHT_BYTES);
        out.writeBytes(little(Double.BYTES, bytes -> bytes.putDouble(value)));
        return this;
    }

    /** Adds a number in single precision. */
    Message single(int field, float value) {
        key(field, FOUR_BYTES);
        out.writeBytes(little(Float.BYTES, bytes -> bytes.putFloat(value)));
        return this;
    }

    /** Adds numbers in double precision, packed. */
    Message reals(int field, List<Double> values) {
        return bytes(field, little(Double.BYTES * values.size(), bytes -> values.forEach(bytes::putDouble)));
    }

    Message text(int field, String value) {
        return bytes(field, value.getBytes(StandardCharsets.UTF_8));
    }

    Message message(int field, Message value) {
        return bytes(field, value.toBytes());
    }

    Message bytes(int field, byte[] value) {
        key(field, LENGTH);
        varint(value.length);
        out.writeBytes(value);
        return this;
    }

    byte[] toBytes() {
        return out.toByteArray();
    }

    private void key(int field, int type) {
        varint((long) field << 3 | type);
    }

    private void varint(long value) {
        long rest = value;
        while ((rest & ~SEVEN_BITS) != 0) {
            out.write((int) (rest & SEVEN_BITS) | MORE);
            rest >>>= 7;
        }
        out.write((int) rest);
    }

    private static byte[] little(int size, Consumer<ByteBuffer> content) {
        byte[] bytes = new byte[size];
        content.accept(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN));
        return bytes;
    }
}
