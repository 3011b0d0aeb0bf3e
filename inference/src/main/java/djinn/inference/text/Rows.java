package djinn.inference.text;

import java.util.Arrays;

/** Which sequences are gone on with. */
final class Rows {

    private Rows() {}

    static void require(int[] kept, int sequences) {
        if (kept.length == 0 || Arrays.stream(kept).anyMatch(row -> row < 0 || row >= sequences)) {
            throw new IllegalArgumentException(
                    "expected sequences from 0 to below " + sequences + " to go on with, got " + Arrays.toString(kept));
        }
    }
}
