package djinn.zoo.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;

/**
 * Long short-term memory (Hochreiter and Schmidhuber 1997, with forget gates), in the order input, forget, cell,
 * output. Two states, h and c. See {@link Recurrent} for shapes and state.
 */
public final class Lstm extends Recurrent {

    /**
     * Builds a long short-term memory.
     *
     * @param config what varies
     */
    public Lstm(Config config) {
        super(config, 4, 2);
    }

    @Override
    NDList run(NDArray x, NDList first, NDList arrays, int layers, boolean bidirectional, boolean training) {
        return x.getNDArrayInternal()
                .lstm(x, first, arrays, true, layers, config().dropout(), training, bidirectional, true);
    }
}
