package djinn.zoo.language;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import djinn.zoo.nn.Pass;

/**
 * What goes on with sequences token by token, and remembers what it has read in place of reading it again.
 *
 * <p>What it remembers is a state: arrays whose first axis is the sequences, N. Whoever searches takes rows of them all, to
 * drop a sequence, or to go on with one twice; nobody else looks inside. A state never changes: a step returns another.
 */
public interface TokenDecoder {

    /**
     * What a step gives.
     *
     * @param logits (N, K) of the token behind the last one read
     * @param state what is remembered then, as many arrays as before, in their order
     */
    record Step(NDArray logits, NDList state) {}

    /**
     * Reads on.
     *
     * <p>Reading T tokens at once, or one after another, gives the same logits but for rounding.
     *
     * @param tokens (N, T), int64, the next ones of each sequence, T at least 1
     * @param state what is remembered of those before
     * @param pass the pass
     * @return the logits behind the last token, and the state
     */
    Step step(NDArray tokens, NDList state, Pass pass);

    /** Steps of one pass, with weights that do not change meanwhile. */
    @FunctionalInterface
    interface Stepper {

        /** As {@link TokenDecoder#step}. */
        Step step(NDArray tokens, NDList state);
    }

    /**
     * Makes ready what many steps share.
     *
     * @param owner on the device of the steps; what is made ready is freed with it
     * @param pass the pass
     * @return the steps
     */
    default Stepper stepper(NDManager owner, Pass pass) {
        return (tokens, state) -> step(tokens, state, pass);
    }
}
