package djinn.cli;

import djinn.training.StepBenchmark.Times;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * How something is timed, alone or in turns with another program.
 *
 * @param warmUp for how long it runs before it counts
 * @param steps how many runs count
 * @param versus the other program's command; empty if it runs alone
 * @param count how often each is timed where there is another
 * @param told where each pair is written to
 */
record Pairs(Duration warmUp, int steps, Optional<String> versus, int count, Optional<PrintWriter> told) {

    /** What is ready to be timed. */
    record Step(Runnable run, Runnable release) implements AutoCloseable {

        @Override
        public void close() {
            release.run();
        }
    }

    /**
     * What came of it.
     *
     * @param times of the pair in the middle
     * @param ratios the other's time over ours, one a pair; empty without another
     */
    record Timed(Times times, List<Double> ratios) {

        Timed {
            ratios = List.copyOf(ratios);
        }

        /** The middle ratio with the least and the largest; empty without another. */
        String ratiosInWords() {
            if (ratios.isEmpty()) {
                return "";
            }
            List<Double> sorted = ratios.stream().sorted().toList();
            return two(middleRatio()) + " (" + two(sorted.get(0)) + " to " + two(sorted.get(sorted.size() - 1)) + ")";
        }

        double middleRatio() {
            return ratios.stream().sorted().toList().get(ratios.size() / 2);
        }
    }

    /**
     * Times it.
     *
     * @param title what a pair's line begins with
     * @param places what the other's command may name
     * @param opening makes it ready, anew for each pair
     * @param parts how many equal parts a run has; times are of one
     */
    Timed time(String title, Map<String, Object> places, Supplier<Step> opening, int parts) {
        List<Times> times = new ArrayList<>();
        List<Double> ratios = new ArrayList<>();
        for (int pair = 0; pair < (versus.isEmpty() ? 1 : count); pair++) {
            try (Step step = opening.get()) {
                times.add(Times.of(step.run, warmUp, steps).per(parts));
            }
            if (versus.isPresent()) {
                double own = times.get(pair).median();
                double other = Peer.medianMs(versus.get(), places);
                ratios.add(other / own);
                told.ifPresent(out -> {
                    out.println(title + ", pair " + ratios.size() + " of " + count + ": " + two(own) + " ms, the other "
                            + two(other) + " ms, ratio " + two(other / own));
                    out.flush();
                });
            }
        }
        times.sort((a, b) -> Double.compare(a.median(), b.median()));
        return new Timed(times.get(times.size() / 2), ratios);
    }

    static String two(double value) {
        return String.format(Locale.ROOT, "%.2f", value);
    }
}
