package djinn.data;

import djinn.ops.Box;
import djinn.ops.RunLengthMask;
import java.util.List;
import java.util.Optional;

/**
 * A deformation: where each pixel of the result comes from, pixel by pixel, unlike a {@link Geometry}. The size stays.
 *
 * <p>The centre of the pixel at row y and column x was at {@code (x + 0.5 + dx, y + 0.5 + dy)}.
 */
public final class Warp {

    private final int height;
    private final int width;
    private final float[] dx;
    private final float[] dy;
    private final float farthestX;
    private final float farthestY;

    /**
     * A deformation over arrays, which are kept and not copied.
     *
     * @param height rows
     * @param width columns
     * @param dx columns to the right that each pixel comes from, row by row
     * @param dy rows below that each pixel comes from, row by row
     */
    Warp(int height, int width, float[] dx, float[] dy) {
        this.height = height;
        this.width = width;
        this.dx = dx;
        this.dy = dy;
        this.farthestX = farthest(dx);
        this.farthestY = farthest(dy);
    }

    private static float farthest(float[] moves) {
        float farthest = 0;
        for (float move : moves) {
            farthest = Math.max(farthest, Math.abs(move));
        }
        return farthest;
    }

    /** Returns the number of rows. */
    public int height() {
        return height;
    }

    /** Returns the number of columns. */
    public int width() {
        return width;
    }

    private double fromX(int x, int y) {
        return x + 0.5 + dx[y * width + x];
    }

    private double fromY(int x, int y) {
        return y + 0.5 + dy[y * width + x];
    }

    /** Deforms an image of this size, interpolated linearly; beyond the edges is what is at them. */
    Pixels apply(Pixels image) {
        int channels = image.channels();
        byte[] from = image.values();
        byte[] to = new byte[from.length];
        int at = 0;
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                double sourceX = Math.max(0, Math.min(width - 1, fromX(x, y) - 0.5));
                double sourceY = Math.max(0, Math.min(height - 1, fromY(x, y) - 0.5));
                int left = (int) sourceX;
                int top = (int) sourceY;
                double right = sourceX - left;
                double below = sourceY - top;
                int x0 = left * channels;
                int x1 = Math.min(width - 1, left + 1) * channels;
                int y0 = top * width * channels;
                int y1 = Math.min(height - 1, top + 1) * width * channels;
                for (int c = 0; c < channels; c++) {
                    double upper = mix(from[y0 + x0 + c] & 0xFF, from[y0 + x1 + c] & 0xFF, right);
                    double lower = mix(from[y1 + x0 + c] & 0xFF, from[y1 + x1 + c] & 0xFF, right);
                    to[at++] = (byte) (mix(upper, lower, below) + 0.5);
                }
            }
        }
        return new Pixels(height, width, channels, to);
    }

    private static double mix(double first, double second, double share) {
        return first + (second - first) * share;
    }

    /** The position that a pixel's centre comes from, or -1 where that is beyond the edges. */
    private int source(int x, int y) {
        double fromX = fromX(x, y);
        double fromY = fromY(x, y);
        boolean inside = fromX >= 0 && fromX < width && fromY >= 0 && fromY < height;
        return inside ? ((int) fromY) * width + (int) fromX : -1;
    }

    /** Deforms a label map of this size by nearest; what comes from beyond the edges is ignored. */
    LabelMap follow(LabelMap labels) {
        byte[] to = new byte[height * width];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int source = source(x, y);
                to[y * width + x] = source < 0 ? (byte) LabelMap.IGNORED : labels.values()[source];
            }
        }
        return new LabelMap(height, width, to);
    }

    /** Deforms objects; a box becomes the one around all pixels that come from it, or from its mask. */
    ImageObjects follow(ImageObjects objects) {
        List<ImageObject> left = objects.objects().stream()
                .map(this::follow)
                .flatMap(Optional::stream)
                .filter(object -> object.visible() >= objects.leastVisible())
                .toList();
        return new ImageObjects(
                height,
                width,
                left,
                objects.leastVisible(),
                objects.dropped() + objects.objects().size() - left.size());
    }

    private Optional<ImageObject> follow(ImageObject object) {
        boolean[] before = object.mask().map(RunLengthMask::pixels).orElse(null);
        boolean[] after = new boolean[before == null ? 0 : height * width];
        Box box = object.box();
        Region near = near(object.mask().map(RunLengthMask::box).orElse(box));
        long area = 0;
        int least = width;
        int most = -1;
        int top = height;
        int bottom = -1;
        for (int y = near.top(); y < near.top() + near.height(); y++) {
            for (int x = near.left(); x < near.left() + near.width(); x++) {
                int source = source(x, y);
                if (source >= 0 && (before == null ? isIn(box, fromX(x, y), fromY(x, y)) : before[source])) {
                    if (before != null) {
                        after[y * width + x] = true;
                    }
                    area++;
                    least = Math.min(least, x);
                    most = Math.max(most, x);
                    top = Math.min(top, y);
                    bottom = Math.max(bottom, y);
                }
            }
        }
        if (area == 0) {
            return Optional.empty();
        }
        double whole = object.mask().map(mask -> (double) mask.area()).orElse(box.width() * box.height());
        return Optional.of(new ImageObject(
                object.label(),
                new Box(least, top, most + 1 - least, bottom + 1 - top),
                object.mask().map(mask -> RunLengthMask.of(height, width, after)),
                object.isCrowd(),
                object.visible() * Math.min(1, area / whole)));
    }

    /** The pixels that may come from within a box; a pixel more on each side, for roundings. */
    private Region near(Box box) {
        int left = (int) Math.max(0, Math.floor(box.x() - farthestX) - 1);
        int top = (int) Math.max(0, Math.floor(box.y() - farthestY) - 1);
        int right = (int) Math.min(width, Math.ceil(box.x() + box.width() + farthestX) + 1);
        int bottom = (int) Math.min(height, Math.ceil(box.y() + box.height() + farthestY) + 1);
        return new Region(top, left, Math.max(0, bottom - top), Math.max(0, right - left));
    }

    private static boolean isIn(Box box, double x, double y) {
        return x >= box.x() && x < box.x() + box.width() && y >= box.y() && y < box.y() + box.height();
    }
}
