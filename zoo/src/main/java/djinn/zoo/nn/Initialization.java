package djinn.zoo.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.initializer.Initializer;
import djinn.ops.Default;
import djinn.ops.Foreach;
import djinn.ops.Scalars;
import djinn.ops.TorchScript;

/**
 * How the weights of a whole model start, as {@code torch.nn.init} defines it: what a recipe's {@code model.init} names.
 *
 * <p>Of a weight (out, in, k1, ...) the fan in is {@code in k1 ...} and the fan out {@code out k1 ...}; groups do not
 * count, as in PyTorch. The numbers are drawn from the engine's generator.
 */
public sealed interface Initialization extends Initializer {

    /**
     * Fills the trainable weights of at least two dimensions, and sets the biases of such layers to zero. Norms,
     * embeddings of positions and whatever is frozen stay as they are.
     *
     * @param model an initialised block
     */
    default void fill(NamedBlock model) {
        for (Parameter parameter : model.getParameters().values()) {
            boolean weight = parameter.getType() == Parameter.Type.WEIGHT
                    && parameter.getShape().dimension() >= 2;
            boolean bias = parameter.getType() == Parameter.Type.BIAS;
            if (parameter.requiresGradient() && (weight || bias)) {
                NDArray array = parameter.getArray();
                Initializer start = weight ? this : Initializer.ZEROS;
                try (NDManager drawing = array.getManager().newSubManager()) {
                    NDArray drawn = start.initialize(drawing, array.getShape(), array.getDataType());
                    Foreach.copy(new NDList(array), new NDList(drawn));
                }
            }
        }
    }

    /** Which neighbours of a layer its variance is kept to. */
    enum Fan {
        /** The inputs of an output: activations keep their variance. */
        FAN_IN,
        /** The outputs of an input: gradients do. */
        FAN_OUT;

        double of(Shape shape) {
            return fan(shape, this == FAN_IN ? 1 : 0);
        }
    }

    /** What follows a layer, and how much its weights make up for it ({@code torch.nn.init.calculate_gain}). */
    enum Gain {
        /** Nothing: 1. */
        LINEAR,
        /** 1. */
        SIGMOID,
        /** 5 / 3. */
        TANH,
        /** The square root of 2. */
        RELU,
        /** The square root of 2 / (1 + a^2), where a is the slope below zero. */
        LEAKY_RELU,
        /** 3 / 4. */
        SELU;

        double of(double a) {
            return switch (this) {
                case LINEAR, SIGMOID -> 1;
                case TANH -> 5 / 3.;
                case RELU -> Math.sqrt(2);
                case LEAKY_RELU -> Math.sqrt(2 / (1 + a * a));
                case SELU -> .75;
            };
        }
    }

    /**
     * Uniform.
     *
     * @param a the least value
     * @param b the greatest
     */
    record Uniform(double a, double b) implements Initialization {

        /** Checks the range. */
        public Uniform {
            requireRange(a, b);
        }

        @Override
        public NDArray initialize(NDManager manager, Shape shape, DataType dataType) {
            return manager.randomUniform((float) a, (float) b, shape, dataType);
        }
    }

    /**
     * Normal around zero.
     *
     * @param std the standard deviation
     */
    record Normal(double std) implements Initialization {

        /** Checks the range. */
        public Normal {
            requirePositive("std", std);
        }

        @Override
        public NDArray initialize(NDManager manager, Shape shape, DataType dataType) {
            return manager.randomNormal(0, (float) std, shape, dataType);
        }
    }

    /**
     * Normal around zero, without what lies outside of bounds; the deviation is that before they are cut.
     *
     * @param std the standard deviation
     * @param a the least value: itself, not a multiple of the deviation
     * @param b the greatest
     */
    record TruncatedNormal(
            double std,
            @Default("-2") double a,
            @Default("2") double b) implements Initialization {

        /** Checks the ranges. */
        public TruncatedNormal {
            requirePositive("std", std);
            requireRange(a, b);
        }

        @Override
        public NDArray initialize(NDManager manager, Shape shape, DataType dataType) {
            // the quantile function of uniform values between the bounds' own: 2 Phi(x) - 1 = erf(x / sqrt 2)
            double scale = std * Math.sqrt(2);
            double[] ends;
            try (NDArray bounds = manager.create(new double[] {a / scale, b / scale});
                    NDArray quantiles = bounds.erf()) {
                ends = quantiles.toDoubleArray();
            }
            try (NDArray uniform = manager.randomUniform((float) ends[0], (float) ends[1], shape, dataType);
                    NDArray standard = uniform.erfinv();
                    NDArray scaled = Scalars.mul(standard, scale)) {
                return scaled.clip((float) a, (float) b);
            }
        }
    }

