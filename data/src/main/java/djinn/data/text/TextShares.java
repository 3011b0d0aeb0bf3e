package djinn.data.text;

import djinn.ops.Randomness;
import java.util.stream.LongStream;

/**
 * How texts are parted where no file says which are held out. The part of a text follows from the text and the seed alone:
 * equal texts are in one part, and further ones move no other.
 *
 * @param validation the share held out
 * @param test the share to test on; both are from 0 on, together below 1
 * @param seed decides which are
 */
public record TextShares(double validation, double test, long seed) {

    /** A part of all texts. */
    public enum Part {
        /** Learnt from. */
        TRAIN,
        /** Held out. */
        VALIDATION,
        /** Looked at once, in the end. */
        TEST
    }

    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException if they are no shares
     */
    public TextShares {
        if (!(validation >= 0 && test >= 0 && validation + test < 1)) {
            throw new IllegalArgumentException(
                    "expected a validation and a test fraction of at least 0, together below 1, got " + validation
                            + " and " + test);
        }
    }

    /** Returns the part of a text. */
    public Part part(String text) {
        long[] parts = LongStream.concat(LongStream.of(seed), text.chars().asLongStream())
                .toArray();
        double place = (Randomness.mix(parts) >>> 11) * 0x1p-53; // from 0 to below 1
        if (place < validation) {
            return Part.VALIDATION;
        }
        return place < validation + test ? Part.TEST : Part.TRAIN;
    }
}
