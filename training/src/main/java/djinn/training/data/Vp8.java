package djinn.training.data;

import java.util.Arrays;

/**
 * The pictures in WebP files that are not lossless: a key frame of VP8, to the same values as libwebp's decoder with its
 * own way of enlarging chroma.
 *
 * <p>RFC 6386. Probabilities and modes are read from the first part of the frame, coefficients from the others, a row of
 * macroblocks from each in turn; the loop filter follows when all is decoded, as prediction wants pixels unfiltered.
 */
final class Vp8 {

    private static final int SEGMENTS = 4;
    private static final int[] BANDS = {0, 1, 2, 3, 6, 4, 5, 6, 6, 6, 6, 6, 6, 6, 6, 7, 0};
    private static final int[] ZIGZAG = {0, 1, 4, 8, 5, 2, 3, 6, 9, 12, 13, 10, 7, 11, 14, 15};
    private static final int[][] CATEGORIES = {
        {173, 148, 140},
        {176, 155, 140, 135},
        {180, 157, 141, 134, 130},
        {254, 254, 243, 230, 196, 177, 153, 140, 133, 130, 129}
    };

    /** The tree of the modes of blocks of 4x4: a number above 0 is the next node, another the mode, negated. */
    private static final int[] MODES = {
        -Vp8Prediction.AVERAGE,
        1,
        -Vp8Prediction.TRUE_MOTION,
        2,
        -Vp8Prediction.VERTICAL,
        3,
        4,
        6,
        -Vp8Prediction.HORIZONTAL,
        5,
        -Vp8Prediction.RIGHT_DOWN,
        -Vp8Prediction.VERTICAL_RIGHT,
        -Vp8Prediction.LEFT_DOWN,
        7,
        -Vp8Prediction.VERTICAL_LEFT,
        8,
        -Vp8Prediction.HORIZONTAL_DOWN,
        -Vp8Prediction.HORIZONTAL_UP
    };

    /** Kinds of block, as probabilities are kept: luma but its first coefficient, those, chroma, and luma whole. */
    private static final int LUMA_REST = 0;

    private static final int LUMA_FIRST = 1;
    private static final int CHROMA = 2;
    private static final int LUMA = 3;

    private final byte[] bytes;
    private final int end;
    private final int height;
    private final int width;
    private final int rows;
    private final int columns;
    private final Vp8Plane[] planes;
    private final Vp8Prediction[] predictions;
    private final int[] probabilities = Vp8Tables.PROBABILITIES.clone();

    private final Vp8Bits header;
    private Vp8Bits[] parts;

    private boolean hasSegments;
    private boolean mapsSegments;
    private final int[] segmentProbabilities = {255, 255, 255};
    private final int[] segmentSteps = new int[SEGMENTS];
    private final int[] segmentLevels = new int[SEGMENTS];
    private boolean segmentsAreAbsolute;

    private boolean filterIsSimple;
    private int filterLevel;
    private int sharpness;
    private int levelOfKeyFrames;
    private int levelOfSmallBlocks;

    /** By segment: steps of luma, of luma's first coefficients and of chroma, of the first coefficient and the others. */
    private final int[][] steps = new int[SEGMENTS][6];

    private int skipProbability;

    private final int[] modesAbove;
    private final int[] modesLeft = new int[4];

    /** Whether blocks above and to the left had coefficients: 4 of luma, 2 and 2 of chroma, 1 of luma's first ones. */
    private final boolean[][] filledAbove;

    private final boolean[] filledLeft = new boolean[9];
    private final int[] coefficients = new int[25 * 16];

    /**
     * Over a part of a file.
     *
     * @throws IllegalArgumentException if it is no key frame
     */
    private Vp8(byte[] bytes, int start, int end) {
        boolean isKeyFrame = end - start >= 10
                && (bytes[start] & 1) == 0
                && (bytes[start + 3] & 0xFF) == 0x9D
                && bytes[start + 4] == 1
                && bytes[start + 5] == 0x2A;
        if (!isKeyFrame) {
            throw new IllegalArgumentException("no key frame of VP8");
        }
        this.bytes = bytes;
        this.end = end;
        width = (bytes[start + 6] & 0xFF) | (bytes[start + 7] & 0x3F) << 8;
        height = (bytes[start + 8] & 0xFF) | (bytes[start + 9] & 0x3F) << 8;
        columns = (width + 15) / 16;
        rows = (height + 15) / 16;
        planes = new Vp8Plane[] {
            new Vp8Plane(16 * rows, 16 * columns),
            new Vp8Plane(8 * rows, 8 * columns),
            new Vp8Plane(8 * rows, 8 * columns)
        };
        predictions = Arrays.stream(planes).map(Vp8Prediction::new).toArray(Vp8Prediction[]::new);
        modesAbove = new int[4 * columns];
        filledAbove = new boolean[columns][9];
        int length = three(start) >> 5;
        if (length > end - start - 10) {
            throw new IllegalArgumentException("the first part is longer than the frame");
        }
        header = new Vp8Bits(bytes, start + 10, start + 10 + length);
        readHeader(start + 10 + length);
    }

