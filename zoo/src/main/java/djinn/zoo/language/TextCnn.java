package djinn.zoo.language;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Parameter;
import ai.djl.training.initializer.Initializer;
import djinn.ops.TorchScript;
import djinn.zoo.nn.Dropout;
import djinn.zoo.nn.Embedding;
import djinn.zoo.nn.Initializers;
import djinn.zoo.nn.LayerList;
import djinn.zoo.nn.Linear;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;
import java.util.List;
import java.util.OptionalInt;

/**
 * Convolutions over a text's word vectors, of which each filter keeps its greatest answer: tokens (N, T) to logits (N,
 * K).
 *
 * <p>Kim 2014, section 2, the form CNN-rand: one channel of vectors, learnt from the start. A window reaches over the
 * text's ends by all but one of its words, where it sees zeros, so that a text may be shorter than a window. State: {@code
 * embedding}, {@code convolutions.0} and so on with {@code weight} (filters, D, window) and {@code bias}, {@code head}.
 * Embeddings start uniform within 0.25, as the paper's unknown words, the rest as PyTorch's layers. Deviations: the norm
 * of the head's rows is not bounded (section 2.1).
 */
public final class TextCnn extends TextScorer {

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def strongest(x: Tensor, padding: Optional[Tensor], weight: Tensor, bias: Tensor) -> Tensor:
              over = torch.sub(torch.size(weight, 2), 1)
              if padding is None:
                y = torch.relu(torch.conv1d(torch.transpose(x, 1, 2), weight, bias, [1], [over], [1], 1))
              else:
                words = torch.unsqueeze(torch.type_as(torch.eq(unchecked_cast(Tensor, padding), 0), x), 1)
                seen = torch.mul(torch.transpose(x, 1, 2), words)
                y = torch.relu(torch.conv1d(seen, weight, bias, [1], [over], [1], 1))
                y = torch.mul(y, torch.constant_pad_nd(words, [over, 0], 1))
              return torch.amax(y, [2])
            """);

    /**
     * What the paper varies.
     *
     * @param vocabulary the number of tokens there are
     * @param width D, the length of a token's vector; 300 in the paper
     * @param windows how many words a filter sees; 3, 4 and 5 in the paper
     * @param filters how many there are of each window; 100 in the paper
     * @param classes K
     * @param dropout the share of the filters' answers dropped in training; 0.5 in the paper
     */
    public record Config(int vocabulary, int width, List<Integer> windows, int filters, int classes, double dropout) {

        /** Checks that there are windows, and that all extents are at least 1. */
        public Config {
            windows = List.copyOf(windows);
            if (vocabulary < 1 || width < 1 || filters < 1 || classes < 1) {
                throw new IllegalArgumentException(
                        "expected a vocabulary, a width, filters and classes of at least 1, got " + vocabulary + ", "
                                + width + ", " + filters + " and " + classes);
            }
            if (windows.isEmpty() || windows.stream().anyMatch(window -> window < 1)) {
                throw new IllegalArgumentException("expected windows of at least 1 word, got " + windows);
            }
        }
    }

    private final Config config;
    private final Embedding embedding;
    private final LayerList<Convolution> convolutions;
    private final Dropout dropout;
    private final Linear head;

    /**
     * A convolutional scorer.
     *
     * @param config what varies
     */
    public TextCnn(Config config) {
        this.config = config;
        embedding = child("embedding", new Embedding(config.vocabulary, config.width, Initializers.uniform(.25f)));
        convolutions = child(
                "convolutions",
                new LayerList<>(config.windows.stream()
                        .map(window -> new Convolution(config.width, config.filters, window))
                        .toList()));
        dropout = child("dropout", new Dropout(config.dropout));
        head = child("head", new Linear(config.windows.size() * config.filters, config.classes));
    }

    /** Returns what this model was made with. */
    public Config config() {
        return config;
    }

    @Override
    public int classes() {
        return config.classes;
    }

    @Override
    public OptionalInt longest() {
        return OptionalInt.empty();
    }

    @Override
    public NDArray forward(NDArray tokens, NDArray padding, Pass pass) {
        NDArray x = embedding.forward(tokens, pass); // (N, T) -> (N, T, D)
        NDList answers = new NDList();
        for (Convolution convolution : convolutions) {
            answers.add(convolution.forward(x, padding, pass)); // (N, filters)
        }
        NDArray all = NDArrays.concat(answers, 1); // (N, windows filters)
        return head.forward(dropout.forward(all, pass), pass); // (N, K)
    }

    /** Filters of one window: (N, T, D) to each one's greatest answer, (N, filters). */
    private static final class Convolution extends NamedBlock {

        private final Parameter weight;
        private final Parameter bias;

        Convolution(int width, int filters, int window) {
            Initializer start = Initializers.torchDefault((long) width * window);
            weight = parameter("weight", Parameter.Type.WEIGHT, start, filters, width, window);
            bias = parameter("bias", Parameter.Type.BIAS, start, filters);
        }

        NDArray forward(NDArray x, NDArray padding, Pass pass) {
            return SCRIPT.call("strongest", x, padding, pass.value(weight, x), pass.value(bias, x));
        }

        @Override
        protected NDList forward(NDList inputs, Pass pass) {
            return new NDList(forward(inputs.get(0), inputs.size() == 2 ? inputs.get(1) : null, pass));
        }
    }
}
