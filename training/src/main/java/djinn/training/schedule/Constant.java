package djinn.training.schedule;

/** The base rate throughout; Caffe's {@code fixed}. */
public record Constant() implements Schedule {

    @Override
    public double at(double base, long time, long total) {
        return base;
    }
}
