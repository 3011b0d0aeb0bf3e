package djinn.zoo.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.recurrent.RNN;

/**
 * Plain recurrent layers (Elman 1990): h' = tanh(W x + b + U h + c). One state, h. See {@link Recurrent} for shapes and
 * state.
 */
public final class Rnn extends Recurrent {

    /**
     * Builds a plain recurrent network.
     *
     * @param config what varies
     */
    public Rnn(Config config) {
        super(config, 1, 1);
    }

    @Override
    NDList run(NDArray x, NDList first, NDList arrays, int layers, boolean bidirectional, boolean training) {
        return x.getNDArrayInternal()
                .rnn(
                        x,
                        first.get(0),
                        arrays,
                        true,
                        layers,
                        RNN.Activation.TANH,
                        config().dropout(),
                        training,
                        bidirectional,
                        true);
    }
}