    /**
     * Decodes a picture.
     *
     * @param bytes those of a file
     * @param start where the frame begins
     * @param end where it ends
     * @return RGB
     * @throws IllegalArgumentException if it is none, or cut off
     */
    static Pixels decode(byte[] bytes, int start, int end) {
        Vp8 frame = new Vp8(bytes, start, end);
        frame.decode();
        return Vp8Colours.pixels(frame.planes, frame.height, frame.width);
    }

    private int three(int at) {
        return (bytes[at] & 0xFF) | (bytes[at + 1] & 0xFF) << 8 | (bytes[at + 2] & 0xFF) << 16;
    }

    private void readHeader(int behind) {
        // the space of colours and whether values need clipping: there is one, and they are clipped
        header.number(2);
        readSegments();
        filterIsSimple = header.flag();
        filterLevel = header.number(6);
        sharpness = header.number(3);
        boolean hasChanges = header.flag();
        if (hasChanges && header.flag()) {
            int[] changes = new int[8];
            for (int i = 0; i < changes.length; i++) {
                changes[i] = header.optional(6);
            }
            levelOfKeyFrames = changes[0];
            levelOfSmallBlocks = changes[4];
        }
        readParts(behind);
        readSteps();
        // whether probabilities are kept for the next frame
        header.flag();
        for (int i = 0; i < probabilities.length; i++) {
            if (header.bit(Vp8Tables.UPDATES[i]) == 1) {
                probabilities[i] = header.number(8);
            }
        }
        skipProbability = header.flag() ? header.number(8) : 0;
    }

    private void readSegments() {
        hasSegments = header.flag();
        if (!hasSegments) {
            return;
        }
        mapsSegments = header.flag();
        if (header.flag()) {
            segmentsAreAbsolute = header.flag();
            for (int i = 0; i < SEGMENTS; i++) {
                segmentSteps[i] = header.optional(7);
            }
            for (int i = 0; i < SEGMENTS; i++) {
                segmentLevels[i] = header.optional(6);
            }
        }
        for (int i = 0; mapsSegments && i < segmentProbabilities.length; i++) {
            segmentProbabilities[i] = header.flag() ? header.number(8) : 255;
        }
    }

    private void readParts(int behind) {
        parts = new Vp8Bits[1 << header.number(2)];
        int start = behind + 3 * (parts.length - 1);
        for (int i = 0; i < parts.length; i++) {
            int stop = i == parts.length - 1 ? end : start + three(behind + 3 * i);
            if (start > stop || stop > end) {
                throw new IllegalArgumentException("a part is longer than the frame");
            }
            parts[i] = new Vp8Bits(bytes, start, stop);
            start = stop;
        }
    }

    private void readSteps() {
        int base = header.number(7);
        int[] changes = new int[5];
        for (int i = 0; i < changes.length; i++) {
            changes[i] = header.optional(4);
        }
        for (int i = 0; i < SEGMENTS; i++) {
            int own = hasSegments ? segmentSteps[i] + (segmentsAreAbsolute ? 0 : base) : base;
            steps[i][0] = Vp8Tables.FIRST_STEPS[step(own + changes[0], 127)];
            steps[i][1] = Vp8Tables.OTHER_STEPS[step(own, 127)];
            steps[i][2] = 2 * Vp8Tables.FIRST_STEPS[step(own + changes[1], 127)];
            steps[i][3] = Math.max(8, Vp8Tables.OTHER_STEPS[step(own + changes[2], 127)] * 155 / 100);
            steps[i][4] = Vp8Tables.FIRST_STEPS[step(own + changes[3], 117)];
            steps[i][5] = Vp8Tables.OTHER_STEPS[step(own + changes[4], 127)];
        }
    }

    private static int step(int quantizer, int most) {
        return Math.max(0, Math.min(most, quantizer));
    }

    private void decode() {
        Vp8Filter.Strength[] strengths = new Vp8Filter.Strength[rows * columns];
        for (int row = 0; row < rows; row++) {
            Vp8Bits part = parts[row % parts.length];
            Arrays.fill(modesLeft, Vp8Prediction.AVERAGE);
            Arrays.fill(filledLeft, false);
            for (int column = 0; column < columns; column++) {
                strengths[row * columns + column] = decode(part, row, column);
            }
            if (header.isSpent() || part.isSpent()) {
                throw new IllegalArgumentException("the frame ends before its pixels");
            }
        }
        for (int i = 0; filterLevel > 0 && i < strengths.length; i++) {
            if (strengths[i].level() > 0) {
                Vp8Filter.filter(planes, filterIsSimple, i / columns, i % columns, strengths[i]);
            }
        }
    }

