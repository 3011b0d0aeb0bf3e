package djinn.data.proposals;

/** An image as numbers: planes of height x width values from 0 to 255, row by row. */
final class Planes {

    private final int height;
    private final int width;
    private final float[][] values;

    /** Takes the arrays over. */
    Planes(int height, int width, float[][] values) {
        this.height = height;
        this.width = width;
        this.values = values;
    }

    int height() {
        return height;
    }

    int width() {
        return width;
    }

    int count() {
        return values.length;
    }

    /** A plane itself, not a copy. */
    float[] plane(int channel) {
        return values[channel];
    }

    /** Blurs each plane by a Gaussian of four deviations to each side; beyond an edge the image is seen mirrored. */
    Planes smoothed(double sigma) {
        int radius = (int) (4 * sigma + .5);
        double[] weights = new double[radius + 1];
        double sum = 0;
        for (int i = 0; i <= radius; i++) {
            weights[i] = Math.exp(-i * i / (2 * sigma * sigma));
            sum += i == 0 ? weights[i] : 2 * weights[i];
        }
        for (int i = 0; i <= radius; i++) {
            weights[i] /= sum;
        }
        float[][] blurred = new float[values.length][];
        for (int c = 0; c < values.length; c++) {
            blurred[c] =
                    blurred(blurred(values[c], width, height, width, 1, weights), height, width, 1, width, weights);
        }
        return new Planes(height, width, blurred);
    }

    /** Along lines of some length, whose values are a step apart, and which are another apart. */
    private static float[] blurred(float[] from, int length, int lines, int apart, int step, double[] weights) {
        float[] to = new float[from.length];
        int radius = weights.length - 1;
        for (int line = 0; line < lines; line++) {
            int first = line * apart;
            for (int i = 0; i < length; i++) {
                double sum = weights[0] * from[first + i * step];
                for (int j = 1; j <= radius; j++) {
                    int before = i - j >= 0 ? i - j : mirrored(i - j, length);
                    int after = i + j < length ? i + j : mirrored(i + j, length);
                    sum += weights[j] * (from[first + before * step] + from[first + after * step]);
                }
                to[first + i * step] = (float) sum;
            }
        }
        return to;
    }

    /** Where a place beyond an edge lies within: the edge's own value comes twice. */
    private static int mirrored(int at, int length) {
        int place = Math.floorMod(at, 2 * length);
        return place < length ? place : 2 * length - 1 - place;
    }
}
