package djinn.training.schedule;

import djinn.ops.Default;
import java.util.List;

/**
 * Multiplied by gamma at given times, as {@code MultiStepLR} and Caffe's {@code multistep}.
 *
 * @param milestones the times, ascending
 * @param gamma the factor
 */
public record MultiStep(
        List<Long> milestones, @Default("0.1") double gamma) implements Schedule {

    /** Checks the ranges. */
    public MultiStep {
        milestones = List.copyOf(milestones);
        ScheduleRanges.share("gamma", gamma);
        if (!milestones.stream().sorted().toList().equals(milestones)) {
            throw new IllegalArgumentException("expected ascending milestones, got " + milestones);
        }
    }

    @Override
    public double at(double base, long time, long total) {
        long drops = milestones.stream().filter(m -> m <= time).count();
        return base * Math.pow(gamma, (double) drops);
    }
}
