package djinn.predict.language;

import djinn.data.text.TokenSequence;
import djinn.data.text.Vocabulary;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * The text of tokens that come one by one: a character may be of several, and blanks depend on what was before.
 *
 * <p>Tokens are decoded together with a few before them, and not with all.
 */
final class GrowingText {

    /** What stands for bytes that are no whole character. */
    private static final String BROKEN = "\uFFFD";

    /** So many tokens before are enough to tell what follows them. */
    private static final int LOOK_BACK = 8;

    private final Vocabulary vocabulary;
    private final List<String> stop;
    private final Consumer<String> listener;
    private final StringBuilder added = new StringBuilder();
    private int told;
    private int[] tokens;
    private int size;
    /** What is decoded anew begins here, and is known up to there. */
    private int from;

    private int known;
    private boolean stopped;

    /**
     * Nothing yet.
     *
     * @param vocabulary what tokens are
     * @param known what is there already, and not told
     * @param stop texts before which this one ends
     * @param listener told of each piece as soon as it is whole
     */
    GrowingText(Vocabulary vocabulary, TokenSequence known, List<String> stop, Consumer<String> listener) {
        this.vocabulary = vocabulary;
        this.stop = stop;
        this.listener = listener;
        tokens = known.stream().toArray();
        size = tokens.length;
        this.known = size;
        from = Math.max(0, size - LOOK_BACK);
    }

    /** Returns all tokens, with those that were there. */
    IntStream tokens() {
        return Arrays.stream(tokens, 0, size);
    }

    /** Returns how many tokens there are, with those that were there. */
    int size() {
        return size;
    }

    int token(int at) {
        return tokens[at];
    }

    /** Adds a token, and returns whether the text goes on: it does not behind what it stops at. */
    boolean add(int token) {
        if (size == tokens.length) {
            tokens = Arrays.copyOf(tokens, Math.max(16, 2 * size));
        }
        tokens[size++] = token;
        String now = grown();
        if (!now.isEmpty() && !now.endsWith(BROKEN)) {
            take(now);
        }
        return !stopped;
    }

    /** Tells what is left, and returns all that was added. */
    String end() {
        if (!stopped) {
            take(grown());
        }
        tell(added.length());
        return added.toString();
    }

    /** What has come since the last piece, as far as it follows from what was before. */
    private String grown() {
        String before = decode(known);
        String whole = decode(size);
        return whole.startsWith(before) ? whole.substring(before.length()) : "";
    }

    private String decode(int end) {
        return vocabulary.decode(TokenSequence.of(Arrays.copyOfRange(tokens, from, end)));
    }

    private void take(String piece) {
        int start = added.length();
        added.append(piece);
        from = Math.max(from, Math.min(known, size - LOOK_BACK));
        known = size;
        int end = stop.stream()
                .mapToInt(text -> added.indexOf(text, Math.max(0, start - text.length() + 1)))
                .filter(at -> at >= 0)
                .min()
                .orElse(-1);
        if (end >= 0) {
            added.setLength(end);
            stopped = true;
        }
        tell(stopped ? end : added.length() - held());
    }

    /** How many characters at the end may be the beginning of what the text stops at. */
    private int held() {
        int held = 0;
        for (String text : stop) {
            for (int length = Math.min(text.length() - 1, added.length()); length > held; length--) {
                if (text.startsWith(added.substring(added.length() - length))) {
                    held = length;
                }
            }
        }
        return held;
    }

    private void tell(int end) {
        if (end > told) {
            listener.accept(added.substring(told, end));
            told = end;
        }
    }
}
