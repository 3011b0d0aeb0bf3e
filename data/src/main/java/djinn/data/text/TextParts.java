package djinn.data.text;

import djinn.ops.DataException;
import djinn.ops.TextFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Documents in two parts: to learn from, and to validate on. Where no files are held out, the last documents are; a text
 * that is one document is cut.
 *
 * @param source what they were read from, for messages
 * @param train the documents to learn from
 * @param validation the documents held out
 * @param blank lines that are none
 */
public record TextParts(String source, List<String> train, List<String> validation, int blank) {

    /**
     * Copies the lists.
     *
     * @throws DataException if a part is empty
     */
    public TextParts {
        train = List.copyOf(train);
        validation = List.copyOf(validation);
        if (train.isEmpty() || validation.isEmpty()) {
            throw new DataException(source + ": expected texts to learn from and texts held out, found " + train.size()
                    + " and " + validation.size() + "; take more text, or another val_fraction");
        }
    }

    /**
     * Reads files.
     *
     * @param files of UTF-8 text, in their order
     * @param heldOut files held out; a share of the others if there are none
     * @param documents what the documents are
     * @param fraction the share of characters held out where there are no files for it, above 0 and below 1
     * @throws DataException if a file is missing, empty or not UTF-8, or a part has no document
     */
    public static TextParts read(List<Path> files, List<Path> heldOut, Documents documents, double fraction) {
        String source = files.stream().map(Path::toString).collect(Collectors.joining(", "));
        if (heldOut.isEmpty()) {
            return of(texts(files), source, documents, fraction);
        }
        Documents.Cut train = cut(texts(files), documents);
        Documents.Cut validation = cut(texts(heldOut), documents);
        return new TextParts(source, train.texts(), validation.texts(), train.blank() + validation.blank());
    }

    private static List<String> texts(List<Path> files) {
        return files.stream()
                .map(file -> {
                    String text = TextFile.read(file);
                    if (text.isBlank()) {
                        throw new DataException(file + ": expected a text, found an empty one");
                    }
                    return text;
                })
                .toList();
    }

    private static Documents.Cut cut(List<String> texts, Documents documents) {
        return documents == Documents.NONE
                ? new Documents.Cut(List.of(String.join("", texts)), 0, 0)
                : documents.cut(texts);
    }

    /**
     * Holds a share out.
     *
     * @param texts those of files
     * @param source what messages call them
     * @param documents what the documents are
     * @param fraction the share of characters held out, above 0 and below 1
     * @throws DataException if a part has no document
     */
    public static TextParts of(List<String> texts, String source, Documents documents, double fraction) {
        if (!(fraction > 0 && fraction < 1)) {
            throw new IllegalArgumentException("expected val_fraction above 0 and below 1, got " + fraction);
        }
        Documents.Cut cut = cut(texts, documents);
        long end = (long) ((1 - fraction)
                * cut.texts().stream().mapToLong(TextParts::characters).sum());
        if (documents == Documents.NONE) {
            String text = cut.texts().get(0);
            int at = text.offsetByCodePoints(0, Math.toIntExact(end));
            return new TextParts(source, whole(text.substring(0, at)), whole(text.substring(at)), 0);
        }
        List<String> train = new ArrayList<>();
        List<String> validation = new ArrayList<>();
        long at = 0;
        for (String document : cut.texts()) {
            (at < end ? train : validation).add(document);
            at += characters(document);
        }
        return new TextParts(source, train, validation, cut.blank());
    }

    private static List<String> whole(String text) {
        return text.isBlank() ? List.of() : List.of(text);
    }

    private static long characters(String text) {
        return text.codePointCount(0, text.length());
    }

    /** Returns a digest of all documents and of their parts, 64 hexadecimal digits. */
    public String fingerprint() {
        return TextDigest.of(Stream.of(train, validation)
                .flatMap(part -> Stream.concat(
                        Stream.of(part.size() + ":"),
                        part.stream().flatMap(document -> Stream.of(document.length() + ":", document)))));
    }
}
