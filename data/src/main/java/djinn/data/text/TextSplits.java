package djinn.data.text;

import djinn.ops.DataException;
import djinn.ops.TextFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A text in three parts, by position: what comes first is learnt from, then what is validated on, then what is kept for
 * a last test.
 *
 * @param source what it was read from, for messages
 * @param vocabulary the characters of all parts, or a tokenizer
 * @param train the tokens to learn from
 * @param validation the tokens held out
 * @param test the tokens nobody looks at; may be empty
 * @param validationCharacters how many characters are held out, Unicode code points
 */
public record TextSplits(
        String source,
        Vocabulary vocabulary,
        TokenSequence train,
        TokenSequence validation,
        TokenSequence test,
        int validationCharacters) {

    /**
     * Reads files as one text, in the given order, with nothing between them.
     *
     * @param files of UTF-8 text
     * @param tokenizer what writes it; the characters of the text if left out
     * @param validationFraction the share of characters held out, above 0 and below 1
     * @param testFraction the share kept for a last test, from 0 on; both together are below 1
     * @return the parts
     * @throws DataException if a file is missing, empty or not UTF-8
     * @throws IllegalArgumentException if there is no file, or the fractions are none
     */
    public static TextSplits read(
            List<Path> files, Optional<Tokenizer> tokenizer, double validationFraction, double testFraction) {
        if (files.isEmpty()) {
            throw new IllegalArgumentException("expected at least one file of text, got none");
        }
        String text = files.stream().map(TextFile::read).collect(Collectors.joining());
        String source = files.stream().map(Path::toString).collect(Collectors.joining(", "));
        return of(text, source, tokenizer, validationFraction, testFraction);
    }

    /**
     * Cuts a text.
     *
     * @param text the whole text
     * @param source what messages call it
     * @param tokenizer what writes it; the characters of the text if left out
     * @param validationFraction the share of characters held out, above 0 and below 1
     * @param testFraction the share kept for a last test, from 0 on; both together are below 1
     * @return the parts
     * @throws DataException if the text is empty
     * @throws IllegalArgumentException if the fractions are none
     */
    public static TextSplits of(
            String text, String source, Optional<Tokenizer> tokenizer, double validationFraction, double testFraction) {
        if (!(validationFraction > 0 && testFraction >= 0 && validationFraction + testFraction < 1)) {
            throw new IllegalArgumentException(
                    "expected a validation fraction above 0 and a test fraction of at least 0, together below 1, got "
                            + validationFraction + " and " + testFraction);
        }
        if (text.isEmpty()) {
            throw new DataException(source + ": expected a text, found an empty one");
        }
        Vocabulary vocabulary = tokenizer.isPresent() ? tokenizer.get() : CharacterVocabulary.of(text);
        int characters = text.codePointCount(0, text.length());
        int trainEnd = (int) ((1 - validationFraction - testFraction) * characters);
        int validationEnd = testFraction == 0 ? characters : (int) ((1 - testFraction) * characters);
        int trainTo = text.offsetByCodePoints(0, trainEnd);
        int validationTo = text.offsetByCodePoints(trainTo, validationEnd - trainEnd);
        return new TextSplits(
                source,
                vocabulary,
                vocabulary.encode(text.substring(0, trainTo), source),
                vocabulary.encode(text.substring(trainTo, validationTo), source),
                vocabulary.encode(text.substring(validationTo), source),
                validationEnd - trainEnd);
    }

    /** Describes the text for people, a sentence a line. */
    public List<String> summary() {
        String last = test.size() == 0 ? "" : ", " + test.size() + " kept for a test";
        List<String> lines = new ArrayList<>(List.of(train.size() + " training and " + validation.size()
                + " validation " + vocabulary.unit() + last + ", " + vocabulary.size() + " different ones, from "
                + source));
        long unknown = Stream.of(train, validation, test)
                .flatMapToInt(TokenSequence::stream)
                .filter(token -> vocabulary.unknown().equals(OptionalInt.of(token)))
                .count();
        if (unknown > 0) {
            lines.add("unknown to the tokenizer: " + unknown + " of them, which all are one token");
        }
        return lines;
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
