package djinn.training;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Warns, once for each turn, of a loss that has grown out of all proportion and is still a number: a run that diverges
 * without an end, as a critic's may. A loss that is no number ends the run, see {@link DivergedException}.
 */
public final class GrownLosses implements TrainingListener {

    /** Of losses of 1 and less this is the bound itself. */
    private static final double MOST_TIMES = 1000;

    private final Consumer<TrainingEvent> told;
    private final Map<String, Double> first = new HashMap<>();
    private final Set<String> warned = new HashSet<>();

    /**
     * Watches a run.
     *
     * @param told who is told of a warning
     */
    public GrownLosses(Consumer<TrainingEvent> told) {
        this.told = told;
    }

    @Override
    public void on(TrainingEvent event) {
        if (event instanceof TrainingEvent.LossesRead read) {
            read.losses().forEach((turn, losses) -> look(turn, losses, read.step()));
        }
    }

    private void look(String turn, List<Double> losses, long step) {
        double size = losses.stream().mapToDouble(Math::abs).average().orElse(0);
        double before = first.computeIfAbsent(turn, name -> size);
        if (size > MOST_TIMES * Math.max(1, before) && warned.add(turn)) {
            told.accept(new TrainingEvent.Warned(String.format(
                    Locale.ROOT,
                    "the loss%s has grown from %.3g to %.3g by step %d: the training diverges, and goes on while these are"
                            + " numbers; a lower learning rate (optimizer.lr) or train.clip_norm may hold it",
                    turn.isEmpty() ? "" : " of the " + turn,
                    before,
                    size,
                    step)));
        }
    }
}
