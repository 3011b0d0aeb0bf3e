package djinn.metrics;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The area under the ROC curve of every class against the others, averaged, as scikit-learn's {@code roc_auc_score}
 * with {@code multi_class="ovr"}. NaN unless every class was seen, and another.
 *
 * <p>Exact and binned forms are those of {@link RocAuc}, K times.
 */
public final class OneVersusRestAuc implements Metric {

    private final Average average;
    private final List<Ranking> rankings;

    private OneVersusRestAuc(int classes, Average average, Ranking kind) {
        Inputs.atLeast("K", 2, classes);
        this.average = average;
        this.rankings = Stream.generate(kind::empty).limit(classes).toList();
    }

    /**
     * An empty metric that keeps the scores: 4 K bytes a sample in memory, 8 K in the state.
     *
     * @param classes K
     * @param average how the classes' areas become one
     * @return the metric
     * @throws IllegalArgumentException if K is below 2
     */
    public static OneVersusRestAuc exact(int classes, Average average) {
        return new OneVersusRestAuc(classes, average, new ExactRanking());
    }

    /**
     * An empty metric of constant memory, for scores from 0 to 1.
     *
     * @param classes K
     * @param average how the classes' areas become one
     * @param bins the number of equally wide bins; 16 K bytes each
     * @return the metric
     * @throws IllegalArgumentException if K is below 2 or there are fewer than two bins
     */
    public static OneVersusRestAuc binned(int classes, Average average, int bins) {
        return new OneVersusRestAuc(classes, average, new BinnedRanking(bins));
    }

    /**
     * Adds samples.
     *
     * @param scores (N, K) row by row: probabilities or, for the exact form, anything but NaN
     * @param labels (N) classes
     * @throws IllegalArgumentException if there are not N K scores, one cannot be ranked, or a label is no class
     */
    public void add(float[] scores, int[] labels) {
        int classes = rankings.size();
        Inputs.rows(scores.length, labels.length, classes);
        Inputs.labels(labels, classes);
        for (float score : scores) {
            rankings.get(0).check(score);
        }
        for (int n = 0; n < labels.length; n++) {
            for (int c = 0; c < classes; c++) {
                rankings.get(c).add(scores[n * classes + c], labels[n] == c);
            }
        }
    }

    /**
     * Returns the area of one class against the others.
     *
     * @param c a class
     * @return from 0 to 1; NaN unless both sides were seen
     */
    public double area(int c) {
        return rankings.get(c).area();
    }

    @Override
    public double value() {
        if (average == Average.MICRO) {
            Ranking all = rankings.get(0).empty();
            rankings.forEach(ranking -> all.merge(ranking.state()));
            return all.area();
        }
        Mean mean = new Mean();
        for (Ranking ranking : rankings) {
            mean.add(ranking.area(), average == Average.MACRO ? 1 : ranking.positives());
        }
        return mean.value();
    }

    /** Returns, class by class, the length of a state and the state. */
    @Override
    public double[] state() {
        return rankings.stream()
                .map(Ranking::state)
                .flatMapToDouble(state ->
                        IntStream.rangeClosed(0, state.length).mapToDouble(i -> i == 0 ? state.length : state[i - 1]))
                .toArray();
    }

    @Override
    public void merge(double[] state) {
        int[] ends = new int[rankings.size()];
        int end = 0;
        for (int c = 0; c < ends.length; c++) {
            end = end < state.length ? (int) Math.min(Integer.MAX_VALUE, 1 + end + state[end]) : Integer.MAX_VALUE;
            ends[c] = end;
        }
        if (end != state.length) {
            throw new IllegalArgumentException("expected the states of " + ends.length + " classes to end after " + end
                    + " numbers, got " + state.length);
        }
        for (int c = 0; c < ends.length; c++) {
            rankings.get(c).merge(Arrays.copyOfRange(state, c == 0 ? 1 : ends[c - 1] + 1, ends[c]));
        }
    }
}
