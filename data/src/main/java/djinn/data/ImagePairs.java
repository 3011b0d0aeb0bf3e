package djinn.data;

import djinn.data.ImageList.Item;
import djinn.ops.DataException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Images of two domains in pairs: the n-th of one belongs to the n-th of the other, in each part.
 *
 * @param a images of the first domain
 * @param b images of the second
 */
public record ImagePairs(Splits a, Splits b) {

    private static final int NAMED = 3;

    /**
     * Checks that there are as many of both.
     *
     * @throws IllegalArgumentException if not
     */
    public ImagePairs {
        if (a.train().size() != b.train().size()
                || a.validation().size() != b.validation().size()) {
            throw new IllegalArgumentException("expected as many images of both domains, got "
                    + a.train().size() + " and " + b.train().size() + " to learn from, "
                    + a.validation().size() + " and " + b.validation().size() + " held out");
        }
    }

    /** Returns the same, the second domain first. */
    public ImagePairs swapped() {
        return new ImagePairs(b, a);
    }

    /** Pairs each grey digit, bright on black, with itself in a colour on a texture; the coloured ones are the first domain. */
    public static ImagePairs ofDigits(Splits digits) {
        DigitDomains domains = DigitDomains.ofAll(digits);
        return new ImagePairs(domains.coloured(), domains.grey());
    }

    /**
     * Lists image files that show a pair each, as the data sets of pix2pix do: the left half is of the first domain, the
     * right half of the second.
     *
     * @param root a folder; those below are looked into
     * @param valFraction the share held out
     * @param splitSeed decides which are
     * @throws DataException as {@link LooseImages#read} says; an image of an odd width fails once it is read
     */
    public static ImagePairs sideBySide(Path root, double valFraction, long splitSeed) {
        Splits whole = LooseImages.read(root, valFraction, splitSeed);
        return new ImagePairs(half(whole, 0, "left"), half(whole, 1, "right"));
    }

    private static Splits half(Splits whole, int side, String name) {
        return new Splits(
                whole.source() + ", the " + name + " halves",
                whole.classes(),
                new Half(whole.train(), side),
                new Half(whole.validation(), side),
                whole.notes());
    }

    /**
     * Lists image files of two folders: those of one name, whatever its ending, are a pair, which must be of one size.
     *
     * @param a the folder of the first domain; those below are looked into
     * @param b the folder of the second
     * @param valFraction the share held out
     * @param splitSeed decides which are
     * @throws DataException if a folder is missing or without images, or an image has no partner or several; an image of
     *     another size than its partner fails once both are read
     */
    public static ImagePairs ofFolders(Path a, Path b, double valFraction, long splitSeed) {
        Map<String, Path> ofA = byName(a);
        Map<String, Path> ofB = byName(b);
        requirePartners(ofA, ofB, a, b);
        requirePartners(ofB, ofA, b, a);
        return ofOneSize(splits(a, ofA, valFraction, splitSeed), a, splits(b, ofB, valFraction, splitSeed), b);
    }

    private static ImagePairs ofOneSize(Splits a, Path rootA, Splits b, Path rootB) {
        Sizes train = new Sizes(a.train().size());
        Sizes validation = new Sizes(a.validation().size());
        return new ImagePairs(
                new Splits(
                        a.source(),
                        a.classes(),
                        new Partner(a.train(), rootA, b.train(), rootB, train),
                        new Partner(a.validation(), rootA, b.validation(), rootB, validation),
                        a.notes()),
                new Splits(
                        b.source(),
                        b.classes(),
                        new Partner(b.train(), rootB, a.train(), rootA, train),
                        new Partner(b.validation(), rootB, a.validation(), rootA, validation),
                        b.notes()));
    }

    /** The sizes of pairs of which an image was read: of both, the first that is read decides. */
    private record Sizes(AtomicLongArray known) {

        Sizes(int pairs) {
            this(new AtomicLongArray(pairs));
        }

