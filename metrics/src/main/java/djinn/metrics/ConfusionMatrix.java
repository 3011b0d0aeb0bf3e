package djinn.metrics;

import java.util.function.IntPredicate;
import java.util.function.IntToDoubleFunction;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/**
 * How often samples of one class were taken for another, and every figure that follows from it; its own is the
 * accuracy.
 *
 * <p>Samples are images, pixels or tokens: whatever has one label and one prediction. For a class c, TP are its samples
 * taken for it, FP the samples of others taken for it, FN its samples taken for others, TN the rest. Precision, recall
 * and F1 are 0 where they would divide by zero, as scikit-learn's; other figures are then NaN, and means over classes
 * leave out what is undefined, as each says.
 */
public final class ConfusionMatrix implements Metric {

    private final int classes;
    private final double[] counts;

    /**
     * An empty matrix.
     *
     * @param classes K
     * @throws IllegalArgumentException if K is below 1
     */
    public ConfusionMatrix(int classes) {
        Inputs.atLeast("K", 1, classes);
        this.classes = classes;
        this.counts = new double[Math.multiplyExact(classes, classes)];
    }

    /**
     * Adds samples.
     *
     * @param scores (N, K) row by row: logits or probabilities; the highest, of equals the first, is the prediction
     * @param labels (N) classes
     * @throws IllegalArgumentException if there are not N K scores, or a label is no class
     */
    public void add(float[] scores, int[] labels) {
        Inputs.rows(scores.length, labels.length, classes);
        Inputs.labels(labels, classes);
        for (int n = 0; n < labels.length; n++) {
            int predicted = 0;
            for (int c = 1; c < classes; c++) {
                if (scores[n * classes + c] > scores[n * classes + predicted]) {
                    predicted = c;
                }
            }
            counts[labels[n] * classes + predicted]++;
        }
    }

    /**
     * Adds samples.
     *
     * @param predictions (N) classes
     * @param labels (N) classes
     * @throws IllegalArgumentException if the lengths differ, or a label or prediction is no class
     */
    public void add(int[] predictions, int[] labels) {
        Inputs.labels(labels, classes);
        add(predictions, labels, -1);
    }

    /**
     * Adds samples but for those that are to be ignored, whatever was predicted there.
     *
     * @param predictions (N) classes
     * @param labels (N) classes or the ignore index
     * @param ignoreIndex the label of samples that count for nothing
     * @throws IllegalArgumentException if the lengths differ, or a label or prediction is neither class nor ignored
     */
    public void add(int[] predictions, int[] labels, int ignoreIndex) {
        Inputs.rows(predictions.length, labels.length, 1);
        Inputs.labels(labels, classes, ignoreIndex);
        Inputs.labels(predictions, classes);
        for (int n = 0; n < labels.length; n++) {
            if (labels[n] != ignoreIndex) {
                counts[labels[n] * classes + predictions[n]]++;
            }
        }
    }

    /**
     * Adds samples of two classes.
     *
     * @param scores (N) scores of class 1
     * @param threshold a score of at least this is taken for class 1
     * @param labels (N) 0 or 1
     * @throws IllegalArgumentException if the lengths differ, a label is neither 0 nor 1, or K is not 2
     */
    public void addBinary(float[] scores, double threshold, int[] labels) {
        if (classes != 2) {
            throw new IllegalArgumentException("expected 2 classes for scores of one class alone, got " + classes);
        }
        Inputs.rows(scores.length, labels.length, 1);
        Inputs.labels(labels, classes);
        for (int n = 0; n < labels.length; n++) {
            counts[labels[n] * classes + (scores[n] >= threshold ? 1 : 0)]++;
        }
    }

    /** Returns K. */
    public int classes() {
        return classes;
    }

    /**
     * Returns a count.
     *
     * @param label the true class
     * @param predicted the class it was taken for
     * @return the number of such samples
     */
    public long count(int label, int predicted) {
        return (long) counts[label * classes + predicted];
    }

    /** Returns the number of samples counted. */
    public long samples() {
        return (long) all();
    }

    /** Returns the share of samples taken for what they are; of pixels, the pixel accuracy. */
    public double accuracy() {
        return sum(this::hits) / all();
    }

    /** Returns the mean recall of the classes that are a label at all; of pixels, the mean class accuracy. */
    public double balancedAccuracy() {
        return mean(c -> labelled(c) > 0, this::recall);
    }

    /**
     * Returns TP / (TP + FP).
     *
     * @param c a class
     * @return from 0 to 1; 0 for a class never predicted
     */
    public double precision(int c) {
        return ratioOrZero(hits(c), predicted(c));
    }

    /**
     * Returns the precision of all classes.
     *
     * @param average how; the macro average is over classes that occur as a label or a prediction
     * @return from 0 to 1
     */
    public double precision(Average average) {
        return average(average, this::precision);
    }

    /**
     * Returns TP / (TP + FN), the sensitivity.
     *
     * @param c a class
     * @return from 0 to 1; 0 for a class that is never a label
     */
    public double recall(int c) {
        return ratioOrZero(hits(c), labelled(c));
    }

