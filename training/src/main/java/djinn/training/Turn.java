package djinn.training;

import ai.djl.ndarray.NDManager;
import djinn.data.Batch;
import djinn.training.optimizer.OptimizerRule;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * A part of a step: what is run, and which parameters learn from it. Most tasks have one; a pair of networks that play
 * against each other has one for each.
 *
 * <p>At each step the turns that are due are taken in their order, each seeing what those before it changed.
 *
 * @param name what its optimizer's state is called in a checkpoint; that of a sole turn has no name
 * @param parameters which parameters learn, by their names in the model
 * @param every how many steps there are to one of this turn, at least 1; it is taken at the last of them
 * @param optimizer its own rule; empty if the recipe's, whose schedule moves both
 * @param forward what is run
 * @param <B> what a batch is
 */
public record Turn<B extends Batch>(
        String name, Predicate<String> parameters, int every, Optional<OptimizerRule> optimizer, Forward<B> forward) {

    /** Runs the networks on a batch, recording gradients. */
    @FunctionalInterface
    public interface Forward<B extends Batch> {

        /**
         * Runs the networks.
         *
         * @param model all networks
         * @param batch the batch, of at least one example
         * @param owner owns all arrays of the step
         * @param pass the pass
         * @return what is lowered, and what came out
         */
        Outcome run(NamedBlock model, B batch, NDManager owner, Pass pass);
    }

    /** Checks that it comes at all. */
    public Turn {
        if (every < 1) {
            throw new IllegalArgumentException(
                    "expected the turn " + name + " at every step or some steps, got every " + every);
        }
    }

    /** The only turn of a task: all parameters learn, at each step. */
    public static <B extends Batch> Turn<B> sole(Forward<B> forward) {
        return new Turn<>("", name -> true, 1, Optional.empty(), forward);
    }

    /** Returns whether it is taken at a step, counted from 0. */
    boolean isDue(long step) {
        return (step + 1) % every == 0;
    }
}
