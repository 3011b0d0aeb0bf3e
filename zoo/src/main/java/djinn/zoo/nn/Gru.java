package djinn.zoo.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;

/**
 * Gated recurrent units (Cho et al. 2014), in the order reset, update, new, the reset gate applied behind the
 * product as PyTorch and cuDNN have it. One state, h. See {@link Recurrent} for shapes and state.
 */
public final class Gru extends Recurrent {

    /**
     * Builds gated recurrent units.
     *
     * @param config what varies
     */
    public Gru(Config config) {
        super(config, 3, 1);
    }

    @Override
    NDList run(NDArray x, NDList first, NDList arrays, int layers, boolean bidirectional, boolean training) {
        return x.getNDArrayInternal()
                .gru(x, first.get(0), arrays, true, layers, config().dropout(), training, bidirectional, true);
    }
}
