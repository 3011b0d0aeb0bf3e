package djinn.data;

import djinn.ops.Default;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Cuts out a box of random area and proportions and resizes it to what the model takes, as torchvision's
 * {@code RandomResizedCrop} (Szegedy et al. 2015, "Going Deeper with Convolutions").
 *
 * <p>Ten boxes are tried; if none lies within the image, the largest central one of allowed proportions is taken.
 *
 * @param scale least and greatest area as a share of that of the image, above 0 and at most 1
 * @param ratio least and greatest width / height of the box, above 0; drawn uniformly on a logarithmic scale
 */
public record RandomResizedCrop(
        @Default("[0.08, 1]") List<Double> scale,
        @Default("[0.75, 1.3333333333333333]") List<Double> ratio) implements Augmentation {

    private static final int TRIES = 10;

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException if a range is out of order or out of bounds
     */
    public RandomResizedCrop {
        scale = List.copyOf(scale);
        ratio = List.copyOf(ratio);
        if (scale.size() != 2 || !(scale.get(0) > 0 && scale.get(0) <= scale.get(1) && scale.get(1) <= 1)) {
            throw new IllegalArgumentException(
                    "expected scale as [least, greatest], above 0 and at most 1, got " + scale);
        }
        if (ratio.size() != 2 || !(ratio.get(0) > 0 && ratio.get(0) <= ratio.get(1) && Double.isFinite(ratio.get(1)))) {
            throw new IllegalArgumentException("expected ratio as [least, greatest], both above 0, got " + ratio);
        }
    }

    @Override
    public Augmented draw(Pixels image, Preprocessing model, RandomGenerator random) {
        Region box = box(image.height(), image.width(), random);
        int height = model.height();
        int width = model.width();
        return Augmented.moved(
                Resampling.resizeCrop(image, box, height, width, model.interpolation()),
                Geometry.cut(
                        image.height(),
                        image.width(),
                        box.top(),
                        box.left(),
                        box.height(),
                        box.width(),
                        height,
                        width));
    }

    Region box(int height, int width, RandomGenerator random) {
        double leastLog = Math.log(ratio.get(0));
        double greatestLog = Math.log(ratio.get(1));
        for (int i = 0; i < TRIES; i++) {
            double share = scale.get(0) + random.nextDouble() * (scale.get(1) - scale.get(0));
            double area = share * height * width;
            double proportions = Math.exp(leastLog + random.nextDouble() * (greatestLog - leastLog));
            int boxWidth = (int) Math.rint(Math.sqrt(area * proportions));
            int boxHeight = (int) Math.rint(Math.sqrt(area / proportions));
            if (boxWidth > 0 && boxWidth <= width && boxHeight > 0 && boxHeight <= height) {
                int top = random.nextInt(height - boxHeight + 1);
                int left = random.nextInt(width - boxWidth + 1);
                return new Region(top, left, boxHeight, boxWidth);
            }
        }
        double proportions = (double) width / height;
        int boxHeight = height;
        int boxWidth = width;
        if (proportions < ratio.get(0)) {
            boxHeight = Math.max(1, (int) Math.rint(width / ratio.get(0)));
        } else if (proportions > ratio.get(1)) {
            boxWidth = Math.max(1, (int) Math.rint(height * ratio.get(1)));
        }
        return new Region((height - boxHeight) / 2, (width - boxWidth) / 2, boxHeight, boxWidth);
    }

    /**
     * Checks that no resized crop follows another augmentation.
     *
     * @throws IllegalArgumentException if one does
     */
    static void requireFirst(List<Augmentation> augmentations) {
        if (augmentations.stream().skip(1).anyMatch(RandomResizedCrop.class::isInstance)) {
            throw new IllegalArgumentException("expected random_resized_crop as the first augmentation, got "
                    + augmentations.stream()
                            .map(a -> a.getClass().getSimpleName())
                            .toList());
        }
    }

    /** Returns whether a resized crop comes first, which brings an image to the model's size by itself. */
    static boolean leads(List<Augmentation> augmentations) {
        return !augmentations.isEmpty() && augmentations.get(0) instanceof RandomResizedCrop;
    }
}
