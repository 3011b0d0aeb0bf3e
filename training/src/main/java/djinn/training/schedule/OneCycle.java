package djinn.training.schedule;

import djinn.ops.Default;
import java.util.List;

/**
 * Up to the base rate and down to almost nothing, each along half a cosine, as {@code OneCycleLR} (Smith and Topin
 * 2019). The momentum is left alone.
 *
 * @param pctStart the share of the training spent rising, from 0 to 1
 * @param divFactor the base rate divided by the rate at the start, at least 1
 * @param finalDivFactor the rate at the start divided by that at the end, at least 1
 */
public record OneCycle(
        @Default("0.3") double pctStart,
        @Default("25") double divFactor,
        @Default("1e4") double finalDivFactor) implements Schedule {

    /** Checks the ranges. */
    public OneCycle {
        if (!(pctStart >= 0 && pctStart <= 1)) {
            throw new IllegalArgumentException("expected pct_start from 0 to 1, got " + pctStart);
        }
        if (!(divFactor >= 1 && finalDivFactor >= 1)) {
            throw new IllegalArgumentException("expected div_factor and final_div_factor of at least 1, got "
                    + divFactor + " and " + finalDivFactor);
        }
    }

    @Override
    public double at(double base, long time, long total) {
        return within(base, time, 0, total, List.of());
    }

    @Override
    public double within(double base, long time, double part, long total, List<Double> watched) {
        double start = base / divFactor;
        double peak = Math.max(0, pctStart * total - 1);
        if (time < peak) {
            return between(start, base, (time + part) / peak);
        }
        double fall = total - 1 - peak;
        return between(base, start / finalDivFactor, fall > 0 ? (time - peak) / fall : 0);
    }

    private static double between(double from, double to, double share) {
        return to + (from - to) / 2 * (1 + Math.cos(Math.PI * Math.min(1, share)));
    }
}
