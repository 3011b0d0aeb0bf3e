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
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A text in three parts, by position: what comes first is learnt from, then what is validated on, then what is kept for
 * a last test. Documents are not cut: one is in the part that its first character is in, and its end stands behind it.
 *
 * @param source what it was read from, for messages
 * @param vocabulary the characters of all parts, or a tokenizer
 * @param train the tokens to learn from
 * @param validation the tokens held out
 * @param test the tokens nobody looks at; may be empty
 * @param validationCharacters how many characters are held out, Unicode code points; of lines, a line feed behind each
 * @param notes what else there is to tell people, a sentence each
 */
public record TextSplits(
        String source,
        Vocabulary vocabulary,
        TokenSequence train,
        TokenSequence validation,
        TokenSequence test,
        int validationCharacters,
        List<String> notes) {

    /** Copies the notes. */
    public TextSplits {
        notes = List.copyOf(notes);
    }

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
        requireFiles(files);
        String text = files.stream().map(TextFile::read).collect(Collectors.joining());
        String source = files.stream().map(Path::toString).collect(Collectors.joining(", "));
        return of(text, source, tokenizer, validationFraction, testFraction);
    }

    /**
     * Reads files as documents, behind each of which the tokenizer's token of the end stands.
     *
     * @param files of UTF-8 text
     * @param tokenizer what writes it
     * @param documents what the documents are
     * @param validationFraction the share of characters held out, above 0 and below 1
     * @param testFraction the share kept for a last test, from 0 on; both together are below 1
     * @return the parts
     * @throws DataException if a file is missing, empty or not UTF-8, the tokenizer has no token of the end, or no document
     *     begins in a part
     * @throws IllegalArgumentException if there is no file, or the fractions are none
     */
    public static TextSplits read(
            List<Path> files,
            Tokenizer tokenizer,
            Documents documents,
            double validationFraction,
            double testFraction) {
        if (documents == Documents.NONE) {
            return read(files, Optional.of(tokenizer), validationFraction, testFraction);
        }
        requireFiles(files);
        String source = files.stream().map(Path::toString).collect(Collectors.joining(", "));
        List<String> texts = new ArrayList<>();
        for (Path file : files) {
            String text = TextFile.read(file);
            if (text.isBlank()) {
                throw new DataException(file + ": expected a text, found an empty one");
            }
            texts.add(text);
        }
        return of(texts, source, tokenizer, documents, validationFraction, testFraction);
    }

    /**
     * Cuts texts between documents, behind each of which the tokenizer's token of the end stands.
     *
     * @param texts those of files
     * @param source what messages call them
     * @param tokenizer what writes them
     * @param documents what the documents are
     * @param validationFraction the share of characters held out, above 0 and below 1
     * @param testFraction the share kept for a last test, from 0 on; both together are below 1
     * @return the parts
     * @throws DataException if the tokenizer has no token of the end, or no document begins in a part
     * @throws IllegalArgumentException if the fractions are none
     */
    public static TextSplits of(
            List<String> texts,
            String source,
            Tokenizer tokenizer,
            Documents documents,
            double validationFraction,
            double testFraction) {
        requireFractions(validationFraction, testFraction);
        int end = tokenizer
                .end()
                .orElseThrow(() -> new DataException(source
                        + ": expected a tokenizer with a token that ends documents, "
                        + String.join(", ", Tokenizer.ENDS)
                        + ", found none; 'djinn tokenizer train' makes one with --special '</s>'"));
        Documents.Cut cut = documents.cut(texts);
        long all = cut.texts().stream().mapToLong(text -> characters(text, cut)).sum();
        long trainEnd = (long) ((1 - validationFraction - testFraction) * all);
        long validationEnd = testFraction == 0 ? all : (long) ((1 - testFraction) * all);
        List<IntStream.Builder> parts = List.of(IntStream.builder(), IntStream.builder(), IntStream.builder());
        int[] counts = new int[parts.size()];
        long at = 0;
        int held = 0;
        for (String text : cut.texts()) {
            int part = at < trainEnd ? 0 : at < validationEnd ? 1 : 2;
            tokenizer.encode(text).stream().forEach(parts.get(part)::add);
            parts.get(part).add(end);
            counts[part]++;
            at += characters(text, cut);
            held += part == 1 ? Math.toIntExact(characters(text, cut)) : 0;
        }
        if (counts[0] == 0 || counts[1] == 0 || (counts[2] == 0 && testFraction > 0)) {
            throw new DataException(source + ": expected documents in each part, found " + counts[0]
                    + " to learn from, " + counts[1] + " to validate on"
                    + (testFraction > 0 ? " and " + counts[2] + " to test on" : "")
                    + "; take more documents, or larger fractions");
        }
        List<String> notes = new ArrayList<>(List.of((counts[0] + counts[1] + counts[2]) + " documents, "
                + tokenizer.tokens().get(end) + " behind each"));
        if (cut.blank() > 0) {
            notes.add("left out: " + cut.blank() + (cut.blank() == 1 ? " blank line" : " blank lines"));
        }
        List<TokenSequence> sequences = parts.stream()
                .map(part -> new TokenSequence(part.build().toArray()))
                .toList();
        return new TextSplits(source, tokenizer, sequences.get(0), sequences.get(1), sequences.get(2), held, notes);
    }

    private static long characters(String text, Documents.Cut cut) {
        return (long) text.codePointCount(0, text.length()) + cut.apart();
    }

    private static void requireFiles(List<Path> files) {
        if (files.isEmpty()) {
            throw new IllegalArgumentException("expected at least one file of text, got none");
        }
    }

    private static void requireFractions(double validation, double test) {
        if (!(validation > 0 && test >= 0 && validation + test < 1)) {
            throw new IllegalArgumentException(
                    "expected a validation fraction above 0 and a test fraction of at least 0, together below 1, got "
                            + validation + " and " + test);
        }
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
        requireFractions(validationFraction, testFraction);
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
                validationEnd - trainEnd,
                List.of());
    }

    /** Describes the text for people, a sentence a line. */
    public List<String> summary() {
        String last = test.size() == 0 ? "" : ", " + test.size() + " kept for a test";
        List<String> lines = new ArrayList<>(List.of(train.size() + " training and " + validation.size()
                + " validation " + vocabulary.unit() + last + ", " + vocabulary.size() + " different ones, from "
                + source));
        lines.addAll(notes);
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
                digest.update(ends(part).getBytes(StandardCharsets.UTF_8));
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** Where documents end, which their text does not tell; empty where nothing does. */
    private String ends(TokenSequence part) {
        return IntStream.range(0, part.size())
                .filter(i -> vocabulary.end().equals(OptionalInt.of(part.token(i))))
                .mapToObj(i -> i + ";")
                .collect(Collectors.joining());
    }
}
