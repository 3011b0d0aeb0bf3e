package djinn.training.data;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * How a stored image lies, as Exif counts it: which side of it is the top, and which the left, of what was seen.
 *
 * @param code 1 (as seen) to 8
 */
record Orientation(int code) {

    private static final Orientation AS_SEEN = new Orientation(1);
    private static final int START_OF_SCAN = 0xDA;
    private static final int APP1 = 0xE1;
    private static final long EXIF = 0x457869660000L;
    private static final int TAG = 0x0112;
    private static final int ENTRY = 12;

    /** What a file says; as seen if it says nothing that can be read: only JPEG files are looked into. */
    static Orientation of(byte[] contents) {
        try {
            ByteBuffer bytes = ByteBuffer.wrap(contents);
            if (bytes.getShort() != (short) 0xFFD8) {
                return AS_SEEN;
            }
            while (bytes.get() == (byte) 0xFF) {
                int marker = bytes.get() & 0xFF;
                if (marker == 0xFF) {
                    // one of several bytes of padding before a marker
                    bytes.position(bytes.position() - 1);
                    continue;
                }
                if (marker == START_OF_SCAN) {
                    return AS_SEEN;
                }
                int length = (bytes.getShort() & 0xFFFF) - Short.BYTES;
                ByteBuffer segment = bytes.slice(bytes.position(), length);
                if (marker == APP1 && length > 6 && segment.getLong(0) >>> 16 == EXIF) {
                    return ofTiff(segment.slice(6, length - 6));
                }
                bytes.position(bytes.position() + length);
            }
        } catch (BufferUnderflowException | IndexOutOfBoundsException | IllegalArgumentException e) {
            // damaged notes on an image leave the image as it is
        }
        return AS_SEEN;
    }

    private static Orientation ofTiff(ByteBuffer tiff) {
        tiff.order(tiff.get(0) == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
        int directory = tiff.getInt(4);
        int entries = tiff.getShort(directory) & 0xFFFF;
        for (int i = 0; i < entries; i++) {
            int entry = directory + Short.BYTES + i * ENTRY;
            int value = tiff.getShort(entry + 8);
            if (tiff.getShort(entry) == TAG && value >= 1 && value <= 8) {
                return new Orientation(value);
            }
        }
        return AS_SEEN;
    }

    /** Turns or mirrors a stored image into what was seen. */
    Pixels upright(Pixels stored) {
        if (code == 1) {
            return stored;
        }
        boolean sideways = code >= 5;
        int height = sideways ? stored.width() : stored.height();
        int width = sideways ? stored.height() : stored.width();
        int channels = stored.channels();
        byte[] from = stored.values();
        byte[] to = new byte[from.length];
        int at = 0;
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int row = sideways ? x : y;
                int column = sideways ? y : x;
                if (code == 3 || code == 4 || code == 6 || code == 7) {
                    row = stored.height() - 1 - row;
                }
                if (code == 2 || code == 3 || code == 7 || code == 8) {
                    column = stored.width() - 1 - column;
                }
                System.arraycopy(from, (row * stored.width() + column) * channels, to, at, channels);
                at += channels;
            }
        }
        return new Pixels(height, width, channels, to);
    }
}
