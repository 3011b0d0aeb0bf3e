package djinn.zoo.language;

import djinn.zoo.nn.Gru;
import djinn.zoo.nn.Lstm;
import djinn.zoo.nn.Recurrent;
import djinn.zoo.nn.Rnn;

/** What recurrent layers are made of. */
public enum Cell {
    /** Plain: {@link Rnn}. */
    RNN,
    /** Long short-term memory: {@link Lstm}. */
    LSTM,
    /** Gated recurrent units: {@link Gru}. */
    GRU;

    Recurrent newLayers(Recurrent.Config config) {
        return switch (this) {
            case RNN -> new Rnn(config);
            case LSTM -> new Lstm(config);
            case GRU -> new Gru(config);
        };
    }

    /** Returns how many states a layer has. */
    int states() {
        return this == LSTM ? 2 : 1;
    }
}