        /** Returns the size that the pair has, rows in the upper half: that which is given if none was known. */
        long of(int pair, Pixels image) {
            long own = (long) image.height() << 32 | image.width();
            long before = known.compareAndExchange(pair, 0, own);
            return before == 0 ? own : before;
        }
    }

    /** Images that must each be as large as its partner. */
    private record Partner(Dataset own, Path root, Dataset others, Path otherRoot, Sizes sizes) implements Dataset {

        @Override
        public int size() {
            return own.size();
        }

        @Override
        public Pixels image(int index, int channels) {
            Pixels image = own.image(index, channels);
            long size = sizes.of(index, image);
            if (size >> 32 != image.height() || (int) size != image.width()) {
                throw new DataException(root.resolve(name(index)) + ": expected an image of " + (int) size + "x"
                        + (size >> 32) + ", as its partner " + otherRoot.resolve(others.name(index))
                        + " is, got one of "
                        + image.width() + "x" + image.height() + "; make both equally large");
            }
            return image;
        }

        @Override
        public int label(int index) {
            return own.label(index);
        }

        @Override
        public String name(int index) {
            return own.name(index);
        }
    }

    private static Map<String, Path> byName(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw new DataException(folder + ": expected a folder of images, found "
                    + (Files.exists(folder) ? "a file" : "nothing") + "; set data.root_a and data.root_b");
        }
        Map<String, Path> named = new TreeMap<>();
        for (Path file : ImageTree.below(folder).images()) {
            String path = ImageTree.name(file, folder);
            Path other = named.put(path.substring(0, path.lastIndexOf('.')), file);
            if (other != null) {
                throw new DataException(folder + ": expected one image of a name, found " + other.getFileName()
                        + " and " + file.getFileName() + "; rename or remove one");
            }
        }
        if (named.isEmpty()) {
            throw new DataException(
                    folder + ": expected images (" + ImageFiles.ENDINGS + ") in it or in folders below, found none");
        }
        return named;
    }

    private static void requirePartners(Map<String, Path> own, Map<String, Path> others, Path folder, Path other) {
        SortedSet<String> alone = new TreeSet<>(own.keySet());
        alone.removeAll(others.keySet());
        if (!alone.isEmpty()) {
            List<String> some = alone.stream().limit(NAMED).toList();
            throw new DataException(folder + ": expected a partner in " + other + " for every image, found none for "
                    + alone.size() + " of " + own.size() + " (" + String.join(", ", some)
                    + (some.size() < alone.size() ? ", ..." : "") + "); give partners the same name");
        }
    }

    private static Splits splits(Path root, Map<String, Path> files, double valFraction, long splitSeed) {
        ImageList all = new ImageList(
                root, files.values().stream().map(file -> new Item(file, 0)).toList());
        // of as many images in one order, so that partners come to the same part
        List<Dataset> parts = Subset.split(all, valFraction, splitSeed);
        return new Splits(
                root.toString(),
                List.of("image"),
                parts.get(0),
                parts.get(1),
                List.of(Stratified.note(valFraction, "the pairs")));
    }

    /** One half of each image. */
    private record Half(Dataset whole, int side) implements Dataset {

        @Override
        public int size() {
            return whole.size();
        }

        @Override
        public Pixels image(int index, int channels) {
            Pixels both = whole.image(index, channels);
            if (both.width() % 2 != 0) {
                throw new DataException(
                        name(index) + ": expected two images of one size side by side, got an odd width, "
                                + both.width() + "x" + both.height() + "; make both halves equally wide");
            }
            int row = both.width() / 2 * channels;
            byte[] values = new byte[both.height() * row];
            for (int y = 0; y < both.height(); y++) {
                System.arraycopy(both.values(), (2 * y + side) * row, values, y * row, row);
            }
            return new Pixels(both.height(), both.width() / 2, channels, values);
        }

        @Override
        public int label(int index) {
            return whole.label(index);
        }

        @Override
        public String name(int index) {
            return whole.name(index);
        }
    }
}
