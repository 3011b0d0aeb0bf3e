package djinn.data.proposals;

import djinn.data.Interpolation;
import djinn.data.Pixels;
import djinn.data.Resampling;
import djinn.ops.Box;
import djinn.ops.Randomness;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Boxes around whatever hangs together, at all scales (Uijlings et al. 2013, "Selective Search for Object Recognition").
 *
 * <p>An image is cut into small parts by its colours (Felzenszwalb and Huttenlocher 2004), these are put together until one
 * is left, and every part on the way is a proposal; so in several colour spaces, with parts of several sizes, by colours,
 * textures, sizes and shapes, and without colours. A box comes the earlier, the later in its hierarchy it was made, times a
 * random number (section 4.3), which is the same at every call: equal images have equal proposals. Deviations: slopes of a
 * blurred image stand for the paper's derivatives of Gaussians, and larger images are shrunk first.
 *
 * @param spaces colours that images are looked at in
 * @param scales k of the first parts, of values from 0 to 255; also the least pixels of such a part
 * @param sigma of the Gaussian that images are blurred with before they are cut
 * @param longest the longer side of an image in pixels; larger ones are shrunk to it
 */
public record SelectiveSearch(List<ColourSpace> spaces, List<Integer> scales, double sigma, int longest) {

    /** The paper's "fast": eight hierarchies, in two colour spaces, of images of at most 500 pixels. */
    public static final SelectiveSearch FAST =
            new SelectiveSearch(List.of(ColourSpace.HSV, ColourSpace.LAB), List.of(50, 100), .8, 500);

    /**
     * Copies the lists.
     *
     * @throws IllegalArgumentException if there is no colour space or scale, or a value is not above 0
     */
    public SelectiveSearch {
        spaces = List.copyOf(spaces);
        scales = List.copyOf(scales);
        if (spaces.isEmpty()
                || scales.isEmpty()
                || scales.stream().anyMatch(scale -> scale < 1)
                || !(sigma > 0)
                || longest < 1) {
            throw new IllegalArgumentException("expected colour spaces, scales, sigma and longest above 0, got "
                    + spaces + ", " + scales + ", " + sigma + " and " + longest);
        }
    }

    /** A box and its random place in the order. */
    private record Ranked(Box box, double rank) {}

    /**
     * Proposes boxes.
     *
     * @param image of any size and channels
     * @return all different, within the image, by falling score; about 1,000 to 3,000 of a photo
     */
    public List<Proposal> propose(Pixels image) {
        Pixels colours = image.withChannels(3);
        double factor = Math.min(1, (double) longest / Math.max(image.height(), image.width()));
        int height = Math.max(1, (int) Math.rint(image.height() * factor));
        int width = Math.max(1, (int) Math.rint(image.width() * factor));
        Pixels seen = height == image.height() && width == image.width()
                ? colours
                : Resampling.resize(colours, height, width, Interpolation.BILINEAR);
        List<Ranked> ranked = new ArrayList<>(IntStream.range(0, spaces.size())
                .parallel()
                .boxed()
                .flatMap(space -> hierarchies(seen, space).stream())
                .toList());
        ranked.sort(Comparator.comparingDouble(Ranked::rank));
        Set<Box> met = new HashSet<>();
        List<Proposal> proposals = new ArrayList<>();
        double down = (double) image.height() / height;
        double across = (double) image.width() / width;
        for (Ranked one : ranked) {
            Box box = one.box;
            if (met.add(box)) {
                // exact at the far edges, where a product may go beyond
                double right = Math.min(image.width(), (box.x() + box.width()) * across);
                double bottom = Math.min(image.height(), (box.y() + box.height()) * down);
                proposals.add(new Proposal(
                        Box.ofCorners(box.x() * across, box.y() * down, right, bottom), 1 / (1 + one.rank)));
            }
        }
        return List.copyOf(proposals);
    }

    private List<Ranked> hierarchies(Pixels image, int space) {
        Planes planes = spaces.get(space).planes(image);
        PixelGraph graph = new PixelGraph(planes.smoothed(sigma));
        List<Ranked> ranked = new ArrayList<>();
        for (int scale : scales) {
            Grouping grouping = new Grouping(planes, graph.segments(scale, scale));
            for (boolean byColour : List.of(true, false)) {
                SplittableRandom random = new SplittableRandom(Randomness.mix(space, scale, byColour ? 1 : 0));
                int position = 0;
                for (Box box : grouping.boxes(byColour)) {
                    ranked.add(new Ranked(box, random.nextDouble() * ++position));
                }
            }
        }
        return ranked;
    }
}
