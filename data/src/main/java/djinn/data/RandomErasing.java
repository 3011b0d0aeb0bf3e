package djinn.data;

import djinn.ops.Default;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.random.RandomGenerator;

/**
 * Overwrites a box of random area, proportions and place (Zhong et al. 2020, "Random Erasing Data Augmentation").
 *
 * <p>The box is drawn as by torchvision's {@code RandomErasing}: of ten tries the first that is smaller than the image
 * both ways, else nothing is erased. Unlike there it acts on bytes, before they are normalised: a value of 0 is black
 * and not the mean colour. It belongs behind all other augmentations. Label maps stay as they are: what was there is to
 * be told from what surrounds it.
 *
 * @param p how often, 0 to 1
 * @param scale least and greatest area as a share of that of the image, 0 to 1
 * @param ratio least and greatest height / width of the box, above 0; drawn uniformly on a logarithmic scale
 * @param value what is written, 0 to 255; left out, noise: every byte drawn uniformly, the paper's best choice
 */
public record RandomErasing(
        @Default("0.5") double p,
        @Default("[0.02, 0.33]") List<Double> scale,
        @Default("[0.3, 3.3]") List<Double> ratio,
        OptionalInt value)
        implements Augmentation {

    private static final int TRIES = 10;

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException if the probability or the value is out of its range, or a range out of order or
     *     bounds
     */
    public RandomErasing {
        if (!(p >= 0 && p <= 1)) {
            throw new IllegalArgumentException("expected p from 0 to 1, got " + p);
        }
        scale = List.copyOf(scale);
        ratio = List.copyOf(ratio);
        if (scale.size() != 2 || !(scale.get(0) >= 0 && scale.get(0) <= scale.get(1) && scale.get(1) <= 1)) {
            throw new IllegalArgumentException("expected scale as [least, greatest], from 0 to 1, got " + scale);
        }
        if (ratio.size() != 2 || !(ratio.get(0) > 0 && ratio.get(0) <= ratio.get(1) && Double.isFinite(ratio.get(1)))) {
            throw new IllegalArgumentException("expected ratio as [least, greatest], both above 0, got " + ratio);
        }
        if (value.isPresent() && (value.getAsInt() < 0 || value.getAsInt() > 255)) {
            throw new IllegalArgumentException("expected value from 0 to 255, got " + value.getAsInt());
        }
    }

    @Override
    public Augmented draw(Pixels image, Preprocessing model, RandomGenerator random) {
        if (random.nextDouble() >= p) {
            return Augmented.inPlace(image);
        }
        return Augmented.inPlace(box(image.height(), image.width(), random)
                .map(box -> erased(image, box, random))
                .orElse(image));
    }

    Optional<Region> box(int height, int width, RandomGenerator random) {
        double leastLog = Math.log(ratio.get(0));
        double greatestLog = Math.log(ratio.get(1));
        for (int i = 0; i < TRIES; i++) {
            double share = scale.get(0) + random.nextDouble() * (scale.get(1) - scale.get(0));
            double area = share * height * width;
            double proportions = Math.exp(leastLog + random.nextDouble() * (greatestLog - leastLog));
            int boxHeight = (int) Math.rint(Math.sqrt(area * proportions));
            int boxWidth = (int) Math.rint(Math.sqrt(area / proportions));
            if (boxHeight < height && boxWidth < width) {
                int top = random.nextInt(height - boxHeight + 1);
                int left = random.nextInt(width - boxWidth + 1);
                return Optional.of(new Region(top, left, boxHeight, boxWidth));
            }
        }
        return Optional.empty();
    }

    private Pixels erased(Pixels image, Region box, RandomGenerator random) {
        int channels = image.channels();
        byte[] to = image.values().clone();
        byte[] row = new byte[box.width() * channels];
        Arrays.fill(row, (byte) value.orElse(0));
        for (int y = box.top(); y < box.top() + box.height(); y++) {
            if (value.isEmpty()) {
                random.nextBytes(row);
            }
            System.arraycopy(row, 0, to, (y * image.width() + box.left()) * channels, row.length);
        }
        return new Pixels(image.height(), image.width(), channels, to);
    }
}
