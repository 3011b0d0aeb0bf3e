package djinn.data;

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

    private final byte[] bytes;
    private final int end;
    private final int height;
    private final int width;
    private final int rows;
    private final int columns;
    private final Vp8Plane[] planes;
    private final Vp8Prediction[] predictions;

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

    private final Vp8Coefficients coefficients;

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
        coefficients = new Vp8Coefficients(columns);
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
        coefficients.readProbabilities(header);
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
            coefficients.startRow();
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

        boolean filled = !skipped && coefficients.read(part, column, small, steps[segment]);
        if (skipped) {
            coefficients.skip(column, small);
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
        if (!coefficients.isEmpty(block)) {
            predictions[plane].add(coefficients.values(), 16 * block, at);
        }
    }
}
