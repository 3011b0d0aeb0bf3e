package djinn.data.text;

import djinn.ops.DataException;
import djinn.ops.TextFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A text in three parts, by position: what comes first is learnt from, then what is validated on, then what is kept for
 * a last test.
 *
 * @param source what it was read from, for messages
 * @param vocabulary the characters of all parts
 * @param train the tokens to learn from
 * @param validation the tokens held out
 * @param test the tokens nobody looks at; may be empty
 */
public record TextSplits(
        String source,
        CharacterVocabulary vocabulary,
        TokenSequence train,
        TokenSequence validation,
        TokenSequence test) {

    /**
     * Reads files as one text, in the given order, with nothing between them.
     *
     * @param files of UTF-8 text
     * @param validationFraction the share of characters held out, above 0 and below 1
     * @param testFraction the share kept for a last test, from 0 on; both together are below 1
     * @return the parts
     * @throws DataException if a file is missing, empty or not UTF-8
     * @throws IllegalArgumentException if there is no file, or the fractions are none
     */
    public static TextSplits read(List<Path> files, double validationFraction, double testFraction) {
        if (files.isEmpty()) {
            throw new IllegalArgumentException("expected at least one file of text, got none");
        }
        String text = files.stream().map(TextFile::read).collect(Collectors.joining());
        String source = files.stream().map(Path::toString).collect(Collectors.joining(", "));
        return of(text, source, validationFraction, testFraction);
    }

    /**
     * Cuts a text.
     *
     * @param text the whole text
     * @param source what messages call it
     * @param validationFraction the share of characters held out, above 0 and below 1
     * @param testFraction the share kept for a last test, from 0 on; both together are below 1
     * @return the parts
     * @throws DataException if the text is empty
     * @throws IllegalArgumentException if the fractions are none
     */
    public static TextSplits of(String text, String source, double validationFraction, double testFraction) {
        if (!(validationFraction > 0 && testFraction >= 0 && validationFraction + testFraction < 1)) {
            throw new IllegalArgumentException(
                    "expected a validation fraction above 0 and a test fraction of at least 0, together below 1, got "
                            + validationFraction + " and " + testFraction);
        }
        if (text.isEmpty()) {
            throw new DataException(source + ": expected a text, found an empty one");
        }
        CharacterVocabulary vocabulary = CharacterVocabulary.of(text);
        TokenSequence all = vocabulary.encode(text, source);
        int trainEnd = (int) ((1 - validationFraction - testFraction) * all.size());
        int validationEnd = testFraction == 0 ? all.size() : (int) ((1 - testFraction) * all.size());
        return new TextSplits(
                source,
                vocabulary,
                all.part(0, trainEnd),
                all.part(trainEnd, validationEnd),
                all.part(validationEnd, all.size()));
    }

    /** Describes the text for people, a sentence a line. */
    public List<String> summary() {
        String last = test.size() == 0 ? "" : ", " + test.size() + " kept for a test";
        return List.of(train.size() + " training and " + validation.size() + " validation characters" + last + ", "
                + vocabulary.size() + " different ones, from " + source);
    }

    /** Returns a digest of all characters and of where the text is cut, 64 hexadecimal digits. */
    public String fingerprint() {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (TokenSequence part : List.of(train, validation, test)) {
                digest.update((part.size() + ":").getBytes(StandardCharsets.UTF_8));
                digest.update(vocabulary.decode(part).getBytes(StandardCharsets.UTF_8));
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