    /** Decodes a macroblock and returns how it is to be filtered. */
    private Vp8Filter.Strength decode(Vp8Bits part, int row, int column) {
        int segment = 0;
        if (mapsSegments) {
            segment = header.bit(segmentProbabilities[0]) == 0
                    ? header.bit(segmentProbabilities[1])
                    : 2 + header.bit(segmentProbabilities[2]);
        }
        boolean skipped = skipProbability > 0 && header.bit(skipProbability) == 1;
        boolean small = header.bit(145) == 0;
        int[] modes = new int[16];
        int mode = small ? 0 : wholeMode(156, 128, 163);
        for (int i = 0; i < 16; i++) {
            int above = 4 * column + i % 4;
            modes[i] = small ? smallMode(modesAbove[above], modesLeft[i / 4]) : mode;
            modesAbove[above] = modes[i];
            modesLeft[i / 4] = modes[i];
        }
        int chroma = chromaMode();

        Arrays.fill(coefficients, 0);
        boolean filled = false;
        if (skipped) {
            // luma's first coefficients are remembered past blocks that have none of their own
            Arrays.fill(filledAbove[column], 0, small ? 8 : 9, false);
            Arrays.fill(filledLeft, 0, small ? 8 : 9, false);
        } else {
            filled = readCoefficients(part, column, small, steps[segment]);
        }
        reconstruct(row, column, small, mode, modes, chroma);

        int level = filterLevel;
        if (hasSegments) {
            level = segmentLevels[segment] + (segmentsAreAbsolute ? 0 : filterLevel);
        }
        level += levelOfKeyFrames + (small ? levelOfSmallBlocks : 0);
        return Vp8Filter.Strength.of(step(level, 63), sharpness, small || filled);
    }

    private int wholeMode(int first, int horizontal, int vertical) {
        if (header.bit(first) == 1) {
            return header.bit(horizontal) == 1 ? Vp8Prediction.TRUE_MOTION : Vp8Prediction.HORIZONTAL;
        }
        return header.bit(vertical) == 1 ? Vp8Prediction.VERTICAL : Vp8Prediction.AVERAGE;
    }

    private int smallMode(int above, int left) {
        int own = (above * 10 + left) * 9;
        int node = MODES[header.bit(Vp8Tables.MODE_PROBABILITIES[own])];
        while (node > 0) {
            node = MODES[2 * node + header.bit(Vp8Tables.MODE_PROBABILITIES[own + node])];
        }
        return -node;
    }

    private int chromaMode() {
        if (header.bit(142) == 0) {
            return Vp8Prediction.AVERAGE;
        } else if (header.bit(114) == 0) {
            return Vp8Prediction.VERTICAL;
        }
        return header.bit(183) == 1 ? Vp8Prediction.TRUE_MOTION : Vp8Prediction.HORIZONTAL;
    }

    /** Reads the coefficients of a macroblock: 16 blocks of luma, 4 and 4 of chroma; returns whether there are any. */
    private boolean readCoefficients(Vp8Bits part, int column, boolean small, int[] step) {
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
            any |= read > 1 || coefficients[16 * block] != 0;
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
            coefficients[to + ZIGZAG[n]] = (part.flag() ? -value : value) * (n == 0 ? firstStep : otherStep);
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
        int[] c = coefficients;
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

    private void reconstruct(int row, int column, boolean small, int mode, int[] modes, int chroma) {
        Vp8Plane luma = planes[0];
        int start = luma.at(16 * row, 16 * column);
        if (!small) {
            predictions[0].whole(mode, 16, 16 * row, 16 * column);
        } else if (row > 0 && column == columns - 1) {
            // nothing lies above and to the right: the last pixel above stands in for it
            int right = start - luma.stride + 16;
            Arrays.fill(luma.values, right, right + 4, luma.values[right - 1]);
        }
        for (int block = 0; block < 16; block++) {
            int at = start + block / 4 * 4 * luma.stride + block % 4 * 4;
            if (small) {
                // of the right column, all blocks look to the row above the macroblock
                int right = block % 4 == 3 ? start - luma.stride + 16 : at - luma.stride + 4;
                predictions[0].small(modes[block], at, right);
            }
            add(0, block, at);
        }
        for (int i = 1; i < planes.length; i++) {
            predictions[i].whole(chroma, 8, 8 * row, 8 * column);
            for (int block = 0; block < 4; block++) {
                int at = planes[i].at(8 * row + block / 2 * 4, 8 * column + block % 2 * 4);
                add(i, 12 + 4 * i + block, at);
            }
        }
    }

    private void add(int plane, int block, int at) {
        for (int i = 16 * block; i < 16 * block + 16; i++) {
            if (coefficients[i] != 0) {
                predictions[plane].add(coefficients, 16 * block, at);
                return;
            }
        }
    }
}
