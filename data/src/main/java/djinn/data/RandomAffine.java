package djinn.data;

import djinn.ops.Default;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Turns, shifts, scales and shears the image about its centre, all by amounts drawn uniformly.
 *
 * <p>The matrix is that of torchvision's {@code RandomAffine}: shear, then scale, then turn, then shift. Unlike there
 * the shift need not be of whole pixels, and values are interpolated linearly. A result whose origin lies outside the
 * image is filled; within half a pixel of the edge the edge is repeated, as in Pillow.
 *
 * @param degrees greatest angle either way, 0 or more; a positive angle turns clockwise as the image is seen
 * @param translate greatest shift either way as a share of the width and the height, 0 to 1
 * @param scale least and greatest factor, above 0; a factor above 1 enlarges
 * @param shear greatest angle of the shear along x either way, in degrees, 0 to less than 90; a positive one moves the
 *     rows above the centre to the right
 * @param fill value of the pixels uncovered, 0 to 255
 */
public record RandomAffine(
        double degrees,
        @Default("0") double translate,
        @Default("[1, 1]") List<Double> scale,
        @Default("0") double shear,
        @Default("0") int fill)
        implements Augmentation {

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException if a component is out of its range
     */
    public RandomAffine {
        if (!(degrees >= 0 && Double.isFinite(degrees))) {
            throw new IllegalArgumentException("expected degrees of 0 or more, got " + degrees);
        }
        if (!(translate >= 0 && translate <= 1)) {
            throw new IllegalArgumentException("expected translate from 0 to 1, got " + translate);
        }
        scale = List.copyOf(scale);
        if (scale.size() != 2 || !(scale.get(0) > 0 && scale.get(0) <= scale.get(1) && Double.isFinite(scale.get(1)))) {
            throw new IllegalArgumentException("expected scale as [least, greatest], both above 0, got " + scale);
        }
        if (!(shear >= 0 && shear < 90)) {
            throw new IllegalArgumentException("expected shear from 0 to less than 90, got " + shear);
        }
        if (fill < 0 || fill > 255) {
            throw new IllegalArgumentException("expected fill from 0 to 255, got " + fill);
        }
    }

    @Override
    public Augmented draw(Pixels image, Preprocessing model, RandomGenerator random) {
        double angle = (2 * random.nextDouble() - 1) * degrees;
        double shiftX = (2 * random.nextDouble() - 1) * translate * image.width();
        double shiftY = (2 * random.nextDouble() - 1) * translate * image.height();
        double factor = scale.get(0) + random.nextDouble() * (scale.get(1) - scale.get(0));
        double shearX = (2 * random.nextDouble() - 1) * shear;
        Inverse inverse = inverse(image, angle, shiftX, shiftY, factor, shearX);
        return Augmented.moved(map(image, inverse, fill), inverse.geometry(image.height(), image.width()));
    }

    /**
     * Applies one such map; angles in degrees, shifts in pixels to the right and down.
     *
     * <p>For every pixel of the result, the inverse map finds where it came from (torchvision's
     * {@code _get_inverse_affine_matrix}).
     */
    static Pixels affine(
            Pixels image, double angle, double shiftX, double shiftY, double scale, double shear, int fill) {
        return map(image, inverse(image, angle, shiftX, shiftY, scale, shear), fill);
    }

    /** The way back of such a map. */
    static Inverse inverse(Pixels image, double angle, double shiftX, double shiftY, double scale, double shear) {
        double cos = Math.cos(Math.toRadians(angle));
        double sin = Math.sin(Math.toRadians(angle));
        double tan = Math.tan(Math.toRadians(shear));
        double xx = (cos - sin * tan) / scale;
        double xy = (cos * tan + sin) / scale;
        double yx = -sin / scale;
        double yy = cos / scale;
        return new Inverse(xx, xy, yx, yy, image.width() / 2.0, image.height() / 2.0, shiftX, shiftY);
    }

    /**
     * Where the pixels of the result came from: about a centre that stays, x from {@code xx x + xy y} and y from {@code
     * yx x + yy y}, all of it then shifted. Centres of pixels lie at halves.
     */
    record Inverse(
            double xx, double xy, double yx, double yy, double centreX, double centreY, double shiftX, double shiftY) {

        /** The same for label maps and boxes. */
        Geometry geometry(int height, int width) {
            double x = centreX + shiftX;
            double y = centreY + shiftY;
            return new Geometry(
                    height, width, height, width, xx, xy, centreX - xx * x - xy * y, yx, yy, centreY - yx * x - yy * y);
        }
    }

    /** Fetches every pixel of the result from where it came from. */
    static Pixels map(Pixels image, Inverse inverse, int fill) {
        int height = image.height();
        int width = image.width();
        int channels = image.channels();
        byte[] from = image.values();
        byte[] to = new byte[from.length];
        int at = 0;
        for (int y = 0; y < height; y++) {
            double fromCentreY = y + 0.5 - inverse.centreY - inverse.shiftY;
            for (int x = 0; x < width; x++) {
                double fromCentreX = x + 0.5 - inverse.centreX - inverse.shiftX;
                double sourceX = inverse.xx * fromCentreX + inverse.xy * fromCentreY + inverse.centreX;
                double sourceY = inverse.yx * fromCentreX + inverse.yy * fromCentreY + inverse.centreY;
                if (!(sourceX >= 0 && sourceX < width && sourceY >= 0 && sourceY < height)) {
                    for (int c = 0; c < channels; c++) {
                        to[at++] = (byte) fill;
                    }
                    continue;
                }
                double floorX = Math.floor(sourceX - 0.5);
                double floorY = Math.floor(sourceY - 0.5);
                double right = sourceX - 0.5 - floorX;
                double below = sourceY - 0.5 - floorY;
                int x0 = Math.max(0, (int) floorX) * channels;
                int x1 = Math.min(width - 1, (int) floorX + 1) * channels;
                int y0 = Math.max(0, (int) floorY) * width * channels;
                int y1 = Math.min(height - 1, (int) floorY + 1) * width * channels;
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
}
