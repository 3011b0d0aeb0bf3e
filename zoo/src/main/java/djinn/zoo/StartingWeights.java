package djinn.zoo;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import djinn.ops.DataException;
import djinn.ops.Few;
import djinn.ops.PyTorch;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.weights.NameFit;
import djinn.zoo.weights.Preference;
import djinn.zoo.weights.StateDict;
import djinn.zoo.weights.WeightFile;
import djinn.zoo.weights.WeightSource;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The weights that a training starts from: those of the model, or of the classifier that it is built on, whose own head
 * is then left out. Which of the two a file holds, its names say.
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
     * @throws DataException if they are missing, or fit neither the model nor its classifier; the model is as before
     */
    public String load(Architecture entry, NamedBlock model) {
        Path file = WeightSource.resolve(source, (done, total) -> {});
        Optional<ClassifierTrunk> trunk = ClassifierTrunk.of(model);
        try (NDManager reading = PyTorch.newManager()) {
            WeightFile weights = WeightFile.read(file, reading, preference);
            boolean whole = trunk.isEmpty()
                    || NameFit.of(weights.arrays(), model, entry.keyMaps(), preference, file.toString())
                            .isPresent();
            if (whole) {
                return whole(weights, entry, model);
            }
            requireNotNearly(weights, entry, model, trunk.get());
            return backbone(weights, trunk.get(), reading);
        }
    }

    private String whole(WeightFile weights, Architecture entry, NamedBlock model) {
        ModelWeights.Loaded loaded = ModelWeights.load(
                weights, entry, model, resetHead ? ModelWeights.Use.TRAIN_NEW_HEAD : ModelWeights.Use.TRAIN);
        List<String> anew = loaded.untouched();
        return line(
                weights.file() + (resetHead ? ", anew: " + (anew.isEmpty() ? "nothing" : String.join(", ", anew)) : ""),
                loaded);
    }

    /**
     * Refuses a file of the model that lacks arrays: by its names it is none of the model's, and those of the backbone in it
     * may be all there. Whose file it is, most of what the model has beside the backbone says.
     */
    private static void requireNotNearly(
            WeightFile weights, Architecture entry, NamedBlock model, ClassifierTrunk trunk) {
        Set<NDArray> seeing = Collections.newSetFromMap(new IdentityHashMap<>());
        seeing.addAll(StateDict.of(trunk).values());
        Map<String, NDArray> found = NameFit.withoutWrappers(weights.arrays()).arrays();
        List<String> beside = StateDict.of(model).entrySet().stream()
                .filter(array -> !seeing.contains(array.getValue()))
                .map(Map.Entry::getKey)
                .toList();
        long there = beside.stream().filter(found::containsKey).count();
        if (2 * there > beside.size()) {
            throw new DataException(StateDict.difference(model, found)
                            .describe(weights.file() + ", weights of " + entry.name() + " that are not whole,")
                    + "; expected all of them, or those of the backbone " + trunk.classifier() + " alone");
        }
    }

    /** The classifier takes its weights as it always does, so that whatever is wrong with them is said as always. */
    private static String backbone(WeightFile weights, ClassifierTrunk trunk, NDManager reading) {
        ModelEntry entry = Models.named(trunk.classifier());
        NamedBlock classifier = entry.build(new ModelOptions(entry.classes(), trunk.channels()));
        classifier.initialize(reading);
        ModelWeights.Loaded loaded = ModelWeights.load(weights, entry, classifier, ModelWeights.Use.BACKBONE);
        Map<String, NDArray> state = StateDict.of(classifier);
        Map<String, NDArray> taken = new LinkedHashMap<>();
        List<String> lacking = new ArrayList<>();
        Set<String> own = StateDict.of(trunk).keySet();
        for (String name : own) {
            trunk.nameInClassifier(name).ifPresent(there -> {
                taken.put(name, state.get(there));
                if (loaded.untouched().contains(there)) {
                    lacking.add(there);
                }
            });
        }
        if (!lacking.isEmpty()) {
            throw new DataException(weights.file() + ": expected all weights of " + entry.name()
                    + " but its head, missing or of another shape " + Few.of(lacking));
        }
        StateDict.copy(trunk, taken, weights.file().toString());
        String share = taken.size() == own.size()
                ? ", of which the backbone " + entry.name() + " takes all but its head"
                : ", of which the trunk takes " + taken.size() + " arrays of " + entry.name() + " and starts "
                        + (own.size() - taken.size()) + " of its own anew";
        return line(weights.file() + share, loaded);
    }

    private static String line(String what, ModelWeights.Loaded loaded) {
        List<String> line = new ArrayList<>(List.of("starting from " + what));
        line.addAll(loaded.notes());
        return String.join("; ", line);
    }
}