    /**
     * Returns the recall of all classes.
     *
     * @param average how; the macro average is over classes that occur as a label or a prediction
     * @return from 0 to 1
     */
    public double recall(Average average) {
        return average(average, this::recall);
    }

    /**
     * Returns 2 TP / (2 TP + FP + FN), the harmonic mean of precision and recall.
     *
     * @param c a class
     * @return from 0 to 1; 0 for a class that does not occur
     */
    public double f1(int c) {
        return ratioOrZero(2 * hits(c), labelled(c) + predicted(c));
    }

    /**
     * Returns the F1 score of all classes.
     *
     * @param average how; the macro average is over classes that occur as a label or a prediction
     * @return from 0 to 1
     */
    public double f1(Average average) {
        return average(average, this::f1);
    }

    /**
     * Returns TN / (TN + FP).
     *
     * @param c a class
     * @return from 0 to 1; NaN if every sample is of the class
     */
    public double specificity(int c) {
        double others = all() - labelled(c);
        return (others - (predicted(c) - hits(c))) / others;
    }

    /**
     * Returns Cohen's kappa (1960), {@code (p - e) / (1 - e)} for the accuracy p and the accuracy e of chance.
     *
     * @return at most 1; 0 is chance; NaN if all labels and all predictions are one class
     */
    public double cohenKappa() {
        double chance = sum(c -> labelled(c) * predicted(c)) / square(all());
        return (accuracy() - chance) / (1 - chance);
    }

    /**
     * Returns Matthews' correlation of labels and predictions, for K classes as Gorodkin (2004) has it.
     *
     * @return from -1 to 1; 0 if all labels or all predictions are one class
     */
    public double matthewsCorrelation() {
        double both = sum(this::hits) * all() - sum(c -> labelled(c) * predicted(c));
        double labels = square(all()) - sum(c -> square(labelled(c)));
        double predictions = square(all()) - sum(c -> square(predicted(c)));
        return all() > 0 && labels * predictions == 0 ? 0 : both / Math.sqrt(labels * predictions);
    }

    /**
     * Returns TP / (TP + FP + FN), intersection over union.
     *
     * @param c a class
     * @return from 0 to 1; NaN for a class that does not occur
     */
    public double iou(int c) {
        return hits(c) / (labelled(c) + predicted(c) - hits(c));
    }

    /** Returns the mean intersection over union of the classes that occur as a label or a prediction. */
    public double meanIou() {
        return mean(this::occurs, this::iou);
    }

    /** Returns intersection over union, averaged over classes by how often they are a label. */
    public double frequencyWeightedIou() {
        return sum(c -> labelled(c) == 0 ? 0 : labelled(c) * iou(c)) / all();
    }

    /**
     * Returns 2 TP / (2 TP + FP + FN), Dice's coefficient: the F1 score but for classes that do not occur.
     *
     * @param c a class
     * @return from 0 to 1; NaN for a class that does not occur
     */
    public double dice(int c) {
        return occurs(c) ? f1(c) : Double.NaN;
    }

    /** Returns the mean Dice coefficient of the classes that occur as a label or a prediction. */
    public double meanDice() {
        return mean(this::occurs, this::dice);
    }

    @Override
    public double value() {
        return accuracy();
    }

    @Override
    public double[] state() {
        return counts.clone();
    }

    @Override
    public void merge(double[] state) {
        Inputs.state(state, counts.length);
        for (int i = 0; i < counts.length; i++) {
            counts[i] += state[i];
        }
    }

    private double average(Average average, IntToDoubleFunction figure) {
        return switch (average) {
            case MACRO -> mean(this::occurs, figure);
            // every sample has one label and one prediction, so that summed FP, summed FN and the misses are the same
            case MICRO -> accuracy();
            case WEIGHTED -> sum(c -> labelled(c) * figure.applyAsDouble(c)) / all();
        };
    }

    private double mean(IntPredicate counted, IntToDoubleFunction figure) {
        return IntStream.range(0, classes)
                .filter(counted)
                .mapToDouble(figure)
                .average()
                .orElse(Double.NaN);
    }

    private double sum(IntToDoubleFunction figure) {
        return IntStream.range(0, classes).mapToDouble(figure).sum();
    }

    private boolean occurs(int c) {
        return labelled(c) + predicted(c) > 0;
    }

    private double all() {
        return sum(this::labelled);
    }

    private double hits(int c) {
        return counts[c * classes + c];
    }

    private double labelled(int c) {
        return total(other -> c * classes + other);
    }

    private double predicted(int c) {
        return total(other -> other * classes + c);
    }

    private double total(IntUnaryOperator place) {
        double total = 0;
        for (int other = 0; other < classes; other++) {
            total += counts[place.applyAsInt(other)];
        }
        return total;
    }

    private static double ratioOrZero(double part, double whole) {
        return whole == 0 ? 0 : part / whole;
    }

    private static double square(double x) {
        return x * x;
    }
}
