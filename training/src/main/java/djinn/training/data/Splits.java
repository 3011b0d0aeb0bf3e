package djinn.training.data;

import djinn.ops.DataException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeSet;

/**
 * The images to learn from and those held out, under one list of classes.
 *
 * @param source what it was read from, for messages
 * @param classes the names of the classes, by index
 * @param train the images to learn from
 * @param validation the images held out
 */
public record Splits(String source, List<String> classes, Dataset train, Dataset validation) {

    /**
     * Checks that both parts hold images and every label is a class.
     *
     * @throws DataException if not
     */
    public Splits {
        classes = List.copyOf(classes);
        check(source, "training", train, classes.size());
        check(source, "validation", validation, classes.size());
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

    /** Returns what there is, a line each: the images and classes, and how many of each part. */
    public List<String> summary() {
        long images = (long) train.size() + validation.size();
        return List.of(source + ": " + images + " images of " + classes.size() + " classes, " + train.size()
                + " to train on and " + validation.size() + " held out");
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
