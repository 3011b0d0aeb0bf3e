package djinn.metrics;

import java.util.function.DoubleSupplier;

/**
 * A figure that follows from other metrics and has no state of its own.
 *
 * @param figure tells it
 */
public record Derived(DoubleSupplier figure) implements Metric {

    @Override
    public double value() {
        return figure.getAsDouble();
    }

    @Override
    public double[] state() {
        return new double[0];
    }

    @Override
    public void merge(double[] state) {}
}
