package djinn.losses.detection;

import java.util.Arrays;

/**
 * Cuts boxes out of a mask at a fixed size as RoIAlign does it with as many samples as pixels (He et al. 2017, section 3): the
 * mean of bilinear samples in each cell. The weights of rows and columns are told apart, as each sample's are their product.
 */
final class MaskCut {

    private final int height;
    private final int width;
    private final boolean[] pixels;

    /**
     * A mask to cut from.
     *
     * @param height H
     * @param width W
     * @param pixels (H, W) row by row
     */
    MaskCut(int height, int width, boolean[] pixels) {
        this.height = height;
        this.width = width;
        this.pixels = pixels;
    }

    /** Which pixels of an axis a cell sees, and with what weights: two of each sample. */
    private static final class Axis {

        private final int each;
        private final int[] index;
        private final float[] weight;

        Axis(float start, float end, int cells, int size) {
            float extent = Math.max(end - start, 1);
            float cell = extent / cells;
            int samples = (int) Math.ceil(cell);
            each = 2 * samples;
            index = new int[cells * each];
            weight = new float[cells * each];
            for (int i = 0; i < cells * samples; i++) {
                int of = i / samples;
                float at = start + of * cell + (i % samples + .5f) * cell / samples;
                if (at >= -1 && at <= size) {
                    float inside = Math.min(Math.max(at, 0), size - 1);
                    index[2 * i] = (int) inside;
                    index[2 * i + 1] = Math.min((int) inside + 1, size - 1);
                    float upper = inside - (int) inside;
                    weight[2 * i] = (1 - upper) / samples;
                    weight[2 * i + 1] = upper / samples;
                }
            }
        }
    }

    /**
     * Cuts.
     *
     * @param box x1, y1, x2, y2 in pixels
     * @param from where the box begins in its array
     * @param side S
     * @param to is written to, S S values row by row
     * @param at where these begin
     */
    void cut(float[] box, int from, int side, float[] to, int at) {
        Axis across = new Axis(box[from], box[from + 2], side, width);
        Axis down = new Axis(box[from + 1], box[from + 3], side, height);
        float[] row = new float[across.index.length];
        for (int y = 0; y < side; y++) {
            Arrays.fill(row, 0);
            for (int i = y * down.each; i < (y + 1) * down.each; i++) {
                int line = down.index[i] * width;
                for (int x = 0; x < row.length; x++) {
                    row[x] += pixels[line + across.index[x]] ? down.weight[i] : 0;
                }
            }
            for (int x = 0; x < row.length; x++) {
                to[at + y * side + x / across.each] += row[x] * across.weight[x];
            }
        }
    }
}
