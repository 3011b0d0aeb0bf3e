package djinn.data.detection;

import djinn.ops.DataException;
import djinn.ops.Randomness;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Images with objects: those to learn from, those held out, and those to be measured on at the very end.
 *
 * @param source what they were read from, for messages
 * @param train the images to learn from
 * @param validation the images held out, by which the best weights are chosen
 * @param test images that decide nothing, if there are some
 * @param notes what else there is to say of the data, in a sentence each
 */
public record DetectionSplits(
        String source, ObjectData train, ObjectData validation, Optional<ObjectData> test, List<String> notes) {

    private static final int CLASSES_NAMED = 8;

    /**
     * Checks that there are images, and that all parts have the same classes.
     *
     * @throws DataException if not
     */
    public DetectionSplits {
        notes = List.copyOf(notes);
        if (train.images().isEmpty() || validation.images().isEmpty()) {
            throw new DataException(source + ": expected images to train on and to validate with, found "
                    + train.images().size() + " and " + validation.images().size());
        }
        for (ObjectData part :
                Stream.concat(Stream.of(validation), test.stream()).toList()) {
            if (!part.classes().equals(train.classes())) {
                throw new DataException(part.source() + ": expected the classes of " + train.source() + ", "
                        + train.classes() + ", got " + part.classes());
            }
        }
    }

    /**
     * Parts that were read from a list each.
     *
     * @throws DataException if a part holds no images, or their classes differ
     */
    public static DetectionSplits of(ObjectData train, ObjectData validation, Optional<ObjectData> test) {
        String source = Stream.concat(Stream.of(train, validation), test.stream())
                .map(ObjectData::source)
                .distinct()
                .collect(Collectors.joining(", "));
        return new DetectionSplits(source, train, validation, test, List.of());
    }

    /**
     * Returns the parts, of which training goes without objects that are smaller than wanted.
     *
     * @param smallest the least width and height of a box in pixels; 0 leaves all
     */
    public DetectionSplits withoutSmaller(double smallest) {
        return new DetectionSplits(source, train.withoutSmaller(smallest), validation, test, notes);
    }

    /**
     * Holds some images of one list out.
     *
     * @param whole all images
     * @param valFraction the share to validate with, above 0
     * @param testFraction the share to test on, 0 for none; less than 1 with the other
     * @param seed decides which; each part keeps the list's order
     * @throws DataException if a part holds no images
     * @throws IllegalArgumentException if a fraction is out of its range
     */
    public static DetectionSplits ofRatio(ObjectData whole, double valFraction, double testFraction, long seed) {
        if (!(valFraction > 0 && testFraction >= 0 && valFraction + testFraction < 1)) {
            throw new IllegalArgumentException("expected val_fraction above 0, test_fraction of at least 0 and both"
                    + " below 1 together, got " + valFraction + " and " + testFraction);
        }
        int size = whole.images().size();
        List<Integer> order = new ArrayList<>(IntStream.range(0, size).boxed().toList());
        Collections.shuffle(order, new Random(Randomness.mix(seed, size)));
        int validating = (int) Math.rint(size * valFraction);
        int testing = (int) Math.rint(size * testFraction);
        ObjectData validation = chosen(whole, order.subList(0, validating));
        ObjectData test = chosen(whole, order.subList(validating, validating + testing));
        ObjectData train = chosen(whole, order.subList(validating + testing, size));
        return new DetectionSplits(
                whole.source(),
                train,
                validation,
                testFraction > 0 ? Optional.of(test) : Optional.empty(),
                List.of("parts are drawn: " + valFraction + " of the images to validate with"
                        + (testFraction > 0 ? " and " + testFraction + " to test on" : "")));
    }

    private static ObjectData chosen(ObjectData whole, List<Integer> indices) {
        return whole.withImages(
                indices.stream().sorted().map(whole.images()::get).toList());
    }

    /** Returns the names of the classes, by index: the same in all parts. */
    public List<String> classes() {
        return train.classes();
    }

    /** Describes the data for people, a sentence a line. */
    public List<String> summary() {
        List<String> lines = new ArrayList<>();
        String tested = test.map(part -> ", " + part.images().size() + " test").orElse("");
        String named = classes().size() > CLASSES_NAMED ? "" : " (" + String.join(", ", classes()) + ")";
        lines.add(train.images().size() + " training, " + validation.images().size() + " validation" + tested
                + " images with objects of " + classes().size() + (classes().size() == 1 ? " class" : " classes")
                + named + " from " + source);
        lines.add(train.objects() + " training objects: " + counts());
        lines.addAll(notes);
        Stream.concat(Stream.of(train, validation), test.stream())
                .flatMap(part -> part.notes().stream())
                .distinct()
                .forEach(lines::add);
        return lines;
    }

    private String counts() {
        int[] counts = new int[classes().size()];
        train.images().forEach(image -> image.annotations().forEach(annotation -> counts[annotation.label()]++));
        return IntStream.range(0, counts.length)
                        .limit(CLASSES_NAMED)
                        .mapToObj(i -> classes().get(i) + " " + counts[i])
                        .collect(Collectors.joining(", "))
                + (counts.length > CLASSES_NAMED ? ", ..." : "");
    }

    /** Returns a digest of the classes, the names and order of the images, and their objects: not of their pixels. */
    public String fingerprint() {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(String.join("\n", classes()).getBytes(StandardCharsets.UTF_8));
            for (ObjectData part : List.of(train, validation)) {
                for (AnnotatedImage image : part.images()) {
                    digest.update(("\n" + image.name()).getBytes(StandardCharsets.UTF_8));
                    for (Annotation object : image.annotations()) {
                        String told = "\t" + object.label() + " " + object.box() + " " + object.isCrowd();
                        digest.update(told.getBytes(StandardCharsets.UTF_8));
                    }
                }
                digest.update((byte) 0);
            }
            return "sha256:" + HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java runtime has SHA-256", e);
        }
    }
}
