package djinn.data.proposals;

/** An image in parts, each of which hangs together. */
final class Segments {

    private final int[] labels;
    private final int count;

    /**
     * Takes an array over.
     *
     * @param labels of each pixel, row by row, 0 to count - 1, in the order in which they are met
     * @param count how many
     */
    Segments(int[] labels, int count) {
        this.labels = labels;
        this.count = count;
    }

    /** The labels themselves, not a copy. */
    int[] labels() {
        return labels;
    }

    int count() {
        return count;
    }
}
