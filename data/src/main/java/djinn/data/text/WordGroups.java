package djinn.data.text;

import djinn.ops.Randomness;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A small text that needs no file, of which it is known which words belong together: each line is of words of one group, in
 * an order of chance, and of a few that stand everywhere.
 */
public final class WordGroups {

    private static final int LINES = 1200;
    private static final int WORDS = 8;

    private static final List<String> EVERYWHERE = List.of("the", "and", "of", "a");

    private static final List<List<String>> GROUPS = List.of(
            List.of("dog", "cat", "horse", "cow", "sheep", "goat", "hen", "pig"),
            List.of("red", "blue", "green", "yellow", "brown", "white", "black", "grey"),
            List.of("bread", "cheese", "soup", "butter", "apple", "honey", "rice", "salt"),
            List.of("rain", "snow", "wind", "storm", "cloud", "frost", "fog", "sun"),
            List.of("hammer", "saw", "nail", "screw", "file", "drill", "plane", "vice"),
            List.of("violin", "flute", "drum", "harp", "horn", "piano", "cello", "oboe"));

    private WordGroups() {}

    /** Returns the words that belong together, group by group. */
    public static List<List<String>> groups() {
        return GROUPS;
    }

    /** Returns the text, always the same. */
    public static String text() {
        SplittableRandom random = new SplittableRandom(Randomness.mix(LINES));
        return Stream.generate(() -> GROUPS.get(random.nextInt(GROUPS.size())))
                .limit(LINES)
                .map(group -> Stream.generate(
                                () -> random.nextInt(2) == 0 ? drawn(group, random) : drawn(EVERYWHERE, random))
                        .limit(WORDS)
                        .collect(Collectors.joining(" ", "", "\n")))
                .collect(Collectors.joining());
    }

    private static String drawn(List<String> words, SplittableRandom random) {
        return words.get(random.nextInt(words.size()));
    }
}
