package djinn.data;

import java.util.Arrays;

/**
 * The coefficients of a macroblock of VP8 (RFC 6386, section 13): 16 blocks of luma, 4 and 4 of chroma, each of 16, and
 * behind them one of luma's first ones.
 */
final class Vp8Coefficients {

    private static final int[] BANDS = {0, 1, 2, 3, 6, 4, 5, 6, 6, 6, 6, 6, 6, 6, 6, 7, 0};
    private static final int[] ZIGZAG = {0, 1, 4, 8, 5, 2, 3, 6, 9, 12, 13, 10, 7, 11, 14, 15};
    private static final int[][] CATEGORIES = {
        {173, 148, 140},
        {176, 155, 140, 135},
        {180, 157, 141, 134, 130},
        {254, 254, 243, 230, 196, 177, 153, 140, 133, 130, 129}
    };

    /** Kinds of block, as probabilities are kept: luma but its first coefficient, those, chroma, and luma whole. */
    private static final int LUMA_REST = 0;

    private static final int LUMA_FIRST = 1;
    private static final int CHROMA = 2;
    private static final int LUMA = 3;

    private final int[] probabilities = Vp8Tables.PROBABILITIES.clone();

    /** Whether blocks above and to the left had coefficients: 4 of luma, 2 and 2 of chroma, 1 of luma's first ones. */
    private final boolean[][] filledAbove;

    private final boolean[] filledLeft = new boolean[9];
    private final int[] values = new int[25 * 16];

    Vp8Coefficients(int columns) {
        filledAbove = new boolean[columns][9];
    }

    /** Reads what the frame says of probabilities. */
    void readProbabilities(Vp8Bits header) {
        for (int i = 0; i < probabilities.length; i++) {
            if (header.bit(Vp8Tables.UPDATES[i]) == 1) {
                probabilities[i] = header.number(8);
            }
        }
    }

    /** Forgets what was to the left. */
    void startRow() {
        Arrays.fill(filledLeft, false);
    }

    /** Passes a macroblock that has none; luma's first ones are remembered past those that have none of their own. */
    void skip(int column, boolean small) {
        Arrays.fill(values, 0);
        Arrays.fill(filledAbove[column], 0, small ? 8 : 9, false);
        Arrays.fill(filledLeft, 0, small ? 8 : 9, false);
    }

    /** Returns all of them; not a copy. */
    int[] values() {
        return values;
    }

    boolean isEmpty(int block) {
        for (int i = 16 * block; i < 16 * block + 16; i++) {
            if (values[i] != 0) {
                return false;
            }
        }
        return true;
    }

    /** Reads the coefficients of a macroblock: 16 blocks of luma, 4 and 4 of chroma; returns whether there are any. */
    boolean read(Vp8Bits part, int column, boolean small, int[] step) {
        Arrays.fill(values, 0);
        boolean[] above = filledAbove[column];
        boolean[] left = filledLeft;
        boolean any = false;
        if (!small) {
            int context = (above[8] ? 1 : 0) + (left[8] ? 1 : 0);
            boolean has = read(part, LUMA_FIRST, context, 0, 24 * 16, step[2], step[3]) > 0;
            above[8] = has;
            left[8] = has;
            spreadFirst();
        }
        for (int block = 0; block < 24; block++) {
            boolean luma = block < 16;
            int x = luma ? block % 4 : 4 + (block - 16) / 4 * 2 + block % 2;
            int y = luma ? block / 4 : 4 + (block - 16) / 4 * 2 + block % 4 / 2;
            int first = luma && !small ? 1 : 0;
            int context = (above[x] ? 1 : 0) + (left[y] ? 1 : 0);
            int read = read(
                    part,
                    luma ? small ? LUMA : LUMA_REST : CHROMA,
                    context,
                    first,
                    16 * block,
                    step[luma ? 0 : 4],
                    step[luma ? 1 : 5]);
            above[x] = read > first;
            left[y] = read > first;
            any |= read > 1 || values[16 * block] != 0;
        }
        return any;
    }

    /** Reads the coefficients of a block; returns the number of the last of them, from 1. */
    private int read(Vp8Bits part, int kind, int context, int first, int to, int firstStep, int otherStep) {
        int at = probability(kind, first, context);
        for (int n = first; n < 16; n++) {
            if (part.bit(probabilities[at]) == 0) {
                return n;
            }
            while (part.bit(probabilities[at + 1]) == 0) {
                if (++n == 16) {
                    return 16;
                }
                at = probability(kind, n, 0);
            }
            int value = 1;
            int next = 1;
            if (part.bit(probabilities[at + 2]) == 1) {
                value = large(part, at);
                next = 2;
            }
            at = probability(kind, n + 1, next);
            values[to + ZIGZAG[n]] = (part.flag() ? -value : value) * (n == 0 ? firstStep : otherStep);
        }
        return 16;
    }

    private static int probability(int kind, int n, int context) {
        return ((kind * 8 + BANDS[n]) * 3 + context) * 11;
    }

    private int large(Vp8Bits part, int at) {
        if (part.bit(probabilities[at + 3]) == 0) {
            return part.bit(probabilities[at + 4]) == 0 ? 2 : 3 + part.bit(probabilities[at + 5]);
        }
        if (part.bit(probabilities[at + 6]) == 0) {
            if (part.bit(probabilities[at + 7]) == 0) {
                return 5 + part.bit(159);
            }
            int high = part.bit(165);
            return 7 + 2 * high + part.bit(145);
        }
        int high = part.bit(probabilities[at + 8]);
        int category = 2 * high + part.bit(probabilities[at + 9 + high]);
        int value = 0;
        for (int probability : CATEGORIES[category]) {
            value = 2 * value + part.bit(probability);
        }
        return value + 3 + (8 << category);
    }

    /** Turns luma's first coefficients back (an inverse Walsh-Hadamard transform) and gives one to each block. */
    private void spreadFirst() {
        int[] c = values;
        int[] t = new int[16];
        int from = 24 * 16;
        for (int i = 0; i < 4; i++) {
            int a = c[from + i] + c[from + 12 + i];
            int b = c[from + 4 + i] + c[from + 8 + i];
            int d = c[from + 4 + i] - c[from + 8 + i];
            int e = c[from + i] - c[from + 12 + i];
            t[i] = a + b;
            t[8 + i] = a - b;
            t[4 + i] = e + d;
            t[12 + i] = e - d;
        }
        for (int i = 0; i < 4; i++) {
            int first = t[4 * i] + 3;
            int a = first + t[4 * i + 3];
            int b = t[4 * i + 1] + t[4 * i + 2];
            int d = t[4 * i + 1] - t[4 * i + 2];
            int e = first - t[4 * i + 3];
            c[64 * i] = (a + b) >> 3;
            c[64 * i + 16] = (e + d) >> 3;
            c[64 * i + 32] = (a - b) >> 3;
            c[64 * i + 48] = (e - d) >> 3;
        }
    }
}
