package djinn.data;

import djinn.ops.Box;
import djinn.ops.Default;
import djinn.ops.RunLengthMask;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * Objects of another image of the batch, laid over an image at places drawn at random (Ghiasi et al. 2021, "Simple
 * Copy-Paste is a Strong Data Augmentation Method for Instance Segmentation").
 *
 * <p>An object whose mask is known is cut out by it, another by its box. What is covered is seen less: objects of which too
 * little is left are dropped. Edges are not blended, and the size of objects is left to other augmentations.
 *
 * @param p how often an image gets objects, 0 to 1
 * @param share of the other image's objects that are taken, each by a draw of its own, 0 to 1
 */
public record CopyPaste(
        @Default("0.5") double p, @Default("0.5") double share) implements SceneMixing {

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException if a component is out of its range
     */
    public CopyPaste {
        if (!(p >= 0 && p <= 1 && share >= 0 && share <= 1)) {
            throw new IllegalArgumentException("expected p and share from 0 to 1, got " + p + " and " + share);
        }
    }

    @Override
    public List<Scene> mixed(List<Scene> scenes, Preprocessing model, RandomGenerator random) {
        SceneMixing.requireOneSize(scenes);
        List<Scene> mixed = new ArrayList<>();
        for (int i = 0; i < scenes.size(); i++) {
            boolean isMixed = random.nextDouble() < p;
            int other = random.nextInt(scenes.size());
            RandomGenerator draws = new SplittableRandom(random.nextLong());
            mixed.add(isMixed && other != i ? pasted(scenes.get(i), scenes.get(other), draws) : scenes.get(i));
        }
        return mixed;
    }

    private Scene pasted(Scene own, Scene other, RandomGenerator random) {
        Pixels image = own.image();
        byte[] values = image.values().clone();
        List<ImageObject> objects = new ArrayList<>(own.objects().objects());
        double leastVisible = own.objects().leastVisible();
        int dropped = own.objects().dropped();
        for (ImageObject object : other.objects().objects()) {
            if (object.isCrowd() || random.nextDouble() >= share) {
                continue;
            }
            Region from = around(object.box(), image);
            int down = random.nextInt(image.height() - from.height() + 1) - from.top();
            int right = random.nextInt(image.width() - from.width() + 1) - from.left();
            boolean[] covered = moved(object, from, down, right, image);
            Region to = new Region(from.top() + down, from.left() + right, from.height(), from.width());
            copy(other.image(), values, covered, down, right);
            List<ImageObject> left = new ArrayList<>();
            for (ImageObject below : objects) {
                Optional<ImageObject> seen = below.isCrowd() || !meet(around(below.box(), image), to)
                        ? Optional.of(below)
                        : seen(below, covered, image);
                if (seen.isPresent() && seen.get().visible() >= leastVisible) {
                    left.add(seen.get());
                } else {
                    dropped++;
                }
            }
            objects = left;
            Box box = object.box();
            objects.add(new ImageObject(
                    object.label(),
                    new Box(box.x() + right, box.y() + down, box.width(), box.height()),
                    object.mask().map(mask -> RunLengthMask.of(image.height(), image.width(), covered)),
                    false,
                    object.visible()));
        }
        return new Scene(
                new Pixels(image.height(), image.width(), image.channels(), values),
                new ImageObjects(image.height(), image.width(), objects, leastVisible, dropped),
                own.origin());
    }

    /** The pixels that a box touches. */
    private static Region around(Box box, Pixels image) {
        int top = (int) Math.max(0, Math.floor(box.y()));
        int left = (int) Math.max(0, Math.floor(box.x()));
        int bottom = (int) Math.min(image.height(), Math.ceil(box.y() + box.height()));
        int right = (int) Math.min(image.width(), Math.ceil(box.x() + box.width()));
        return new Region(top, left, bottom - top, right - left);
    }

    private static boolean meet(Region one, Region other) {
        return one.top() < other.top() + other.height()
                && other.top() < one.top() + one.height()
                && one.left() < other.left() + other.width()
                && other.left() < one.left() + one.width();
    }

    /** What an object covers once it is moved, row by row. */
    private static boolean[] moved(ImageObject object, Region from, int down, int right, Pixels image) {
        Optional<boolean[]> mask = object.mask().map(RunLengthMask::pixels);
        boolean[] covered = new boolean[image.height() * image.width()];
        for (int y = from.top(); y < from.top() + from.height(); y++) {
            for (int x = from.left(); x < from.left() + from.width(); x++) {
                int place = y * image.width() + x;
                covered[(y + down) * image.width() + x + right] = mask.isEmpty() || mask.get()[place];
            }
        }
        return covered;
    }

    private static void copy(Pixels from, byte[] to, boolean[] covered, int down, int right) {
        int channels = from.channels();
        for (int i = 0; i < covered.length; i++) {
            if (covered[i]) {
                int source = i - down * from.width() - right;
                System.arraycopy(from.values(), source * channels, to, i * channels, channels);
            }
        }
    }

    /** What is still seen of an object; its box stays where it has no mask. */
    private static Optional<ImageObject> seen(ImageObject object, boolean[] covered, Pixels image) {
        Region region = around(object.box(), image);
        Optional<boolean[]> mask = object.mask().map(RunLengthMask::pixels);
        boolean[] left = new boolean[covered.length];
        int all = 0;
        int seen = 0;
        for (int y = region.top(); y < region.top() + region.height(); y++) {
            for (int x = region.left(); x < region.left() + region.width(); x++) {
                int place = y * image.width() + x;
                if (mask.isEmpty() || mask.get()[place]) {
                    all++;
                    left[place] = !covered[place];
                    seen += left[place] ? 1 : 0;
                }
            }
        }
        if (seen == all) {
            return Optional.of(object);
        }
        if (seen == 0) {
            return Optional.empty();
        }
        Optional<RunLengthMask> rest =
                object.mask().map(whole -> RunLengthMask.of(image.height(), image.width(), left));
        return Optional.of(new ImageObject(
                object.label(),
                rest.map(RunLengthMask::box).orElse(object.box()),
                rest,
                false,
                object.visible() * seen / all));
    }
}
