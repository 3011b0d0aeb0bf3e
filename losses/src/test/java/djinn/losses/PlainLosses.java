package djinn.losses;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import djinn.golden.Golden;
import djinn.ops.Autograd;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.function.IntPredicate;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/** The formulas of the metric learning losses as loops over doubles, and slopes by central differences. */
final class PlainLosses {

    private static final double STEP = 1e-6;

    private PlainLosses() {}

    /** A function of several matrices. */
    interface Formula {
        double of(double[][]... inputs);
    }

    /** A loss of several arrays. */
    interface Loss {
        NDArray of(List<NDArray> inputs);
    }

    /** Asserts that a loss has the formula's value, and the formula's slopes as its gradients. */
    static void assertSame(Loss loss, Formula formula, NDArray... inputs) {
        double[][][] plain = new double[inputs.length][][];
        for (int k = 0; k < inputs.length; k++) {
            plain[k] = matrix(inputs[k]);
            inputs[k].setRequiresGradient(true);
        }
        try (Autograd.Scope recording = Autograd.withGradients()) {
            NDArray value = loss.of(List.of(inputs));
            Autograd.backward(value);
            assertThat(value.getShape().dimension()).as("dimensions").isZero();
            Golden.assertClose("value", new float[] {value.getFloat()}, new double[] {formula.of(plain)}, 1e-5, 1e-6);
        }
        for (int k = 0; k < inputs.length; k++) {
            Golden.assertClose(
                    "gradient " + k, inputs[k].getGradient().toFloatArray(), slopes(formula, plain, k), 1e-5, 1e-6);
        }
    }

    private static double[] slopes(Formula formula, double[][][] at, int input) {
        List<Double> slopes = new ArrayList<>();
        for (double[] row : at[input]) {
            for (int d = 0; d < row.length; d++) {
                double middle = row[d];
                row[d] = middle + STEP;
                double above = formula.of(at);
                row[d] = middle - STEP;
                double below = formula.of(at);
                row[d] = middle;
                slopes.add((above - below) / (2 * STEP));
            }
        }
        return slopes.stream().mapToDouble(slope -> slope).toArray();
    }

    private static double[][] matrix(NDArray array) {
        float[] values = array.toFloatArray();
        int rows = (int) array.getShape().get(0);
        int columns = values.length / rows;
        double[][] matrix = new double[rows][columns];
        for (int i = 0; i < values.length; i++) {
            matrix[i / columns][i % columns] = values[i];
        }
        return matrix;
    }

    static double batchAll(double[][] x, int[] y, double margin, boolean squared) {
        List<Double> terms = new ArrayList<>();
        for (int a = 0; a < y.length; a++) {
            for (int p : positives(y, a)) {
                for (int n : negatives(y, a)) {
                    terms.add(margin + distance(x[a], x[p], squared) - distance(x[a], x[n], squared));
                }
            }
        }
        return meanOfPositive(terms);
    }

    static double batchHard(double[][] x, int[] y, double margin, boolean squared) {
        List<Double> terms = new ArrayList<>();
        for (int a = 0; a < y.length; a++) {
            double farthest = distances(x, a, positives(y, a), squared).max().orElse(Double.NaN);
            double closest = distances(x, a, negatives(y, a), squared).min().orElse(Double.NaN);
            if (!Double.isNaN(farthest - closest)) {
                terms.add(Math.max(0, margin + farthest - closest));
            }
        }
        return mean(terms);
    }

    static double semiHard(double[][] x, int[] y, double margin, boolean squared) {
        List<Double> terms = new ArrayList<>();
        for (int a = 0; a < y.length; a++) {
            int[] negatives = negatives(y, a);
            for (int p : positives(y, a)) {
                double pair = distance(x[a], x[p], squared);
                double farthest = distances(x, a, negatives, squared).max().orElse(Double.NaN);
                double chosen = distances(x, a, negatives, squared)
                        .filter(d -> d > pair)
                        .min()
                        .orElse(farthest);
                if (negatives.length > 0) {
                    terms.add(Math.max(0, margin + pair - chosen));
                }
            }
        }
        return mean(terms);
    }

    static double contrastive(double[][] x, int[] y, double posMargin, double negMargin) {
        List<Double> pull = new ArrayList<>();
        List<Double> push = new ArrayList<>();
        for (int i = 0; i < y.length; i++) {
            for (int p : positives(y, i)) {
                pull.add(distance(x[i], x[p], false) - posMargin);
            }
            for (int n : negatives(y, i)) {
                push.add(negMargin - distance(x[i], x[n], false));
            }
        }
        return meanOfPositive(pull) + meanOfPositive(push);
    }

    static double nPairs(double[][] x, int[] y) {
        List<Double> terms = new ArrayList<>();
        for (int a = 0; a < y.length; a += 2) {
            if (y[a] == y[a + 1]) {
                double own = dot(x[a], x[a + 1]);
                double sum = Math.exp(own);
                for (int p = 1; p < y.length; p += 2) {
                    sum += y[p] == y[a] ? 0 : Math.exp(dot(x[a], x[p]));
                }
                terms.add(Math.log(sum) - own);
            }
        }
        return mean(terms);
    }

