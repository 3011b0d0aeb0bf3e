package djinn.data;

import djinn.ops.Box;
import djinn.ops.Default;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Cuts out a part that overlaps an object well enough, and resizes it to the image's size (Liu et al. 2016, "SSD: Single
 * Shot MultiBox Detector", section 2.2), as torchvision's {@code RandomIoUCrop} draws it.
 *
 * <p>An IoU is drawn of those given, or that nothing is cut. Then, up to 40 times, a part is drawn; it is taken if at
 * least one object has its centre inside and one of those overlaps the part by that IoU. If none is taken, all is drawn
 * again. Objects whose centre is outside are dropped. An image without objects stays as it is.
 *
 * @param ious least overlaps, each from 0 to less than 1
 * @param scale least and greatest share of each side, above 0 and at most 1
 * @param ratio least and greatest width over height of the part, as shares of the image's sides
 */
public record IouCrop(
        @Default("[0, 0.1, 0.3, 0.5, 0.7, 0.9]") List<Double> ious,
        @Default("[0.3, 1]") List<Double> scale,
        @Default("[0.5, 2]") List<Double> ratio)
        implements Augmentation {

    private static final int TRIES = 40;

    /** torchvision draws until an image is left as it is; this many rounds come to the same but for one in 10^7. */
    private static final int ROUNDS = 100;

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException if a component is out of its range
     */
    public IouCrop {
        ious = List.copyOf(ious);
        scale = List.copyOf(scale);
        ratio = List.copyOf(ratio);
        if (ious.isEmpty() || !ious.stream().allMatch(iou -> iou >= 0 && iou < 1)) {
            throw new IllegalArgumentException("expected ious from 0 to less than 1, got " + ious);
        }
        if (scale.size() != 2 || !(scale.get(0) > 0 && scale.get(0) <= scale.get(1) && scale.get(1) <= 1)) {
            throw new IllegalArgumentException(
                    "expected scale as [least, greatest], above 0 and at most 1, got " + scale);
        }
        if (ratio.size() != 2 || !(ratio.get(0) > 0 && ratio.get(0) <= 1 && ratio.get(1) >= 1)) {
            throw new IllegalArgumentException(
                    "expected ratio as [least, greatest], with 1 between them, got " + ratio);
        }
    }

    /** Leaves an image of which no objects are known as it is. */
    @Override
    public Augmented draw(Pixels image, Preprocessing model, RandomGenerator random) {
        return Augmented.inPlace(image);
    }

    @Override
    public Augmented draw(ImageExample<?> example, Preprocessing model, RandomGenerator random) {
        Pixels image = example.image();
        if (!(example instanceof Scene scene)) {
            return Augmented.inPlace(image);
        }
        List<Box> boxes =
                scene.objects().objects().stream().map(ImageObject::box).toList();
        return region(image.height(), image.width(), boxes, random)
                .map(part -> cut(image, part, model))
                .orElseGet(() -> Augmented.inPlace(image));
    }

    private static Augmented cut(Pixels image, Region part, Preprocessing model) {
        int height = image.height();
        int width = image.width();
        Geometry move =
                Geometry.cut(height, width, part.top(), part.left(), part.height(), part.width(), height, width);
        Pixels resized = Resampling.resizeCrop(image, part, height, width, model.interpolation());
        return new Augmented(resized, List.of(move), true);
    }

    /** Draws the part; empty if nothing is cut. */
    Optional<Region> region(int height, int width, List<Box> boxes, RandomGenerator random) {
        if (boxes.isEmpty()) {
            return Optional.empty();
        }
        for (int round = 0; round < ROUNDS; round++) {
            int option = random.nextInt(ious.size() + 1);
            if (option == ious.size()) {
                return Optional.empty();
            }
            for (int i = 0; i < TRIES; i++) {
                double across = scale.get(0) + random.nextDouble() * (scale.get(1) - scale.get(0));
                double down = scale.get(0) + random.nextDouble() * (scale.get(1) - scale.get(0));
                int partWidth = (int) (width * across);
                int partHeight = (int) (height * down);
                double proportions = across / down;
                if (partWidth < 1 || partHeight < 1 || proportions < ratio.get(0) || proportions > ratio.get(1)) {
                    continue;
                }
                int left = random.nextInt(width - partWidth + 1);
                int top = random.nextInt(height - partHeight + 1);
                if (overlaps(new Box(left, top, partWidth, partHeight), boxes, ious.get(option))) {
                    return Optional.of(new Region(top, left, partHeight, partWidth));
                }
            }
        }
        return Optional.empty();
    }

    private static boolean overlaps(Box part, List<Box> boxes, double least) {
        List<Box> inside = new ArrayList<>();
        for (Box box : boxes) {
            double x = box.x() + box.width() / 2 - part.x();
            double y = box.y() + box.height() / 2 - part.y();
            if (x > 0 && x < part.width() && y > 0 && y < part.height()) {
                inside.add(box);
            }
        }
        return inside.stream().anyMatch(box -> box.iou(part) >= least);
    }
}
