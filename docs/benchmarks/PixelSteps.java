import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import djinn.losses.CrossEntropy;
import djinn.ops.Autograd;
import djinn.ops.Gradients;
import djinn.ops.PyTorch;
import djinn.ops.Randomness;
import djinn.zoo.generative.PixelCnn;
import djinn.zoo.generative.PixelModel;
import djinn.zoo.generative.PixelRnn;
import djinn.zoo.nn.Pass;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * What a PixelRNN costs beside a PixelCNN: row LSTMs and residual blocks of one width and number, black and white images of
 * 28x28, a training step without the optimizer (forward, loss, gradients). The networks take turns.
 *
 * <p>java -cp 'cli/target/lib/*' docs/benchmarks/PixelSteps.java [WIDTH] [LAYERS] [BATCH] [TURNS]; 16, 7, 16 and 7 if left
 * out, the first two as in the paper's network for MNIST.
 */
final class PixelSteps {

    private static final int SIDE = 28;

    public static void main(String[] args) {
        int width = args.length > 0 ? Integer.parseInt(args[0]) : 16;
        int layers = args.length > 1 ? Integer.parseInt(args[1]) : 7;
        int batch = args.length > 2 ? Integer.parseInt(args[2]) : 16;
        int turns = args.length > 3 ? Integer.parseInt(args[3]) : 7;
        Randomness.seed(1);
        try (NDManager manager = PyTorch.newManager()) {
            List<PixelModel> models = List.of(
                    new PixelCnn(new PixelCnn.Config(1, 2, width, layers, 2 * width)),
                    new PixelRnn(new PixelRnn.Config(1, 2, width, layers, 2 * width)));
            models.forEach(model -> model.initialize(manager));
            double[][] times = new double[models.size()][turns];
            for (int turn = -1; turn < turns; turn++) {
                for (int i = 0; i < models.size(); i++) {
                    double step = step(models.get(i), batch);
                    if (turn >= 0) {
                        times[i][turn] = step;
                    }
                }
            }
            double cnn = median(times[0]);
            double rnn = median(times[1]);
            System.out.printf(
                    Locale.ROOT,
                    "step of %d images: PixelCNN %.0f ms (%d weights), PixelRNN %.0f ms (%d weights); %.1f times as long%n",
                    batch,
                    cnn,
                    models.get(0).parameterCount(),
                    rnn,
                    models.get(1).parameterCount(),
                    rnn / cnn);
        }
    }

    private static double step(PixelModel model, int batch) {
        try (NDManager owner = PyTorch.newManager();
                Autograd.Scope on = Autograd.withGradients()) {
            NDArray levels = owner.randomUniform(0, 2, new Shape(batch, 1, SIDE, SIDE)).toType(DataType.INT64, false);
            NDArray images = levels.toType(DataType.FLOAT32, false).mul(2).sub(1);
            NDList weights = new NDList();
            for (Parameter parameter : model.getParameters().values()) {
                parameter.getArray().setRequiresGradient(true);
                weights.add(parameter.getArray());
            }
            long start = System.nanoTime();
            NDArray logits = model.forward(images, null, new Pass(new ParameterStore(owner, false), true));
            NDArray loss = new CrossEntropy().apply(logits, levels);
            Gradients.of(loss, weights, owner).arrays().head().toFloatArray();
            return (System.nanoTime() - start) / 1e6;
        }
    }

    private static double median(double[] times) {
        double[] sorted = times.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
