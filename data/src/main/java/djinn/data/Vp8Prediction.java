package djinn.data;

import java.util.Arrays;

/** What VP8 expects of a block from the pixels above it and to its left (RFC 6386, section 12), and what is added to it. */
final class Vp8Prediction {

    /** Modes of whole blocks, and of blocks of 4x4 pixels; the first four go by the same names. */
    static final int AVERAGE = 0;

    static final int TRUE_MOTION = 1;
    static final int VERTICAL = 2;
    static final int HORIZONTAL = 3;
    static final int LEFT_DOWN = 4;
    static final int RIGHT_DOWN = 5;
    static final int VERTICAL_RIGHT = 6;
    static final int VERTICAL_LEFT = 7;
    static final int HORIZONTAL_DOWN = 8;
    static final int HORIZONTAL_UP = 9;

    private final Vp8Plane plane;

    /** Of a block of 4x4: from the lowest on the left over the corner to the last above and to the right, 13 pixels. */
    private final int[] edge = new int[13];

    Vp8Prediction(Vp8Plane plane) {
        this.plane = plane;
    }

    /** Fills a block of 16 or 8 pixels. */
    void whole(int mode, int size, int top, int left) {
        int start = plane.at(top, left);
        byte[] values = plane.values;
        int stride = plane.stride;
        switch (mode) {
            case AVERAGE -> {
                int value = average(size, start, top > 0, left > 0);
                for (int y = 0; y < size; y++) {
                    Arrays.fill(values, start + y * stride, start + y * stride + size, (byte) value);
                }
            }
            case TRUE_MOTION -> trueMotion(size, start);
            case VERTICAL -> {
                for (int y = 0; y < size; y++) {
                    System.arraycopy(values, start - stride, values, start + y * stride, size);
                }
            }
            default -> {
                for (int y = 0; y < size; y++) {
                    int row = start + y * stride;
                    Arrays.fill(values, row, row + size, values[row - 1]);
                }
            }
        }
    }

    private int average(int size, int start, boolean hasAbove, boolean hasLeft) {
        if (!hasAbove && !hasLeft) {
            return 128;
        }
        int sum = 0;
        for (int i = 0; i < size; i++) {
            int above = hasAbove ? plane.value(start - plane.stride + i) : 0;
            int left = hasLeft ? plane.value(start - 1 + i * plane.stride) : 0;
            sum += above + left;
        }
        int count = hasAbove && hasLeft ? 2 * size : size;
        return (sum + count / 2) / count;
    }

    private void trueMotion(int size, int start) {
        int corner = plane.value(start - plane.stride - 1);
        for (int y = 0; y < size; y++) {
            int row = start + y * plane.stride;
            int change = plane.value(row - 1) - corner;
            for (int x = 0; x < size; x++) {
                int above = plane.value(start - plane.stride + x);
                plane.values[row + x] = (byte) Vp8Plane.clip(above + change);
            }
        }
    }

    /**
     * Fills a block of 4x4 pixels.
     *
     * @param right where the four pixels above and to the right are
     */
    void small(int mode, int start, int right) {
        int stride = plane.stride;
        for (int i = 0; i < 4; i++) {
            edge[i] = plane.value(start - 1 + (3 - i) * stride);
            edge[5 + i] = plane.value(start - stride + i);
            edge[9 + i] = plane.value(right + i);
        }
        edge[4] = plane.value(start - stride - 1);
        switch (mode) {
            case AVERAGE -> {
                int sum = 4;
                for (int i = 0; i < 4; i++) {
                    sum += edge[i] + edge[5 + i];
                }
                for (int i = 0; i < 16; i++) {
                    set(start, i / 4, i % 4, sum >> 3);
                }
            }
            case TRUE_MOTION -> trueMotion(4, start);
            default -> {
                for (int i = 0; i < 16; i++) {
                    set(start, i / 4, i % 4, directed(mode, i / 4, i % 4));
                }
            }
        }
    }

