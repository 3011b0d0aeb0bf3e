package djinn.metrics;

/** The mean of values, each counted a number of times. */
public final class Mean implements Metric {

    private double sum;
    private double count;

    /**
     * Adds a value.
     *
     * @param value the value
     * @param times how often it counts
     */
    public void add(double value, double times) {
        sum += value * times;
        count += times;
    }

    /** Returns how many values were counted. */
    public double count() {
        return count;
    }

    @Override
    public double value() {
        return sum / count;
    }

    @Override
    public double[] state() {
        return new double[] {sum, count};
    }

    @Override
    public void merge(double[] state) {
        Inputs.state(state, 2);
        sum += state[0];
        count += state[1];
    }
}
