package djinn.training.track;

import djinn.training.TrainingEvent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The losses of batches, a mean for each look that the trainer takes; never two of one step. */
final class BatchLosses {

    private final Map<String, List<Double>> held = new LinkedHashMap<>();
    private long last;

    void begin(long step) {
        last = step;
        held.clear();
    }

    /** Returns what is to be written; nothing where no step was done since the last time. */
    Map<String, Double> add(TrainingEvent.LossesRead read) {
        read.losses()
                .forEach((turn, losses) ->
                        held.computeIfAbsent(turn, name -> new ArrayList<>()).addAll(losses));
        if (read.step() <= last || held.isEmpty()) {
            return Map.of();
        }
        last = read.step();
        Map<String, Double> means = new LinkedHashMap<>();
        held.forEach((turn, losses) -> means.put(
                turn.isEmpty() ? "batch/loss" : "batch/" + turn + "_loss",
                losses.stream().mapToDouble(Double::doubleValue).average().orElseThrow()));
        means.put("lr", read.lr());
        held.clear();
        return means;
    }
}
