package djinn.metrics;

import java.util.Arrays;

/** Primitive arrays that grow by doubling. */
final class Buffers {

    /** A little under the largest array a JVM makes. */
    private static final int LARGEST = Integer.MAX_VALUE - 8;

    private Buffers() {}

    static float[] withRoom(float[] buffer, long needed) {
        return needed <= buffer.length ? buffer : Arrays.copyOf(buffer, length(buffer.length, needed));
    }

    static int[] withRoom(int[] buffer, long needed) {
        return needed <= buffer.length ? buffer : Arrays.copyOf(buffer, length(buffer.length, needed));
    }

    private static int length(int length, long needed) {
        if (needed > LARGEST) {
            throw new IllegalStateException("expected at most " + LARGEST + " values kept by one metric, got " + needed
                    + "; measure on fewer samples, or use the binned form where there is one");
        }
        return (int) Math.min(LARGEST, Math.max(needed, 2L * length));
    }
}
