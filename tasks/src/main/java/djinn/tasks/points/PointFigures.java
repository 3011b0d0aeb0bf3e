package djinn.tasks.points;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import djinn.metrics.Derived;
import djinn.metrics.Mean;
import djinn.metrics.Metric;
import djinn.metrics.Unread;
import djinn.tasks.generative.GameFigures;
import djinn.tasks.generative.GanObjective;
import djinn.training.Figures;
import djinn.training.Outcome;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What is told of a generator of points and its critic: what {@link GameFigures} tells, and
 *
 * <ul>
 *   <li>{@code js} where the critic's loss is a cross entropy: log 2 less half of it, which the Jensen-Shannon divergence of
 *       real and drawn points is never below, and is where the critic is the best there is (Goodfellow et al. 2014,
 *       theorem 1). Points that never meet have log 2 = 0.693.
 *   <li>{@code modes} and {@code good} of Gaussians: how many the generator found, each with at least a quarter of its fair
 *       share of the drawn points within three standard deviations, and the share of points that are that near to one.
 *   <li>{@code distance} of lines: how far the drawn line is from the real one, the size of theta.
 * </ul>
 */
public final class PointFigures implements Figures<PointBatch> {

    private static final String JS = "js";
    private static final String MODES = "modes";
    private static final String GOOD = "good";
    private static final String DISTANCE = "distance";

    /** Batches of points left on the device at most. */
    private static final int MOST_UNREAD = 64;

    private final GameFigures<PointBatch> losses;
    private final boolean bounding;
    private final Optional<ModeCounts> modes;
    private final Mean distance = new Mean();
    private final Unread unread = new Unread(MOST_UNREAD);

    /**
     * Figures of nothing yet.
     *
     * @param objective what both lower
     * @param data what real points are
     */
    public PointFigures(GanObjective objective, PointData data) {
        losses = new GameFigures<>(objective);
        bounding = switch (objective.name()) {
            case SATURATING, NON_SATURATING -> true;
            case WGAN, WGAN_GP, LEAST_SQUARES, HINGE -> false;
        };
        List<PointSource.Place> all = data.source().modes();
        modes = all.isEmpty() ? Optional.empty() : Optional.of(new ModeCounts(all, data.spread()));
    }

    /** Takes in an outcome whose last answer, where it has any, are the drawn points, (N, 2). */
    @Override
    public void add(PointBatch batch, Outcome outcome) {
        losses.add(batch, outcome);
        if (outcome.answers().isEmpty()) {
            return;
        }
        NDArray drawn = outcome.answers().get(outcome.answers().size() - 1);
        unread.add(new NDList(drawn), read -> {
            float[] points = read.head().toFloatArray();
            modes.ifPresentOrElse(counts -> counts.add(points), () -> {
                for (int i = 0; i < points.length; i += 2) {
                    distance.add(Math.abs(points[i]), 1);
                }
            });
        });
    }

    @Override
    public Map<String, Metric> byName() {
        unread.read();
        Map<String, Metric> all = new LinkedHashMap<>(losses.byName());
        if (bounding) {
            Metric loss = all.get(GameFigures.CRITIC_LOSS);
            all.put(JS, new Derived(() -> Math.log(2) - loss.value() / 2));
        }
        modes.ifPresentOrElse(
                counts -> {
                    all.put(MODES, counts);
                    all.put(GOOD, new Derived(counts::good));
                },
                () -> all.put(DISTANCE, distance));
        return all;
    }

    @Override
    public List<String> figures() {
        return List.copyOf(byName().keySet());
    }

    @Override
    public void close() {
        losses.close();
        unread.close();
    }
}
