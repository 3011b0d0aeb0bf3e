package djinn.metrics;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/** What became of the detections of one category: 36 bytes for each, whatever the number of thresholds. */
final class Outcomes {

    private static final int COLUMNS = 5;

    private final long[] positives;
    private int size;
    private double[] scores = new double[0];
    private long[] images = new long[0];
    private int[] ranks = new int[0];
    private long[] matched = new long[0];
    private long[] ignored = new long[0];

    /** Creates outcomes with some counts of ground truth, all 0. */
    Outcomes(int counts) {
        positives = new long[counts];
    }

    /** Counts ground truth that is to be found. */
    void expect(int count, long more) {
        positives[count] += more;
    }

    /** Returns how much ground truth is to be found. */
    long positives(int count) {
        return positives[count];
    }

    /**
     * Adds a detection.
     *
     * @param rank its place among those of the same image and category, by falling score
     * @param matchedBits one bit per setting: whether it met ground truth
     * @param ignoredBits one bit per setting: whether it counts not at all
     */
    void add(double score, long image, int rank, long matchedBits, long ignoredBits) {
        if (size == scores.length) {
            int capacity = Math.max(16, size + size / 2);
            scores = Arrays.copyOf(scores, capacity);
            images = Arrays.copyOf(images, capacity);
            ranks = Arrays.copyOf(ranks, capacity);
            matched = Arrays.copyOf(matched, capacity);
            ignored = Arrays.copyOf(ignored, capacity);
        }
        // Adding 0 turns -0 into 0, so that the two tie.
        scores[size] = score + 0.0;
        images[size] = image;
        ranks[size] = rank;
        matched[size] = matchedBits;
        ignored[size] = ignoredBits;
        size++;
    }

    /** Returns all detections by falling score; equal scores by image, then by rank, in whatever order they came. */
    int[] order() {
        return IntStream.range(0, size)
                .boxed()
                .sorted(Comparator.<Integer>comparingDouble(i -> -scores[i])
                        .thenComparingLong(i -> images[i])
                        .thenComparingInt(i -> ranks[i]))
                .mapToInt(Integer::intValue)
                .toArray();
    }

    double score(int detection) {
        return scores[detection];
    }

    int rank(int detection) {
        return ranks[detection];
    }

    boolean matched(int detection, int setting) {
        return (matched[detection] >>> setting & 1) == 1;
    }

    boolean ignored(int detection, int setting) {
        return (ignored[detection] >>> setting & 1) == 1;
    }

    /** Follows the precision and the recall along the detections that count, best first. */
    Curve curve(int[] order, int setting, int count) {
        double[] precision = new double[size];
        double[] recall = new double[size];
        int points = 0;
        int hits = 0;
        for (int detection : order) {
            if (!ignored(detection, setting)) {
                hits += matched(detection, setting) ? 1 : 0;
                precision[points] = hits / (points + 1.0);
                recall[points] = hits / (double) positives[count];
                points++;
            }
        }
        for (int i = points - 2; i >= 0; i--) {
            precision[i] = Math.max(precision[i], precision[i + 1]);
        }
        return new Curve(Arrays.copyOf(precision, points), Arrays.copyOf(recall, points));
    }

    /** Returns the number of values of {@link #write}. */
    int length() {
        return positives.length + 1 + COLUMNS * size;
    }

    /** Writes everything as doubles, which hold all bits that are in use, and returns the place after it. */
    int write(double[] state, int at) {
        int next = at;
        for (long count : positives) {
            state[next++] = count;
        }
        state[next++] = size;
        for (int i = 0; i < size; i++) {
            state[next++] = scores[i];
            state[next++] = images[i];
            state[next++] = ranks[i];
            state[next++] = matched[i];
            state[next++] = ignored[i];
        }
        return next;
    }

    /** Adds what {@link #write} wrote, and returns the place after it. */
    int read(double[] state, int at) {
        int next = at;
        for (int i = 0; i < positives.length; i++) {
            positives[i] += (long) state[next++];
        }
        int more = (int) state[next++];
        for (int i = 0; i < more; i++) {
            add(state[next], (long) state[next + 1], (int) state[next + 2], (long) state[next + 3], (long)
                    state[next + 4]);
            next += COLUMNS;
        }
        return next;
    }

    /** The precision at or beyond each point, which falls, and the recall, which rises. */
    static final class Curve {

        private final double[] precision;
        private final double[] recall;

        private Curve(double[] precision, double[] recall) {
            this.precision = precision;
            this.recall = recall;
        }

        /** Returns the mean of the precision at some rising recalls; 0 where they are not reached. */
        double meanPrecision(double[] recalls) {
            double sum = 0;
            int point = 0;
            for (double wanted : recalls) {
                while (point < recall.length && recall[point] < wanted) {
                    point++;
                }
                sum += point < recall.length ? precision[point] : 0;
            }
            return sum / recalls.length;
        }

        /** Returns the area under the curve. */
        double area() {
            double sum = 0;
            double before = 0;
            for (int i = 0; i < recall.length; i++) {
                sum += (recall[i] - before) * precision[i];
                before = recall[i];
            }
            return sum;
        }
    }
}
