package djinn.zoo;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import djinn.ops.PyTorch;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.weights.Preference;
import djinn.zoo.weights.StateDict;
import djinn.zoo.weights.WeightSource;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

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

    /**
     * Loads a classifier's weights into the model that is built on it, whose {@code backbone} has the classifier's names.
     *
     * @param classifier the classifier's entry
     * @param channels C of the images
     * @param model the initialised model
     * @return a line about what was done
     * @throws djinn.ops.DataException if they are missing or do not fit
     */
    public String loadBackbone(ModelEntry classifier, int channels, NamedBlock model) {
        try (NDManager manager = PyTorch.newManager()) {
            NamedBlock whole = classifier.build(new ModelOptions(classifier.classes(), channels));
            whole.initialize(manager);
            String line = load(classifier, whole);
            Map<String, NDArray> named = new LinkedHashMap<>();
            StateDict.of(whole).forEach((name, array) -> named.put("backbone." + name, array));
            StateDict.copy(model, named, source);
            return "the backbone " + line;
        }
    }
}
