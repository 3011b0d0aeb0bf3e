package djinn.data;

import djinn.ops.Default;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Shrinks the image and puts it somewhere on a plain ground of the image's size, so that objects become small (Liu et al.
 * 2016, "SSD: Single Shot MultiBox Detector", section 3.6).
 *
 * <p>SSD enlarges the ground instead; as images come to the model's size, that is the same. The ground normalises to
 * about 0.
 *
 * @param sides least and greatest side of the ground as a multiple of the image's, at least 1
 * @param p how often, 0 to 1
 */
public record ZoomOut(
        @Default("[1, 4]") List<Double> sides,
        @Default("0.5") double p) implements Augmentation {

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException if a component is out of its range
     */
    public ZoomOut {
        sides = List.copyOf(sides);
        if (sides.size() != 2
                || !(sides.get(0) >= 1 && sides.get(0) <= sides.get(1) && Double.isFinite(sides.get(1)))) {
            throw new IllegalArgumentException("expected sides as [least, greatest], both at least 1, got " + sides);
        }
        if (!(p >= 0 && p <= 1)) {
            throw new IllegalArgumentException("expected p from 0 to 1, got " + p);
        }
    }

    @Override
    public Augmented draw(Pixels image, Preprocessing model, RandomGenerator random) {
        if (random.nextDouble() >= p) {
            return Augmented.inPlace(image);
        }
        double side = sides.get(0) + random.nextDouble() * (sides.get(1) - sides.get(0));
        int height = image.height();
        int width = image.width();
        int channels = image.channels();
        int innerHeight = Math.max(1, (int) (height / side));
        int innerWidth = Math.max(1, (int) (width / side));
        int top = random.nextInt(height - innerHeight + 1);
        int left = random.nextInt(width - innerWidth + 1);
        byte[] values = new byte[image.values().length];
        for (int i = 0; i < values.length; i++) {
            values[i] = model.filling(i % channels);
        }
        Pixels inner = Resampling.resize(image, innerHeight, innerWidth, model.interpolation());
        int row = innerWidth * channels;
        for (int y = 0; y < innerHeight; y++) {
            System.arraycopy(inner.values(), y * row, values, ((top + y) * width + left) * channels, row);
        }
        double rows = (double) height / innerHeight;
        double columns = (double) width / innerWidth;
        Geometry move = Geometry.cut(
                height, width, -top * rows, -left * columns, height * rows, width * columns, height, width);
        return Augmented.moved(new Pixels(height, width, channels, values), move);
    }
}
