package djinn.data;

import djinn.ops.DataException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * Images with a class for every pixel: those to learn from, those held out, and those to be measured on at the very end.
 *
 * @param source what they were read from, for messages
 * @param classes the names of the classes, by index; the first is the background
 * @param train the images to learn from
 * @param validation the images held out, by which the best weights are chosen
 * @param test images that decide nothing, if there are some
 * @param notes what else there is to say of the data, in a sentence each
 */
public record MaskSplits(
        String source,
        List<String> classes,
        MaskedImages train,
        MaskedImages validation,
        Optional<MaskedImages> test,
        List<String> notes) {

    /**
     * Checks that there are classes and images.
     *
     * @throws DataException if a part holds no images
     * @throws IllegalArgumentException if there are fewer than two classes or more than 255
     */
    public MaskSplits {
        classes = List.copyOf(classes);
        notes = List.copyOf(notes);
        if (classes.size() < 2 || classes.size() > LabelMap.IGNORED) {
            throw new IllegalArgumentException("expected 2 to 255 classes, the background among them, got " + classes);
        }
        if (train.size() == 0 || validation.size() == 0) {
            throw new DataException(source + ": expected images to train on and to validate with, found " + train.size()
                    + " and " + validation.size());
        }
    }

    /** Describes the data for people, a sentence a line. */
    public List<String> summary() {
        List<String> lines = new ArrayList<>();
        String tested = test.map(part -> ", " + part.size() + " test").orElse("");
        lines.add(train.size() + " training, " + validation.size() + " validation" + tested + " images with masks of "
                + classes.size() + " classes (" + String.join(", ", classes) + ") from " + source);
        lines.addAll(notes);
        return lines;
    }

    /** Returns a digest of the classes and of the names and order of the images: not of their pixels. */
    public String fingerprint() {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(String.join("\n", classes).getBytes(StandardCharsets.UTF_8));
            for (MaskedImages part : List.of(train, validation)) {
                for (int i = 0; i < part.size(); i++) {
                    digest.update(("\n" + part.name(i)).getBytes(StandardCharsets.UTF_8));
                }
                digest.update((byte) 0);
            }
            return "sha256:" + HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java runtime has SHA-256", e);
        }
    }
}
