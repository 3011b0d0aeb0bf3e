package djinn.data.text;

import djinn.data.OnError;
import djinn.ops.DataException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Pairs in three parts: to learn from, to validate on, and to test on at the very end.
 *
 * @param name where they are from, for messages
 * @param train to learn from
 * @param validation held out
 * @param test nobody looks at; may be empty
 * @param notes what was left out, and how parts were made, a sentence each
 */
public record SentencePairs(
        String name,
        List<SentencePair> train,
        List<SentencePair> validation,
        List<SentencePair> test,
        List<String> notes) {

    private static final int NUMBERS = 1000;

    /** Copies the lists. */
    public SentencePairs {
        train = List.copyOf(train);
        validation = List.copyOf(validation);
        test = List.copyOf(test);
        notes = List.copyOf(notes);
    }

    /**
     * How files are read.
     *
     * @param format how columns are parted; as a file's ending tells if left out
     * @param columns the source's and the target's, by number or name
     * @param onError what becomes of a line that lacks one
     */
    public record Reading(Optional<TextTable.Format> format, List<String> columns, OnError onError) {

        /**
         * Checks that there are two columns.
         *
         * @throws IllegalArgumentException if there are not
         */
        public Reading {
            columns = List.copyOf(columns);
            if (columns.size() != 2) {
                throw new IllegalArgumentException(
                        "expected two columns, the source's and the target's, got " + columns);
            }
        }
    }

    /**
     * Reads files.
     *
     * @param train to learn from, and to hold out where there is no file for that
     * @param validation held out
     * @param test to test on
     * @param reading how they are read
     * @param shares what is taken of the first file for parts without a file
     * @throws DataException if a file is missing or not as it should be, or there is nothing to learn from or to validate on
     */
    public static SentencePairs read(
            Path train, Optional<Path> validation, Optional<Path> test, Reading reading, TextShares shares) {
        List<String> notes = new ArrayList<>();
        List<SentencePair> first = pairs(train, reading, notes);
        List<SentencePair> second =
                validation.map(file -> pairs(file, reading, notes)).orElse(List.of());
        List<SentencePair> third = test.map(file -> pairs(file, reading, notes)).orElse(List.of());
        String name = Stream.of(Optional.of(train), validation, test)
                .flatMap(Optional::stream)
                .map(Path::toString)
                .collect(Collectors.joining(", "));
        TextShares own = new TextShares(
                validation.isPresent() ? 0 : shares.validation(), test.isPresent() ? 0 : shares.test(), shares.seed());
        SentencePairs split = of(name, first, own, notes);
        return new SentencePairs(
                        name,
                        split.train,
                        validation.isPresent() ? second : split.validation,
                        test.isPresent() ? third : split.test,
                        notes)
                .requireEnough();
    }

    /**
     * A thousand pairs that need no file: numbers in digits, letter by letter, and in English words, such as {@code 4 1 7}
     * and {@code four hundred seventeen}, without dashes, so that most have the four words that BLEU counts.
     *
     * @param shares the parts
     */
    public static SentencePairs numberNames(TextShares shares) {
        List<SentencePair> all = IntStream.range(0, NUMBERS)
                .mapToObj(number -> new SentencePair(
                        Integer.toString(number).replaceAll("\\B", " "),
                        NumberNames.name(number).replace('-', ' ')))
                .toList();
        return of("numbers in digits and in words", all, shares, List.of()).requireEnough();
    }

    private static List<SentencePair> pairs(Path file, Reading reading, List<String> notes) {
        TextTable table = TextTable.read(file, reading.format, reading.columns, reading.onError);
        if (!table.leftOut().isEmpty()) {
            notes.add("left out: " + table.leftOut());
        }
        return table.rows().stream()
                .map(row -> new SentencePair(row.cell(0), row.cell(1)))
                .toList();
    }

    private static SentencePairs of(String name, List<SentencePair> all, TextShares shares, List<String> notes) {
        List<SentencePair> train = new ArrayList<>();
        List<SentencePair> validation = new ArrayList<>();
        List<SentencePair> test = new ArrayList<>();
        for (SentencePair pair : all) {
            switch (shares.part(pair.source())) {
                case TRAIN -> train.add(pair);
                case VALIDATION -> validation.add(pair);
                case TEST -> test.add(pair);
            }
        }
        return new SentencePairs(name, train, validation, test, notes);
    }

    private SentencePairs requireEnough() {
        if (train.isEmpty() || validation.isEmpty()) {
            throw new DataException(name + ": expected pairs to learn from and to validate on, found " + train.size()
                    + " and " + validation.size()
                    + "; name a file to validate on, or give more pairs or a greater share of them");
        }
        return this;
    }

    /** Returns the parts in their order: to learn from, to validate and to test on. */
    public List<List<SentencePair>> parts() {
        return List.of(train, validation, test);
    }

    /** Returns a digest of all texts and of the parts they are in, 64 hexadecimal digits. */
    public String fingerprint() {
        return TextDigest.of(parts().stream()
                .flatMap(part -> Stream.concat(
                        Stream.of(part.size() + ":"),
                        part.stream().flatMap(pair -> Stream.of(pair.source(), "\t", pair.target(), "\n")))));
    }
}
