package djinn.ops;

import java.util.ArrayList;
import java.util.List;

/**
 * What a network says of the pixels within a box: S x S shares over the box, from its left upper corner to its right lower.
 *
 * <p>It is laid over an image as torchvision's {@code paste_masks_in_image} does it: a frame of zeros is put around, box and
 * grid grow by it, the corners are cut to whole pixels, and pixels are interpolated between the shares.
 */
public final class BoxMask {

    private static final int FRAME = 1;

    private final int side;
    private final int framed;
    private final float[] shares;

    /**
     * A mask of shares.
     *
     * @param side S
     * @param shares (S, S) row by row, in [0, 1]
     * @throws IllegalArgumentException if there are not S S of them, or none
     */
    public BoxMask(int side, float[] shares) {
        if (side < 1 || shares.length != side * side) {
            throw new IllegalArgumentException("expected " + side + " x " + side + " shares, got " + shares.length);
        }
        this.side = side;
        this.framed = side + 2 * FRAME;
        this.shares = new float[framed * framed];
        for (int y = 0; y < side; y++) {
            System.arraycopy(shares, y * side, this.shares, (y + FRAME) * framed + FRAME, side);
        }
    }

    /** Which two of the framed grid's rows or columns each pixel along an axis is between. */
    private final class Axis {

        private final int first;
        private final int last;
        private final int begin;
        private final float scale;

        /**
         * An axis.
         *
         * @param low where the box begins
         * @param high where it ends
         * @param size of the image
         */
        Axis(float low, float high, int size) {
            float half = (high - low) * .5f * ((float) framed / side);
            float centre = (high + low) * .5f;
            begin = (int) (centre - half);
            int end = (int) (centre + half);
            scale = (float) framed / Math.max(end - begin + 1, 1);
            first = Math.max(begin, 0);
            last = Math.min(end + 1, size);
        }

        float place(int pixel) {
            return Math.max((pixel - begin + .5f) * scale - .5f, 0);
        }
    }

    /**
     * Lays the mask over an image.
     *
     * @param box where it is, in pixels of the image; it may reach beyond the edges
     * @param height H of the image
     * @param width W of the image
     * @param least a pixel is foreground whose share is above it
     * @return (H, W)
     */
    public RunLengthMask within(Box box, int height, int width, float least) {
        Axis across = new Axis((float) box.x(), (float) (box.x() + box.width()), width);
        Axis down = new Axis((float) box.y(), (float) (box.y() + box.height()), height);
        List<Integer> runs = new ArrayList<>();
        int begun = 0;
        for (int x = across.first; x < across.last; x++) {
            boolean foreground = false;
            for (int y = down.first; y <= down.last; y++) {
                boolean next = y < down.last && share(down.place(y), across.place(x)) > least;
                if (next != foreground) {
                    int position = x * height + y;
                    runs.add(position - begun);
                    begun = position;
                    foreground = next;
                }
            }
        }
        runs.add(height * width - begun);
        return RunLengthMask.ofCounts(height, width, runs);
    }

    private float share(float y, float x) {
        int row = (int) y;
        int column = (int) x;
        int below = Math.min(row + 1, framed - 1);
        int right = Math.min(column + 1, framed - 1);
        float lower = y - row;
        float farther = x - column;
        float above = (1 - farther) * shares[row * framed + column] + farther * shares[row * framed + right];
        float under = (1 - farther) * shares[below * framed + column] + farther * shares[below * framed + right];
        return (1 - lower) * above + lower * under;
    }
}
