package djinn.zoo;

import djinn.zoo.nn.NamedBlock;
import djinn.zoo.weights.Preference;
import djinn.zoo.weights.WeightSource;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The weights that a training starts from.
 *
 * @param source a file, or {@code djinn:NAME}
 * @param resetHead whether what does not fit in shape, the head of other classes, starts anew
 * @param preference which weights are taken where there are averaged and plain ones
 */
public record StartingWeights(String source, boolean resetHead, Preference preference) {

    /**
     * Loads them.
     *
     * @param entry the model's
     * @param model the initialised model
     * @return a line about what was done
     * @throws djinn.ops.DataException if they are missing or do not fit
     */
    public String load(Architecture entry, NamedBlock model) {
        Path file = WeightSource.resolve(source, (done, total) -> {});
        ModelWeights.Use use = resetHead ? ModelWeights.Use.TRAIN_NEW_HEAD : ModelWeights.Use.TRAIN;
        ModelWeights.Loaded loaded = ModelWeights.load(file, entry, model, use, preference);
        List<String> anew = loaded.untouched();
        List<String> line = new ArrayList<>();
        line.add("starting from " + file
                + (resetHead ? ", anew: " + (anew.isEmpty() ? "nothing" : String.join(", ", anew)) : ""));
        line.addAll(loaded.notes());
        return String.join("; ", line);
    }
}
