package djinn.data;

/** VP8's loop filter (RFC 6386, section 15): smooths the edges of blocks, of a frame that is decoded. */
final class Vp8Filter {

    private final Vp8Plane plane;
    private final int step;
    private final int along;
    private final int edge;
    private final int inside;
    private final int variance;

    /** Filters edges of a plane: step leads across them, along leads along them. */
    private Vp8Filter(Vp8Plane plane, boolean vertical, int edge, int inside, int variance) {
        this.plane = plane;
        this.step = vertical ? 1 : plane.stride;
        this.along = vertical ? plane.stride : 1;
        this.edge = 2 * edge + 1;
        this.inside = inside;
        this.variance = variance;
    }

    /**
     * How a macroblock is filtered.
     *
     * @param level 1 to 63; 0 for not at all
     * @param inside how much neighbours within a block may differ
     * @param inner whether the edges within it are filtered too
     */
    record Strength(int level, int inside, boolean inner) {

        static Strength of(int level, int sharpness, boolean inner) {
            int inside = level;
            if (sharpness > 0) {
                inside = Math.min(inside >> (sharpness > 4 ? 2 : 1), 9 - sharpness);
            }
            return new Strength(level, Math.max(1, inside), inner);
        }

        private int limit() {
            return 2 * level + inside;
        }

        private int variance() {
            return level >= 40 ? 2 : level >= 15 ? 1 : 0;
        }
    }

    /** Filters a block of all planes; of luma alone where the filter is the simple one. */
    static void filter(Vp8Plane[] planes, boolean simple, int row, int column, Strength strength) {
        for (int vertical = 1; vertical >= 0; vertical--) {
            boolean hasNeighbour = vertical == 1 ? column > 0 : row > 0;
            for (int i = 0; i < (simple ? 1 : planes.length); i++) {
                int size = i == 0 ? 16 : 8;
                int start = planes[i].at(row * size, column * size);
                if (hasNeighbour) {
                    new Vp8Filter(planes[i], vertical == 1, strength.limit() + 4, strength.inside, strength.variance())
                            .edge(start, size, simple, true);
                }
                if (strength.inner) {
                    Vp8Filter inner = new Vp8Filter(
                            planes[i], vertical == 1, strength.limit(), strength.inside, strength.variance());
                    for (int at = 4; at < size; at += 4) {
                        inner.edge(start + at * inner.step, size, simple, false);
                    }
                }
            }
        }
    }

    private void edge(int start, int size, boolean simple, boolean ofMacroblock) {
        for (int i = 0; i < size; i++) {
            int at = start + i * along;
            if (simple) {
                if (isFlat(at)) {
                    two(at);
                }
            } else if (isFlat(at) && isFlatInside(at)) {
                if (varies(at)) {
                    two(at);
                } else if (ofMacroblock) {
                    six(at);
                } else {
                    four(at);
                }
            }
        }
    }

    /** The pixel some steps behind the edge, or before it where negative. */
    private int pixel(int at, int steps) {
        return plane.value(at + steps * step);
    }

    private void set(int at, int steps, int value) {
        plane.values[at + steps * step] = (byte) Vp8Plane.clip(value);
    }

    private boolean isFlat(int at) {
        return 4 * difference(at, -1, 0) + difference(at, -2, 1) <= edge;
    }

    private boolean isFlatInside(int at) {
        return difference(at, -4, -3) <= inside
                && difference(at, -3, -2) <= inside
                && difference(at, -2, -1) <= inside
                && difference(at, 3, 2) <= inside
                && difference(at, 2, 1) <= inside
                && difference(at, 1, 0) <= inside;
    }

    private boolean varies(int at) {
        return difference(at, -2, -1) > variance || difference(at, 1, 0) > variance;
    }

    private int difference(int at, int one, int other) {
        return Math.abs(pixel(at, one) - pixel(at, other));
    }

    private static int signed(int value) {
        return Math.max(-128, Math.min(127, value));
    }

    private static int eighth(int value) {
        return Math.max(-16, Math.min(15, value >> 3));
    }

    private void two(int at) {
        int step = 3 * (pixel(at, 0) - pixel(at, -1)) + signed(pixel(at, -2) - pixel(at, 1));
        int before = pixel(at, -1) + eighth(step + 3);
        int behind = pixel(at, 0) - eighth(step + 4);
        set(at, -1, before);
        set(at, 0, behind);
    }

    private void four(int at) {
        int step = 3 * (pixel(at, 0) - pixel(at, -1));
        int behind = eighth(step + 4);
        int before = eighth(step + 3);
        int outer = (behind + 1) >> 1;
        set(at, -2, pixel(at, -2) + outer);
        set(at, -1, pixel(at, -1) + before);
        set(at, 0, pixel(at, 0) - behind);
        set(at, 1, pixel(at, 1) - outer);
    }

    private void six(int at) {
        int step = signed(3 * (pixel(at, 0) - pixel(at, -1)) + signed(pixel(at, -2) - pixel(at, 1)));
        for (int distance = 0; distance < 3; distance++) {
            int change = (9 * (3 - distance) * step + 63) >> 7;
            set(at, -1 - distance, pixel(at, -1 - distance) + change);
            set(at, distance, pixel(at, distance) - change);
        }
    }
}
