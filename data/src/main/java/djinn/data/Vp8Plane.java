package djinn.data;

import java.util.Arrays;

/**
 * One plane of a VP8 frame, in whole blocks, with what prediction assumes around it: a row of 127 above it, a column of
 * 129 to its left.
 */
final class Vp8Plane {

    /** What lies above the first row, and what to the left of the first column. */
    private static final byte ABOVE = 127;

    private static final byte LEFT = (byte) 129;

    final int stride;
    final byte[] values;

    Vp8Plane(int height, int width) {
        // four more columns, for what lies above and to the right of the last block
        stride = 1 + width + 4;
        values = new byte[Math.multiplyExact(stride, height + 1)];
        Arrays.fill(values, 0, stride, ABOVE);
        for (int y = 1; y <= height; y++) {
            values[y * stride] = LEFT;
        }
    }

    /** Where a pixel is. */
    int at(int y, int x) {
        return (y + 1) * stride + x + 1;
    }

    int value(int at) {
        return values[at] & 0xFF;
    }

    static int clip(int value) {
        return value < 0 ? 0 : Math.min(value, 255);
    }
}
