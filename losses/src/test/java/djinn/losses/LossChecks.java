package djinn.losses;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import djinn.golden.Formula;
import djinn.golden.Golden;
import djinn.ops.Autograd;
import djinn.ops.PyTorch;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;

/** Compares losses with records and with the same formula in Java's doubles. */
final class LossChecks {

    /** Any number of arrays to a loss. */
    interface Loss {
        NDArray of(NDList inputs);
    }

    /** A loss in doubles, the arrays flattened. */
    interface Reference {
        double of(double[] input, double[] target);
    }

    private LossChecks() {}

    static void assertRecord(JsonNode record, LossFunction loss) {
        assertRecord(record, inputs -> loss.apply(inputs.get(0), inputs.get(1)), "x", "y");
    }

    /** Asserts value and every recorded gradient, the inputs named in the order the loss takes them. */
    static void assertRecord(JsonNode record, Loss loss, String... names) {
        try (NDManager manager = PyTorch.newManager();
                Autograd.Scope gradients = Autograd.withGradients()) {
            JsonNode recorded = record.get("gradients");
            NDList inputs = new NDList();
            for (String name : names) {
                NDArray input = Golden.array(manager, record.get("inputs").get(name));
                input.setRequiresGradient(recorded.has(name));
                inputs.add(input);
            }
            NDArray value = loss.of(inputs);
            assertThat(value.getShape().isScalar()).isTrue();
            Autograd.backward(value);
            double[] expected = {record.get("value").asDouble()};
            Golden.assertClose("value", new float[] {value.getFloat()}, expected, 1e-5, 1e-6);
            assertThat(recorded.size()).isPositive();
            for (int i = 0; i < names.length; i++) {
                if (recorded.has(names[i])) {
                    Golden.assertClose("gradient of " + names[i], inputs.get(i).getGradient(), recorded.get(names[i]));
                }
            }
        }
    }

    /** Asserts the value, and the gradient against central differences of the reference. */
    static void assertEqual(LossFunction loss, NDArray input, NDArray target, Reference reference) {
        double[] x = doubles(input);
        double[] y = doubles(target);
        double[] slopes = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            double at = x[i];
            x[i] = at + 1e-5;
            double above = reference.of(x, y);
            x[i] = at - 1e-5;
            slopes[i] = (above - reference.of(x, y)) / 2e-5;
            x[i] = at;
        }
        try (Autograd.Scope gradients = Autograd.withGradients()) {
            NDArray leaf = input.duplicate();
            leaf.setRequiresGradient(true);
            NDArray value = loss.apply(leaf, target);
            Autograd.backward(value);
            double[] expected = {reference.of(x, y)};
            Golden.assertClose(loss + ", value", new float[] {value.getFloat()}, expected, 1e-5, 1e-6);
            Golden.assertClose(loss + ", gradient", leaf.getGradient().toFloatArray(), slopes, 1e-5, 1e-6);
        }
    }

    /** Asserts that value and gradient are finite and returns them. */
    static float[][] assertFinite(LossFunction loss, NDArray input, NDArray target) {
        try (Autograd.Scope gradients = Autograd.withGradients()) {
            NDArray leaf = input.duplicate();
            leaf.setRequiresGradient(true);
            NDArray value = loss.apply(leaf, target);
            Autograd.backward(value);
            float[] values = value.toFloatArray();
            float[] gradient = leaf.getGradient().toFloatArray();
            assertThat(IntStream.range(0, values.length).allMatch(i -> Float.isFinite(values[i])))
                    .as("%s, value %s", loss, values)
                    .isTrue();
            assertThat(IntStream.range(0, gradient.length).allMatch(i -> Float.isFinite(gradient[i])))
                    .as("%s, gradient %s", loss, gradient)
                    .isTrue();
            return new float[][] {values, gradient};
        }
    }

    /** Asserts that the element losses are those of the reference, and that the other reductions are made of them. */
    static void assertReductions(
            LossFunction none, LossFunction mean, LossFunction sum, NDArray input, NDArray target, double[] elements) {
        Golden.assertClose(none + "", none.apply(input, target).toFloatArray(), elements, 1e-5, 1e-6);
        double total = IntStream.range(0, elements.length)
                .mapToDouble(i -> elements[i])
                .sum();
        float[] sums = {sum.apply(input, target).getFloat()};
        Golden.assertClose(sum + "", sums, new double[] {total}, 1e-5, 1e-6);
        float[] means = {mean.apply(input, target).getFloat()};
        Golden.assertClose(mean + "", means, new double[] {total / elements.length}, 1e-5, 1e-6);
    }

    /** Asserts that arrays of these shapes are refused by a message with both. */
    static void assertRefused(LossFunction loss, NDManager manager, Shape input, Shape target) {
        assertThatThrownBy(() -> loss.apply(manager.zeros(input), manager.zeros(target)))
                .as("%s of %s and %s", loss, input, target)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(input.toString())
                .hasMessageContaining(target.toString());
    }

    /** Numbers in [low, high) by formula. */
    static NDArray numbers(NDManager manager, String name, double low, double high, long... extents) {
        Shape shape = new Shape(extents);
        float[] values = new float[Math.toIntExact(shape.size())];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (low + (high - low) * Formula.unit(name, i));
        }
        return manager.create(values, shape);
    }

    /** Labels 0 to classes - 1 by formula. */
    static NDArray labels(NDManager manager, String name, int classes, long... extents) {
        return numbers(manager, name, 0, classes, extents).floor();
    }

    static double[] doubles(NDArray array) {
        float[] floats = array.toFloatArray();
        return IntStream.range(0, floats.length).mapToDouble(i -> floats[i]).toArray();
    }

    static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    /** The probability of class k at (n, position) of logits (N, K, positions). */
    static double softmax(double[] x, int classes, int positions, int n, int k, int position) {
        double sum = 0;
        for (int c = 0; c < classes; c++) {
            sum += Math.exp(x[(n * classes + c) * positions + position]);
        }
        return Math.exp(x[(n * classes + k) * positions + position]) / sum;
    }
}
