package djinn.data;

import djinn.ops.DataException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * The images to learn from and those held out, under one list of classes.
 *
 * @param source what it was read from, for messages
 * @param classes the names of the classes, by index
 * @param train the images to learn from
 * @param validation the images held out
 * @param notes what else there is to say of the data, in a sentence each: where the parts come from, what was left out
 */
public record Splits(String source, List<String> classes, Dataset train, Dataset validation, List<String> notes) {

    private static final int CLASSES_NAMED = 8;

    /**
     * Checks that both parts hold images and every label is a class.
     *
     * @throws DataException if not
     */
    public Splits {
        classes = List.copyOf(classes);
        notes = List.copyOf(notes);
        check(source, "training", train, classes.size());
        check(source, "validation", validation, classes.size());
    }

    /**
     * Both parts, with nothing else to say of them.
     *
     * @throws DataException if one holds no images or a label is no class
     */
    public Splits(String source, List<String> classes, Dataset train, Dataset validation) {
        this(source, classes, train, validation, List.of());
    }

    /**
     * Images to validate with, and none to learn from: both parts are the same.
     *
     * @throws DataException if there are none or a label is no class
     */
    public static Splits heldOut(String source, List<String> classes, Dataset validation, List<String> notes) {
        return new Splits(source, classes, validation, validation, notes);
    }

    /**
     * Returns the same images under other names of classes.
     *
     * @throws DataException if a label is none of them
     */
    public Splits withClasses(List<String> others) {
        return new Splits(source, others, train, validation, notes);
    }

    /** Describes the data for people, a sentence a line: how many images and classes, from where, what was left out. */
    public List<String> summary() {
        boolean heldOutOnly = train.equals(validation);
        String images = heldOutOnly
                ? counted(validation.size(), "validation image")
                : train.size() + " training and " + counted(validation.size(), "validation image");
        String named = classes.size() > CLASSES_NAMED ? "" : " (" + String.join(", ", classes) + ")";
        List<String> lines = new ArrayList<>();
        lines.add(images + " in " + classes.size() + (classes.size() == 1 ? " class" : " classes") + named + " from "
                + source);
        lines.addAll(notes);
        if (!heldOutOnly) {
            lines.add(balance());
        }
        return lines;
    }

    private static String counted(int count, String what) {
        return count + " " + what + (count == 1 ? "" : "s");
    }

    private String balance() {
        int[] counts = new int[classes.size()];
        for (int i = 0; i < train.size(); i++) {
            counts[train.label(i)]++;
        }
        List<String> without = IntStream.range(0, counts.length)
                .filter(c -> counts[c] == 0)
                .mapToObj(classes::get)
                .toList();
        int least = IntStream.of(counts).filter(count -> count > 0).min().orElse(0);
        int most = IntStream.of(counts).max().orElse(0);
        String each =
                least == most ? counted(most, "training image") : least + " to " + counted(most, "training image");
        if (without.isEmpty()) {
            return each + " in each class";
        }
        String some = String.join(", ", without.subList(0, Math.min(without.size(), CLASSES_NAMED)))
                + (without.size() > CLASSES_NAMED ? ", ..." : "");
        return each + " in each class, but none in " + without.size() + " of them (" + some + ")";
    }

    /** Returns a digest of the names, labels and order of all images, and of the classes: not of their pixels. */
    public String fingerprint() {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(String.join("\n", classes).getBytes(StandardCharsets.UTF_8));
            for (Dataset part : List.of(train, validation)) {
                for (int i = 0; i < part.size(); i++) {
                    digest.update(("\n" + part.name(i) + "\t" + part.label(i)).getBytes(StandardCharsets.UTF_8));
                }
                digest.update((byte) 0);
            }
            return "sha256:" + HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java runtime has SHA-256", e);
        }
    }

    private static void check(String source, String part, Dataset dataset, int classes) {
        if (dataset.size() == 0) {
            throw new DataException(source + ": expected " + part + " images, found none");
        }
        TreeSet<Integer> beyond = new TreeSet<>();
        for (int i = 0; i < dataset.size(); i++) {
            if (dataset.label(i) < 0 || dataset.label(i) >= classes) {
                beyond.add(dataset.label(i));
            }
        }
        if (!beyond.isEmpty()) {
            throw new DataException(source + ": expected labels from 0 to " + (classes - 1) + " for " + classes
                    + " classes, found " + beyond + " among the " + part + " images; set model.num_classes to at least "
                    + (beyond.last() + 1) + " or mend the labels");
        }
    }
}
