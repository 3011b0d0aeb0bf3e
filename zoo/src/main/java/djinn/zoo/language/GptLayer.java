package djinn.zoo.language;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import djinn.ops.TorchScript;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.Dropout;
import djinn.zoo.nn.Initializers;
import djinn.zoo.nn.LayerNorm;
import djinn.zoo.nn.Linear;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Nonlinearity;
import djinn.zoo.nn.Pass;

/** A layer of {@link Gpt}: attention and two linear layers, each added to its input: (N, T, D), the shape stays. */
final class GptLayer extends NamedBlock implements Pass.Layer {

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def heads(x: Tensor, n: int) -> Tensor:
              return torch.transpose(torch.reshape(x, [torch.size(x, 0), torch.size(x, 1), n, torch.floordiv(torch.size(x, 2), n)]), 1, 2)

            def attend(qkv: Tensor, n: int, dropout: float) -> Tensor:
              q, k, v = torch.chunk(qkv, 3, 2)
              y = torch.scaled_dot_product_attention(self.heads(q, n), self.heads(k, n), self.heads(v, n), None, dropout, True)
              return torch.flatten(torch.transpose(y, 1, 2), 2)

            def gelu_tanh(x: Tensor) -> Tensor:
              return torch.gelu(x, approximate="tanh")
            """);

    private final LayerNorm norm1;
    private final Attention attention;
    private final LayerNorm norm2;
    private final Mlp mlp;

    GptLayer(Gpt.Config config) {
        norm1 = child("ln_1", new LayerNorm(1e-5, config.width()));
        attention = child("attn", new Attention(config));
        norm2 = child("ln_2", new LayerNorm(1e-5, config.width()));
        mlp = child("mlp", new Mlp(config));
    }

    /** Of (N, T, D) and, if there is any, a bias of scores (1, heads, T, T). */
    @Override
    public NDArray apply(NDList inputs, Pass pass) {
        NDArray x = inputs.get(0);
        NDArray bias = inputs.size() > 1 ? inputs.get(1) : null;
        x = x.add(attention.forward(norm1.forward(x, pass), bias, pass));
        return x.add(mlp.forward(norm2.forward(x, pass), pass));
    }

    @Override
    protected NDList forward(NDList inputs, Pass pass) {
        return new NDList(apply(inputs, pass));
    }

    NDList goOn(NDArray x, NDArray keys, NDArray values, NDArray bias, Pass pass) {
        NDList attended = attention.goOn(norm1.forward(x, pass), keys, values, bias, pass);
        x = x.add(attended.get(0));
        attended.set(0, x.add(mlp.forward(norm2.forward(x, pass), pass)));
        return attended;
    }

    /** Attention to this and earlier tokens in several heads: (N, T, D), the shape stays. */
    private static final class Attention extends NamedBlock {

        private final int heads;
        private final double dropout;
        private final Linear queriesKeysValues;
        private final Linear projection;
        private final Dropout drop;

        Attention(Gpt.Config config) {
            heads = config.heads();
            dropout = config.dropout();
            int width = config.width();
            queriesKeysValues = child("c_attn", new Linear(width, 3 * width, true, Initializers.normal(Gpt.DEVIATION)));
            projection = child("c_proj", residual(width, config));
            drop = child("resid_dropout", new Dropout(dropout));
        }

        /** With a bias of scores, (1, heads, T, T); null for none. */
        NDArray forward(NDArray x, NDArray bias, Pass pass) {
            NDArray qkv = queriesKeysValues.forward(x, pass); // (N, T, 3 D)
            double dropped = pass.training() ? dropout : 0;
            NDArray attended = bias == null // (N, T, D)
                    ? SCRIPT.call("attend", qkv, heads, dropped)
                    : CausalHeads.attend(qkv, bias, heads, dropped);
            return drop.forward(projection.forward(attended, pass), pass);
        }

        @Override
        protected NDList forward(NDList inputs, Pass pass) {
            return new NDList(forward(inputs.get(0), inputs.size() > 1 ? inputs.get(1) : null, pass));
        }

        NDList goOn(NDArray x, NDArray keys, NDArray values, NDArray bias, Pass pass) {
            NDArray qkv = queriesKeysValues.forward(x, pass); // (N, T, 3 D)
            NDList results = CausalHeads.goOn(qkv, keys, values, bias, heads);
            results.set(0, projection.forward(results.get(0), pass));
            return results;
        }
    }

    /** Two linear layers around GELU: (N, T, D), the shape stays. */
    private static final class Mlp extends ArrayBlock {

        private final Gpt.Activation activation;
        private final Linear hidden;
        private final Linear projection;
        private final Dropout drop;

        Mlp(Gpt.Config config) {
            activation = config.activation();
            int width = config.width();
            hidden = child("c_fc", new Linear(width, 4 * width, true, Initializers.normal(Gpt.DEVIATION)));
            projection = child("c_proj", residual(4 * width, config));
            drop = child("dropout", new Dropout(config.dropout()));
        }

        @Override
        public NDArray forward(NDArray x, Pass pass) {
            x = activated(hidden.forward(x, pass)); // (N, T, 4 D)
            return drop.forward(projection.forward(x, pass), pass); // (N, T, D)
        }

        private NDArray activated(NDArray x) {
            return activation == Gpt.Activation.GELU ? Nonlinearity.GELU.apply(x) : SCRIPT.call("gelu_tanh", x);
        }
    }

    /** What is added to the residual stream, which two branches of every layer add to. */
    private static Linear residual(int in, Gpt.Config config) {
        float deviation = (float) (Gpt.DEVIATION / Math.sqrt(2. * config.layers()));
        return new Linear(in, config.width(), true, Initializers.normal(deviation));
    }
}
