package djinn.zoo;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import djinn.ops.DataException;
import djinn.ops.PyTorch;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.weights.NameFit;
import djinn.zoo.weights.Preference;
import djinn.zoo.weights.StateDict;
import djinn.zoo.weights.StateLayout;
import djinn.zoo.weights.WeightFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Brings weights from files into models of the zoo: the one way that all loading takes. */
public final class ModelWeights {

    private static final int SUGGESTED = 3;

    /** What a model is to do with the weights, which decides what a file may lack. */
    public enum Use {
        /** To answer: heads that only training uses may be missing. */
        PREDICT(true, false, false, "--model "),
        /** To go on with training: all must be there. */
        TRAIN(false, false, false, "--set model.name="),
        /** To be trained with a new head: all heads may be missing, and shapes may differ. */
        TRAIN_NEW_HEAD(true, true, true, "--set model.name="),
        /** To be checked: the head may be for any number of classes. */
        CONVERT(true, false, true, "--model "),
        /** To see for another model, without its own head. */
        BACKBONE(true, true, true, "--set model.backbone=");

        private final boolean withoutHeads;
        private final boolean withoutClassifier;
        private final boolean otherShapes;
        private final String choice;

        Use(boolean withoutHeads, boolean withoutClassifier, boolean otherShapes, String choice) {
            this.withoutClassifier = withoutClassifier;
            this.choice = choice;
            this.withoutHeads = withoutHeads;
            this.otherShapes = otherShapes;
        }
    }

    /**
     * What loading did.
     *
     * @param notes what was taken off names, chosen and left out, a line each
     * @param untouched the names of the arrays that are as they were: missing, or of another shape
     */
    public record Loaded(List<String> notes, List<String> untouched) {

        /** Copies the lists. */
        public Loaded {
            notes = List.copyOf(notes);
            untouched = List.copyOf(untouched);
        }
    }

    private ModelWeights() {}

    /**
     * Loads a file into a model.
     *
     * @param file safetensors or a PyTorch state dict
     * @param entry what the model is
     * @param model the model, initialised
     * @param use what the model is to do
     * @param preference which weights are taken where there are averaged and plain ones
     * @return what was done
     * @throws DataException if the file is missing or damaged, or does not fit the model; the model is as before
     */
    public static Loaded load(Path file, Architecture entry, NamedBlock model, Use use, Preference preference) {
        try (NDManager reading = PyTorch.newManager()) {
            return load(WeightFile.read(file, reading, preference), entry, model, use);
        }
    }

    /**
     * Loads weights into a model.
     *
     * @param weights the weights; stay the caller's
     * @param entry what the model is
     * @param model the model, initialised
     * @param use what the model is to do
     * @return what was done, and of the reading of the weights too
     * @throws DataException if they do not fit the model, which then is as before
     */
    public static Loaded load(WeightFile weights, Architecture entry, NamedBlock model, Use use) {
        WeightFile named = named(weights, entry, model);
        StateDict.Difference difference = StateDict.difference(model, named.arrays());
        StateLayout layout = StateLayout.of(model);
        StateDict.Difference wrong = difference.withoutMissing(name ->
                (use.withoutHeads && layout.isOfHead(name)) || (use.withoutClassifier && layout.isOfClassifier(name)));
        wrong = use.otherShapes ? wrong.withoutShapes() : wrong;
        if (!wrong.isNone()) {
            throw new DataException(
                    wrong.describe(weights.file().toString()) + "; " + advice(wrong, weights, entry, layout, use));
        }
        Map<String, NDArray> taken = new LinkedHashMap<>(named.arrays());
        if (use == Use.BACKBONE) {
            // of VGG16's for SSD they are not even numbers
            taken.keySet().removeIf(layout::isOfClassifier);
        }
        StateDict.copy(model, taken, weights.file().toString());
        List<String> notes = new ArrayList<>(named.notes());
        List<String> untouched = new ArrayList<>(difference.missing());
        if (!untouched.isEmpty() && !use.withoutClassifier) {
            notes.add("without " + heads(untouched) + ", which only training uses");
        }
        untouched.addAll(difference.shapes().keySet());
        return new Loaded(notes, untouched);
    }

    /**
     * Gives weights the names of a model.
     *
     * @param weights the weights
     * @param entry what the model is
     * @param model the model
     * @return weights of the same arrays, or made of them; as they are if their names are those of no style
     * @throws DataException if several sets of weights in the file fit
     */
    public static WeightFile named(WeightFile weights, Architecture entry, NamedBlock model) {
        return fit(weights, entry, model)
                .map(fit -> {
                    List<String> notes = new ArrayList<>(weights.notes());
                    notes.addAll(fit.notes());
                    return new WeightFile(weights.file(), weights.preference(), fit.arrays(), notes);
                })
                .orElse(weights);
    }

    private static Optional<NameFit> fit(WeightFile weights, Architecture entry, NamedBlock model) {
        return NameFit.of(
                weights.arrays(),
                model,
                entry.keyMaps(),
                weights.preference(),
                weights.file().toString());
    }

    private static String heads(List<String> names) {
        List<String> heads = names.stream()
                .map(name -> name.substring(0, name.indexOf('.')))
                .distinct()
                .toList();
        return (heads.size() == 1 ? "the auxiliary head " : "the auxiliary heads ") + String.join(" and ", heads);
    }

    /** The likely fix where weights do not fit. */
    private static String advice(
            StateDict.Difference wrong, WeightFile weights, Architecture entry, StateLayout layout, Use use) {
        boolean onlyHeads = wrong.unexpected().isEmpty()
                && Stream.concat(wrong.missing().stream(), wrong.shapes().keySet().stream())
                        .allMatch(name -> layout.isOfHead(name) || layout.isOfClassifier(name));
        if (onlyHeads && use == Use.TRAIN) {
            return "--reset-head (model.reset_head) starts what is missing or of another shape anew";
        }
        List<String> others = lookalikes(weights, entry);
        if (!others.isEmpty()) {
            return "these are the weights of " + String.join(" or ", others) + "; use " + use.choice + others.get(0);
        }
        if (wrong.unexpected().isEmpty() && wrong.missing().isEmpty()) {
            return "are they for other classes or channels?";
        }
        if (onlyHeads) {
            return "it is a backbone without its classifier; --reset-head (model.reset_head) trains one";
        }
        String prefix = NameFit.commonPrefix(weights.arrays().keySet());
        return prefix.isEmpty()
                ? "is it the weights of another model?"
                : "all names begin with '" + prefix + "', and what follows is not the model's either;"
                        + " is it the weights of another model?";
    }

    /** The other models for the task whose names and shapes the weights have, but for the numbers of classes and channels. */
    private static List<String> lookalikes(WeightFile weights, Architecture not) {
        return not.others().stream()
                .filter(entry -> fits(weights, entry))
                .limit(SUGGESTED)
                .map(Architecture::name)
                .collect(Collectors.toList());
    }

    private static boolean fits(WeightFile weights, Architecture entry) {
        NamedBlock model = entry.build();
        try {
            return fit(weights, entry, model)
                    .filter(fit -> fit.hasShapesOf(model, entry.freeExtents()))
                    .isPresent();
        } catch (DataException e) {
            // several sets in one file fit; which of them is meant, the message of the model asked for says
            return false;
        }
    }
}
