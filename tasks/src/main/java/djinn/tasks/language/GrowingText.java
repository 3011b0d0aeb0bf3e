package djinn.tasks.language;

import djinn.data.text.TokenSequence;
import djinn.data.text.Vocabulary;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/** The text of tokens that come one by one: a character may be of several, and blanks depend on what was before. */
final class GrowingText {

    /** What stands for bytes that are no whole character. */
    private static final String BROKEN = "\uFFFD";

    private final Vocabulary vocabulary;
    private final Consumer<String> listener;
    private final String before;
    private final StringBuilder told = new StringBuilder();
    private int[] tokens;
    private final int known;

    /**
     * Nothing yet.
     *
     * @param vocabulary what tokens are
     * @param known what is there already, and not told
     * @param listener told of each piece as soon as it is whole
     */
    GrowingText(Vocabulary vocabulary, TokenSequence known, Consumer<String> listener) {
        this.vocabulary = vocabulary;
        this.listener = listener;
        this.before = vocabulary.decode(known);
        this.known = known.size();
        tokens = known.stream().toArray();
    }

    void add(int token) {
        tokens = IntStream.concat(IntStream.of(tokens), IntStream.of(token)).toArray();
        String now = added();
        if (!now.endsWith(BROKEN)) {
            tell(now);
        }
    }

    /** Tells what is left, and returns all that was added. */
    String end() {
        tell(added());
        return told.toString();
    }

    /** What was added, as far as it follows from what was told. */
    private void tell(String now) {
        if (now.length() > told.length() && now.startsWith(told.toString())) {
            String piece = now.substring(told.length());
            told.append(piece);
            listener.accept(piece);
        }
    }

    private String added() {
        String whole = vocabulary.decode(TokenSequence.of(tokens));
        return whole.startsWith(before)
                ? whole.substring(before.length())
                : vocabulary.decode(TokenSequence.of(IntStream.range(known, tokens.length)
                        .map(i -> tokens[i])
                        .toArray()));
    }
}