    /**
     * Uniform within gain sqrt(6 / (fan in + fan out)) (Glorot and Bengio 2010).
     *
     * @param gain a factor
     */
    record XavierUniform(@Default("1") double gain) implements Initialization {

        /** Checks the range. */
        public XavierUniform {
            requirePositive("gain", gain);
        }

        @Override
        public NDArray initialize(NDManager manager, Shape shape, DataType dataType) {
            float bound = (float) (gain * Math.sqrt(6 / (Fan.FAN_IN.of(shape) + Fan.FAN_OUT.of(shape))));
            return manager.randomUniform(-bound, bound, shape, dataType);
        }
    }

    /**
     * Normal with the deviation gain sqrt(2 / (fan in + fan out)) (Glorot and Bengio 2010).
     *
     * @param gain a factor
     */
    record XavierNormal(@Default("1") double gain) implements Initialization {

        /** Checks the range. */
        public XavierNormal {
            requirePositive("gain", gain);
        }

        @Override
        public NDArray initialize(NDManager manager, Shape shape, DataType dataType) {
            double deviation = gain * Math.sqrt(2 / (Fan.FAN_IN.of(shape) + Fan.FAN_OUT.of(shape)));
            return manager.randomNormal(0, (float) deviation, shape, dataType);
        }
    }

    /**
     * Uniform within gain sqrt(3 / fan) (He et al. 2015), as {@code kaiming_uniform_}.
     *
     * @param mode which fan
     * @param nonlinearity what follows the layer
     * @param a the slope of a leaky ReLU below zero
     */
    record HeUniform(
            @Default("fan_in") Fan mode,
            @Default("leaky_relu") Gain nonlinearity,
            @Default("0") double a) implements Initialization {

        @Override
        public NDArray initialize(NDManager manager, Shape shape, DataType dataType) {
            float bound = (float) (nonlinearity.of(a) * Math.sqrt(3 / mode.of(shape)));
            return manager.randomUniform(-bound, bound, shape, dataType);
        }
    }

    /**
     * Normal with the deviation gain / sqrt(fan) (He et al. 2015), as {@code kaiming_normal_}.
     *
     * @param mode which fan
     * @param nonlinearity what follows the layer
     * @param a the slope of a leaky ReLU below zero
     */
    record HeNormal(
            @Default("fan_in") Fan mode,
            @Default("leaky_relu") Gain nonlinearity,
            @Default("0") double a) implements Initialization {

        @Override
        public NDArray initialize(NDManager manager, Shape shape, DataType dataType) {
            float deviation = (float) (nonlinearity.of(a) / Math.sqrt(mode.of(shape)));
            return manager.randomNormal(0, deviation, shape, dataType);
        }
    }

    /**
     * Orthogonal rows, or columns where there are fewer of them, of the weight flattened to (out, in k1 ...) (Saxe et al.
     * 2014): Q of a normal matrix, with R's diagonal made positive so that all rotations are equally likely.
     *
     * @param gain the length of each row or column
     */
    record Orthogonal(@Default("1") double gain) implements Initialization {

        private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def orthogonal(tall: Tensor, gain: float) -> Tensor:
              q, r, = torch.linalg_qr(tall, "reduced")
              return torch.mul(torch.mul(q, torch.sign(torch.diag(r))), gain)
            """);

        /** Checks the range. */
        public Orthogonal {
            requirePositive("gain", gain);
        }

        @Override
        public NDArray initialize(NDManager manager, Shape shape, DataType dataType) {
            requireFans(shape);
            long rows = shape.get(0);
            long columns = shape.size() / rows;
            try (NDManager working = manager.newSubManager()) {
                NDArray normal = working.randomNormal(0, 1, new Shape(rows, columns), dataType);
                NDArray q = SCRIPT.call("orthogonal", rows < columns ? normal.transpose() : normal, gain);
                NDArray weight = (rows < columns ? q.transpose() : q).reshape(shape);
                weight.attach(manager);
                return weight;
            }
        }
    }

    private static double fan(Shape shape, int axis) {
        requireFans(shape);
        return (double) shape.size() / (shape.get(0) * shape.get(1)) * shape.get(axis);
    }

    private static void requireFans(Shape shape) {
        if (shape.dimension() < 2 || shape.size() == 0) {
            throw new IllegalArgumentException(
                    "expected a weight of at least two dimensions, none of them 0, got " + shape);
        }
    }

    private static void requireRange(double a, double b) {
        if (!(a < b && Double.isFinite(b - a))) {
            throw new IllegalArgumentException("expected a below b, got " + a + " and " + b);
        }
    }

    private static void requirePositive(String key, double value) {
        if (!(value > 0 && Double.isFinite(value))) {
            throw new IllegalArgumentException("expected " + key + " above 0, got " + value);
        }
    }
}
