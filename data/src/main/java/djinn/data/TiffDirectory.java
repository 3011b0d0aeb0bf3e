package djinn.data;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;

/** The first directory of TIFF data, which Exif data are too: numbers under tags. Classic, or of 64 bits ("BigTIFF"). */
final class TiffDirectory {

    private static final int BIG = 43;

    private final ByteBuffer data;
    private final boolean big;

    /** Over TIFF data, from their first byte on. */
    TiffDirectory(ByteBuffer data) {
        this.data = data;
        data.order(data.get(0) == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
        big = data.getShort(2) == BIG;
    }

    /** The whole numbers under a tag; none if there are none, or the data are damaged. */
    Optional<long[]> values(int tag) {
        try {
            int directory = Math.toIntExact(big ? data.getLong(8) : data.getInt(4) & 0xFFFF_FFFFL);
            int count = big ? Math.toIntExact(data.getLong(directory)) : data.getShort(directory) & 0xFFFF;
            for (int i = 0; i < count; i++) {
                int entry = directory + (big ? 8 + 20 * i : 2 + 12 * i);
                if ((data.getShort(entry) & 0xFFFF) == tag) {
                    return Optional.of(entry(entry));
                }
            }
        } catch (BufferUnderflowException
                | IndexOutOfBoundsException
                | IllegalArgumentException
                | ArithmeticException e) {
            return Optional.empty();
        }
        return Optional.empty();
    }

    private long[] entry(int entry) {
        int type = data.getShort(entry + 2);
        int size = size(type);
        int count = Math.toIntExact(big ? data.getLong(entry + 4) : data.getInt(entry + 4) & 0xFFFF_FFFFL);
        int own = entry + (big ? 12 : 8);
        boolean inside = (long) count * size <= (big ? 8 : 4);
        int at = inside ? own : Math.toIntExact(big ? data.getLong(own) : data.getInt(own) & 0xFFFF_FFFFL);
        if (count < 1 || at + (long) count * size > data.limit()) {
            throw new IllegalArgumentException("damaged");
        }
        long[] values = new long[count];
        for (int i = 0; i < count; i++) {
            int start = at + i * size;
            values[i] = switch (size) {
                case 1 -> data.get(start) & 0xFF;
                case 2 -> data.getShort(start) & 0xFFFF;
                case 4 -> data.getInt(start) & 0xFFFF_FFFFL;
                default -> data.getLong(start);
            };
        }
        return values;
    }

    /** Bytes of a number, by the type: byte, short, long, long of 64 bits. */
    private static int size(int type) {
        return switch (type) {
            case 1, 7 -> 1;
            case 3 -> 2;
            case 4, 13 -> 4;
            case 16, 18 -> 8;
            default -> throw new IllegalArgumentException("no whole number");
        };
    }
}
