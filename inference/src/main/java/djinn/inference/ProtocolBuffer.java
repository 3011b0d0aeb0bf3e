package djinn.inference;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Reading of protocol buffers by the numbers of their fields, without their description. */
final class ProtocolBuffer {

    private static final int ENTRY_KEY = 1;
    private static final int ENTRY_VALUE = 2;

    private static final int VARINT = 0;
    private static final int FIXED_64 = 1;
    private static final int BYTES = 2;
    private static final int FIXED_32 = 5;

    private ProtocolBuffer() {}

    /** Takes a field of a message. */
    interface Field {
        void take(int number, ByteBuffer content);
    }

    /** Takes a number of a message. */
    interface Scalar {
        void take(int field, long value);
    }

    /** The key and the value of an entry. */
    static Map.Entry<String, String> entry(ByteBuffer message) {
        String[] pair = {"", ""};
        walk(message, (field, content) -> {
            if (field == ENTRY_KEY || field == ENTRY_VALUE) {
                pair[field - ENTRY_KEY] = text(content);
            }
        });
        return Map.entry(pair[0], pair[1]);
    }

    static String text(ByteBuffer content) {
        return StandardCharsets.UTF_8.decode(content.duplicate()).toString();
    }

    /** The last number of a field, or 0. */
    static long number(ByteBuffer message, int field) {
        long[] last = {0};
        walk(message, (number, content) -> {}, (number, value) -> {
            if (number == field) {
                last[0] = value;
            }
        });
        return last[0];
    }

    /** Walks the fields of a message, telling of those with a content of bytes. */
    static void walk(ByteBuffer message, Field field) {
        walk(message, field, (number, value) -> {});
    }

    /**
     * Walks the fields of a message.
     *
     * @throws BufferUnderflowException if it ends too early
     * @throws IllegalArgumentException if it is none
     */
    static void walk(ByteBuffer message, Field field, Scalar scalar) {
        ByteBuffer rest = message.duplicate();
        while (rest.hasRemaining()) {
            long tag = varint(rest);
            switch ((int) (tag & 7)) {
                case VARINT -> scalar.take((int) (tag >>> 3), varint(rest));
                case FIXED_64 -> rest.position(rest.position() + Long.BYTES);
                case FIXED_32 -> rest.position(rest.position() + Integer.BYTES);
                case BYTES -> {
                    long length = varint(rest);
                    if (length < 0 || length > rest.remaining()) {
                        throw new BufferUnderflowException();
                    }
                    field.take((int) (tag >>> 3), rest.slice(rest.position(), (int) length));
                    rest.position(rest.position() + (int) length);
                }
                default -> throw new IllegalArgumentException("no field of a protocol buffer");
            }
        }
    }

    private static long varint(ByteBuffer bytes) {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            byte next = bytes.get();
            value |= (long) (next & 0x7F) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new IllegalArgumentException("no number of a protocol buffer");
    }
}
