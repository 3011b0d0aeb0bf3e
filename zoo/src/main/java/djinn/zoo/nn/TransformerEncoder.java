package djinn.zoo.nn;

import ai.djl.ndarray.NDArray;
import java.util.stream.IntStream;

/**
 * Encoder layers one after another, and a last norm: (N, L, width), the shape stays.
 *
 * <p>State, as {@code nn.TransformerEncoder}: {@code layers}, and {@code norm} if there is one.
 */
public final class TransformerEncoder extends ArrayBlock {

    private final LayerList<TransformerEncoderLayer> layers;
    private final LayerNorm norm;

    /**
     * An encoder.
     *
     * @param config what the layers vary in
     * @param depth the number of layers
     * @param lastNorm whether the last layer's output is normalised
     */
    public TransformerEncoder(TransformerConfig config, int depth, boolean lastNorm) {
        layers = child(
                "layers",
                new LayerList<>(IntStream.range(0, depth)
                        .mapToObj(i -> new TransformerEncoderLayer(config))
                        .toList()));
        norm = lastNorm ? child("norm", new LayerNorm(config.eps(), config.width())) : null;
    }

    @Override
    public NDArray forward(NDArray x, Pass pass) {
        return forward(x, AttentionMask.NONE, pass);
    }

    /**
     * Computes the encoder's output.
     *
     * @param x (N, L, width)
     * @param mask who sees what
     * @param pass the pass
     * @return (N, L, width)
     */
    public NDArray forward(NDArray x, AttentionMask mask, Pass pass) {
        for (TransformerEncoderLayer layer : layers) {
            x = pass.through((in, inside) -> layer.forward(in.head(), mask.withBiasAt(in, 1), inside), x, mask.bias());
        }
        return norm == null ? x : norm.forward(x, pass);
    }
}
