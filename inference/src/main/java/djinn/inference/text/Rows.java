package djinn.inference.text;

import java.util.Arrays;

/** What is read, and which sequences are gone on with. */
final class Rows {

    private Rows() {}

    static void requireEach(int[] tokens, int sequences) {
        if (tokens.length != sequences) {
            throw new IllegalArgumentException(
                    "expected a token for each of " + sequences + " sequences, got " + tokens.length);
        }
    }

    static void require(int[] kept, int sequences) {
        if (kept.length == 0 || Arrays.stream(kept).anyMatch(row -> row < 0 || row >= sequences)) {
            throw new IllegalArgumentException(
                    "expected sequences from 0 to below " + sequences + " to go on with, got " + Arrays.toString(kept));
        }
    }
}
