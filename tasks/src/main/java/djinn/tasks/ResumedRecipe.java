package djinn.tasks;

import djinn.training.recipe.Change;
import djinn.training.run.Provenance;
import djinn.training.run.RunFolder;
import java.util.List;
import java.util.stream.Collectors;

/** Whether a run may go on by another recipe than it began with. */
final class ResumedRecipe {

    /** Keys that are named; of a wholly other recipe the others are counted. */
    private static final int SHOWN = 6;

    private ResumedRecipe() {}

    /**
     * Checks what differs.
     *
     * @param folder of the run
     * @param changes from its recipe to the one it is to go on by
     * @throws IllegalArgumentException if a key differs that may not, or {@code model.weights} are not what the run began
     *     with
     */
    static void require(RunFolder folder, List<Change> changes) {
        List<Change> fixed = changes.stream().filter(change -> !change.isFree()).toList();
        if (!fixed.isEmpty()) {
            throw new IllegalArgumentException(told(fixed) + "; a run goes on with what decides its figures as it was:"
                    + " leave " + (fixed.size() == 1 ? "that" : "those")
                    + " out (without a recipe, its own is taken), or start a new run; 'djinn help train' lists what may"
                    + " change");
        }
        changes.stream()
                .filter(change -> change.key().equals("model.weights"))
                .forEach(change -> requireSameWeights(folder, change));
    }

    private static String told(List<Change> fixed) {
        String first = fixed.stream()
                .limit(SHOWN)
                .map(change -> change.key() + " is " + change.before() + " in the run, got " + change.after())
                .collect(Collectors.joining("; "));
        return first + (fixed.size() > SHOWN ? "; and " + (fixed.size() - SHOWN) + " more keys" : "");
    }

    private static void requireSameWeights(RunFolder folder, Change change) {
        String digest = Provenance.read(folder.file(TrainingRun.PROVENANCE))
                .flatMap(Provenance::weightsDigest)
                .orElse("");
        boolean other = change.before().equals("nothing")
                || change.after().equals("nothing")
                || !(digest.isEmpty() || digest.equals(Provenance.digest(change.after())));
        if (other) {
            throw new IllegalArgumentException(
                    "model.weights is " + change.before() + " in the run, got "
                            + change.after()
                            + ", which holds others; a run goes on with the weights it began with, wherever their file lies now");
        }
    }
}