    static double proxyNca(double[][] x, double[][] proxies, int[] y) {
        List<Double> terms = new ArrayList<>();
        for (int i = 0; i < y.length; i++) {
            double sum = 0;
            for (int k = 0; k < proxies.length; k++) {
                sum += k == y[i] ? 0 : Math.exp(-distance(unit(x[i]), unit(proxies[k]), true));
            }
            terms.add(distance(unit(x[i]), unit(proxies[y[i]]), true) + Math.log(sum));
        }
        return mean(terms);
    }

    static double liftedStructure(double[][] x, int[] y, double margin) {
        double sum = 0;
        int pairs = 0;
        for (int i = 0; i < y.length; i++) {
            for (int j = i + 1; j < y.length; j++) {
                if (y[i] == y[j]) {
                    double exponentials = DoubleStream.concat(
                                    distances(x, i, negatives(y, i), false), distances(x, j, negatives(y, j), false))
                            .map(d -> Math.exp(margin - d))
                            .sum();
                    double term = Math.max(0, Math.log(exponentials) + distance(x[i], x[j], false));
                    sum += term * term;
                    pairs++;
                }
            }
        }
        return sum / (2 * pairs);
    }

    /** The weights are taken at other embeddings, which stay where they are while slopes are taken. */
    static double rankedList(
            double[][] x,
            double[][] weighing,
            int[] y,
            double alpha,
            double margin,
            double temperature,
            double lambda) {
        double sum = 0;
        for (int i = 0; i < y.length; i++) {
            List<Double> pull = new ArrayList<>();
            for (int p : positives(y, i)) {
                pull.add(distance(x[i], x[p], false) - (alpha - margin));
            }
            double push = 0;
            double weights = 0;
            for (int n : negatives(y, i)) {
                double fixed = distance(weighing[i], weighing[n], false);
                if (fixed < alpha) {
                    double weight = Math.exp(temperature * (alpha - fixed));
                    push += weight * (alpha - distance(x[i], x[n], false));
                    weights += weight;
                }
            }
            sum += (1 - lambda) * meanOfPositive(pull) + lambda * (weights > 0 ? push / weights : 0);
        }
        return sum / y.length;
    }

    static double ntXent(double[][] x, int[] y, double temperature) {
        List<Double> terms = new ArrayList<>();
        for (int a = 0; a < y.length; a++) {
            double against = sum(cosines(x, a, negatives(y, a)), s -> Math.exp(s / temperature));
            for (int p : positives(y, a)) {
                double own = Math.exp(dot(unit(x[a]), unit(x[p])) / temperature);
                terms.add(-Math.log(own / (own + against)));
            }
        }
        return mean(terms);
    }

    static double multiSimilarity(double[][] x, int[] y, double alpha, double beta, double base) {
        List<Double> terms = new ArrayList<>();
        for (int i = 0; i < y.length; i++) {
            double pull = sum(cosines(x, i, positives(y, i)), s -> Math.exp(-alpha * (s - base)));
            double push = sum(cosines(x, i, negatives(y, i)), s -> Math.exp(beta * (s - base)));
            terms.add(Math.log1p(pull) / alpha + Math.log1p(push) / beta);
        }
        return mean(terms);
    }

    static double arcFace(double[][] x, double[][] proxies, int[] y, double scale, double margin) {
        List<Double> terms = new ArrayList<>();
        for (int i = 0; i < y.length; i++) {
            double own = scale * Math.cos(Math.acos(dot(unit(x[i]), unit(proxies[y[i]]))) + margin);
            double sum = Math.exp(own);
            for (int k = 0; k < proxies.length; k++) {
                sum += k == y[i] ? 0 : Math.exp(scale * dot(unit(x[i]), unit(proxies[k])));
            }
            terms.add(Math.log(sum) - own);
        }
        return mean(terms);
    }

    static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int d = 0; d < a.length; d++) {
            sum += a[d] * b[d];
        }
        return sum;
    }

    static double distance(double[] a, double[] b, boolean squared) {
        double sum = 0;
        for (int d = 0; d < a.length; d++) {
            sum += (a[d] - b[d]) * (a[d] - b[d]);
        }
        return squared ? sum : Math.sqrt(sum);
    }

    private static double[] unit(double[] x) {
        return Arrays.stream(x).map(value -> value / Math.sqrt(dot(x, x))).toArray();
    }

    private static int[] positives(int[] y, int i) {
        return others(y, j -> j != i && y[j] == y[i]);
    }

    private static int[] negatives(int[] y, int i) {
        return others(y, j -> y[j] != y[i]);
    }

    private static int[] others(int[] y, IntPredicate kept) {
        return IntStream.range(0, y.length).filter(kept).toArray();
    }

    private static DoubleStream distances(double[][] x, int i, int[] others, boolean squared) {
        return Arrays.stream(others).mapToDouble(j -> distance(x[i], x[j], squared));
    }

    private static DoubleStream cosines(double[][] x, int i, int[] others) {
        return Arrays.stream(others).mapToDouble(j -> dot(unit(x[i]), unit(x[j])));
    }

    private static double sum(DoubleStream values, DoubleUnaryOperator term) {
        return values.map(term).sum();
    }

    private static double meanOfPositive(List<Double> terms) {
        return mean(terms.stream().filter(term -> term > 0).toList());
    }

    private static double mean(List<Double> terms) {
        return terms.stream().mapToDouble(term -> term).average().orElse(0);
    }
}
