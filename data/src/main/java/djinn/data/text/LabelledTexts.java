package djinn.data.text;

import djinn.data.LeftOut;
import djinn.data.OnError;
import djinn.ops.DataException;
import djinn.ops.Nearest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Texts with classes in three parts: to learn from, to validate on, and for a last test.
 *
 * @param source what they were read from, for messages
 * @param classes the names, sorted
 * @param train the texts to learn from
 * @param validation the texts held out
 * @param test the texts nobody looks at; may be none
 * @param leftOut lines that are no texts, for people
 */
public record LabelledTexts(
        String source,
        List<String> classes,
        List<LabelledText> train,
        List<LabelledText> validation,
        List<LabelledText> test,
        LeftOut leftOut) {

    /**
     * Where texts and classes stand.
     *
     * @param format how files part their columns; as their endings tell if left out
     * @param text the column of the text, by name, or by number from 1 on
     * @param label the column of the class
     * @param onError what becomes of a line that lacks one of them
     */
    public record Columns(Optional<TextTable.Format> format, String text, String label, OnError onError) {

        private TextTable read(Path file) {
            return TextTable.read(file, format, List.of(text, label), onError);
        }
    }

    /**
     * Copies the lists and checks the classes.
     *
     * @throws DataException if there are fewer than two classes, a part to learn from or to validate on is empty, or a text
     *     is of another class
     */
    public LabelledTexts {
        classes = List.copyOf(classes);
        train = List.copyOf(train);
        validation = List.copyOf(validation);
        test = List.copyOf(test);
        if (train.isEmpty() || validation.isEmpty()) {
            throw new DataException(source + ": expected texts to learn from and texts held out, found " + train.size()
                    + " and " + validation.size());
        }
        if (classes.size() < 2) {
            throw new DataException(source + ": expected texts of at least two classes, found those of " + classes);
        }
        for (List<LabelledText> part : List.of(train, validation, test)) {
            for (LabelledText text : part) {
                if (!classes.contains(text.label())) {
                    throw new DataException(text.name() + ": there is no class '" + text.label()
                            + "' among the texts to learn from, "
                            + Nearest.suggestion(text.label(), classes, "the classes are "));
                }
            }
        }
    }

    /**
     * Reads files; classes are those of the texts to learn from.
     *
     * @param train the file to learn from, and what is held out of it where no other file says so
     * @param validation the file held out; a share of the first if left out
     * @param test the file for a last test; a share of the first if there is no file of validation either
     * @param columns where texts and classes stand
     * @param shares what is held out of the first file
     * @throws DataException if a file is missing or damaged, or has no such columns
     */
    public static LabelledTexts read(
            Path train, Optional<Path> validation, Optional<Path> test, Columns columns, TextShares shares) {
        List<LeftOut.Item> leftOut = new ArrayList<>();
        List<LabelledText> all = texts(train, columns, leftOut);
        List<LabelledText> last =
                test.map(file -> texts(file, columns, leftOut)).orElse(List.of());
        if (validation.isPresent()) {
            List<LabelledText> held = texts(validation.get(), columns, leftOut);
            return new LabelledTexts(train.toString(), classes(all), all, held, last, new LeftOut(leftOut));
        }
        if (test.isPresent() && shares.test() > 0) {
            throw new IllegalArgumentException("expected a test file or a test fraction, got both");
        }
        return split(train.toString(), all, last, shares, new LeftOut(leftOut));
    }

    private static List<LabelledText> texts(Path file, Columns columns, List<LeftOut.Item> leftOut) {
        TextTable table = columns.read(file);
        leftOut.addAll(table.leftOut().items());
        return table.rows().stream()
                .map(row -> new LabelledText(row.cell(0), row.cell(1), file + ":" + row.line()))
                .toList();
    }

    /**
     * Holds shares of texts out.
     *
     * @param source what messages call them
     * @param all the texts
     * @param shares what is held out
     */
    public static LabelledTexts split(String source, List<LabelledText> all, TextShares shares) {
        return split(source, all, List.of(), shares, new LeftOut(List.of()));
    }

    private static LabelledTexts split(
            String source, List<LabelledText> all, List<LabelledText> last, TextShares shares, LeftOut leftOut) {
        List<LabelledText> train = new ArrayList<>();
        List<LabelledText> validation = new ArrayList<>();
        List<LabelledText> test = new ArrayList<>(last);
        for (LabelledText text : all) {
            switch (shares.part(text.text())) {
                case TRAIN -> train.add(text);
                case VALIDATION -> validation.add(text);
                case TEST -> test.add(text);
            }
        }
        return new LabelledTexts(source, classes(all), train, validation, test, leftOut);
    }

    /**
     * Returns the texts that hold to something.
     *
     * @param kept tells which
     * @param others what one of the others is, in the singular
     * @throws DataException if too few are left
     */
    public LabelledTexts where(Predicate<LabelledText> kept, String others) {
        List<LeftOut.Item> more = new ArrayList<>(leftOut.items());
        Stream.of(train, validation, test)
                .flatMap(List::stream)
                .filter(kept.negate())
                .forEach(text -> more.add(new LeftOut.Item(others, text.name())));
        return new LabelledTexts(
                source,
                classes,
                train.stream().filter(kept).toList(),
                validation.stream().filter(kept).toList(),
                test.stream().filter(kept).toList(),
                new LeftOut(more));
    }

    private static List<String> classes(List<LabelledText> texts) {
        return texts.stream().map(LabelledText::label).distinct().sorted().toList();
    }

    /**
     * Returns how many texts to learn from there are of each class.
     *
     * @return by class, in their order
     */
    public List<Integer> counts() {
        int[] counts = new int[classes.size()];
        train.forEach(text -> counts[classes.indexOf(text.label())]++);
        return IntStream.of(counts).boxed().toList();
    }

    /** Describes the texts for people, a sentence a line. */
    public List<String> summary() {
        String last = test.isEmpty() ? "" : ", " + test.size() + " kept for a test";
        List<String> lines = new ArrayList<>(List.of(train.size() + " training and " + validation.size()
                + " validation texts" + last + ", of " + classes.size() + " classes, from " + source));
        if (!leftOut.isEmpty()) {
            lines.add("left out: " + leftOut);
        }
        return lines;
    }

    /** Returns a digest of all texts, their classes and parts, 64 hexadecimal digits. */
    public String fingerprint() {
        return TextDigest.of(Stream.of(train, validation, test)
                .flatMap(part -> Stream.concat(
                        Stream.of(part.size() + ":"),
                        part.stream().flatMap(text -> Stream.of(text.text(), "\t", text.label(), "\n")))));
    }
}