    private void set(int start, int y, int x, int value) {
        plane.values[start + y * plane.stride + x] = (byte) value;
    }

    /** A pixel of the modes that carry the edge on in a direction. */
    private int directed(int mode, int y, int x) {
        return switch (mode) {
            case VERTICAL -> three(5 + x);
            case HORIZONTAL -> y == 3 ? (edge[1] + 3 * edge[0] + 2) >> 2 : three(3 - y);
            case LEFT_DOWN -> x + y == 6 ? (edge[11] + 3 * edge[12] + 2) >> 2 : three(6 + x + y);
            case RIGHT_DOWN -> three(4 - y + x);
            case VERTICAL_RIGHT -> {
                int steps = 2 * x - y;
                yield steps < -1 ? three(5 - y + x) : steps == -1 ? three(4) : halves(4 + x - y / 2, y);
            }
            case VERTICAL_LEFT -> {
                // the last two of the right column are out of step
                boolean last = x == 3 && y >= 2;
                yield last ? three(8 + y) : halvesOrThree(5 + x + y / 2, y);
            }
            case HORIZONTAL_DOWN -> {
                int steps = 2 * y - x;
                yield steps < -1
                        ? three(3 + x - y)
                        : steps == -1 ? three(4) : x % 2 == 0 ? two(3 - y + x / 2) : three(4 - y + (x - 1) / 2);
            }
            case HORIZONTAL_UP -> {
                int steps = x + 2 * y;
                yield steps > 5
                        ? edge[0]
                        : steps == 5
                                ? (edge[1] + 3 * edge[0] + 2) >> 2
                                : steps % 2 == 0 ? two(2 - steps / 2) : three(2 - steps / 2);
            }
            default -> throw new IllegalStateException("no mode " + mode);
        };
    }

    private int halves(int at, int y) {
        return y % 2 == 0 ? two(at) : three(at);
    }

    private int halvesOrThree(int at, int y) {
        return y % 2 == 0 ? two(at) : three(at + 1);
    }

    /** The mean of two neighbours on the edge. */
    private int two(int at) {
        return (edge[at] + edge[at + 1] + 1) >> 1;
    }

    /** The mean of three neighbours on the edge, the middle one twice. */
    private int three(int middle) {
        return (edge[middle - 1] + 2 * edge[middle] + edge[middle + 1] + 2) >> 2;
    }

    /** Adds the inverse cosine transform of 16 coefficients to a block of 4x4 pixels. */
    void add(int[] coefficients, int from, int start) {
        int[] columns = new int[16];
        for (int i = 0; i < 4; i++) {
            int first = coefficients[from + i];
            int second = coefficients[from + 4 + i];
            int third = coefficients[from + 8 + i];
            int fourth = coefficients[from + 12 + i];
            butterfly(first + third, first - third, second, fourth, columns, 4 * i);
        }
        int[] row = new int[4];
        for (int y = 0; y < 4; y++) {
            int first = columns[y] + 4;
            butterfly(first + columns[8 + y], first - columns[8 + y], columns[4 + y], columns[12 + y], row, 0);
            for (int x = 0; x < 4; x++) {
                int at = start + y * plane.stride + x;
                plane.values[at] = (byte) Vp8Plane.clip(plane.value(at) + (row[x] >> 3));
            }
        }
    }

    private static void butterfly(int sum, int difference, int second, int fourth, int[] to, int at) {
        int odd = sine(second) - cosine(fourth);
        int even = cosine(second) + sine(fourth);
        to[at] = sum + even;
        to[at + 1] = difference + odd;
        to[at + 2] = difference - odd;
        to[at + 3] = sum - even;
    }

    /** Times the square root of 2 and the cosine of an eighth of pi, in 65536ths. */
    private static int cosine(int value) {
        return ((value * 20_091) >> 16) + value;
    }

    /** Times the square root of 2 and the sine of an eighth of pi. */
    private static int sine(int value) {
        return (value * 35_468) >> 16;
    }
}
