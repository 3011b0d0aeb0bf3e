package djinn.zoo.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import djinn.ops.DataException;
import djinn.ops.PyTorch;
import djinn.zoo.ModelEntry;
import djinn.zoo.ModelOptions;
import djinn.zoo.ModelWeights;
import djinn.zoo.Models;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.weights.NameFit;
import djinn.zoo.weights.Preference;
import djinn.zoo.weights.StateDict;
import djinn.zoo.weights.WeightFile;
import djinn.zoo.weights.WeightSource;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The weights that the training of a detector starts from: a detector's, or those of the classifier it is built on,
 * whose own last layer is then left out. Which of the two a file holds, its names say.
 *
 * @param source a file, or {@code djinn:NAME}
 * @param resetHead whether what does not fit in shape, the head of other classes, starts anew
 * @param preference which weights are taken where there are averaged and plain ones
 */
public record DetectorWeights(String source, boolean resetHead, Preference preference) {

    /**
     * Loads them.
     *
     * @param entry the detector's
     * @param detector the initialised detector
     * @return a line about what was done
     * @throws DataException if they are missing or fit neither the detector nor its classifier; the detector is as
     *     before
     */
    public String load(DetectorEntry entry, Detector detector) {
        Path file = WeightSource.resolve(source, (done, total) -> {});
        Optional<Trunk> trunk = Trunk.of(detector);
        try (NDManager reading = PyTorch.newManager()) {
            WeightFile weights = WeightFile.read(file, reading, preference);
            boolean whole = trunk.isEmpty()
                    || NameFit.of(weights.arrays(), detector, entry.keyMaps(), preference, file.toString())
                            .isPresent();
            return whole
                    ? whole(file, weights, entry, detector)
                    : body(file, weights, Models.named(trunk.get().classifier()), trunk.get(), reading);
        }
    }

    private String whole(Path file, WeightFile weights, DetectorEntry entry, Detector detector) {
        ModelWeights.Loaded loaded = ModelWeights.load(
                weights, entry, detector, resetHead ? ModelWeights.Use.TRAIN_NEW_HEAD : ModelWeights.Use.TRAIN);
        List<String> line = new ArrayList<>();
        List<String> anew = loaded.untouched();
        line.add("starting from " + file
                + (resetHead ? ", anew: " + (anew.isEmpty() ? "nothing" : String.join(", ", anew)) : ""));
        line.addAll(loaded.notes());
        return String.join("; ", line);
    }

    /** The classifier takes its weights as it always does, so that whatever is wrong with them is said as always. */
    private static String body(Path file, WeightFile weights, ModelEntry entry, NamedBlock trunk, NDManager reading) {
        NamedBlock classifier = entry.build(new ModelOptions(entry.classes(), entry.channels()));
        classifier.initialize(reading, DataType.FLOAT32, new Shape(1, entry.channels(), entry.size(), entry.size()));
        ModelWeights.Loaded loaded = ModelWeights.load(weights, entry, classifier, ModelWeights.Use.BACKBONE);
        Map<String, NDArray> state = StateDict.of(classifier);
        List<String> own = List.copyOf(StateDict.of(trunk).keySet());
        List<String> lacking = loaded.untouched().stream().filter(own::contains).toList();
        if (!lacking.isEmpty()) {
            throw new DataException(file + ": expected all weights of " + entry.name() + " but its head, missing "
                    + String.join(", ", lacking));
        }
        StateDict.copy(trunk, state, file.toString());
        List<String> line = new ArrayList<>();
        line.add("starting from " + file + ", of which the backbone " + entry.name() + " takes all but its head");
        line.addAll(loaded.notes());
        return String.join("; ", line);
    }
}
