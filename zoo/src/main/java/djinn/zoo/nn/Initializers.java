package djinn.zoo.nn;

import ai.djl.training.initializer.Initializer;

/** How parameters start, where DJL's own initialisers differ from the reference. */
public final class Initializers {

    private Initializers() {}

    /**
     * What PyTorch's convolutions and linear layers start with: uniform within 1 / sqrt(fan in), for weights and
     * biases alike ({@code kaiming_uniform_} with a = sqrt(5)).
     *
     * @param fanIn the number of inputs of one output: input channels per group times the kernel's size
     * @return the initialiser
     */
    public static Initializer torchDefault(long fanIn) {
        float bound = (float) (1 / Math.sqrt((double) fanIn));
        return (manager, shape, dataType) -> manager.randomUniform(-bound, bound, shape, dataType);
    }

    /**
     * Normal with variance 2 / fan out, for layers that ReLU follows (He et al. 2015).
     *
     * @param fanOut the number of outputs one input reaches
     * @return the initialiser
     */
    public static Initializer heNormalFanOut(long fanOut) {
        float deviation = (float) Math.sqrt(2.0 / fanOut);
        return (manager, shape, dataType) -> manager.randomNormal(0, deviation, shape, dataType);
    }

    /**
     * The same, with the fan out taken from the weight: of (out, in / groups, kh, kw) it is out kh kw, whatever the
     * groups, as {@code kaiming_normal_} counts it.
     *
     * @return the initialiser, for weights of at least two dimensions
     */
    public static Initializer heNormalFanOut() {
        return (manager, shape, dataType) -> {
            double fanOut = (double) shape.size() / shape.get(1);
            return manager.randomNormal(0, (float) Math.sqrt(2 / fanOut), shape, dataType);
        };
    }

    /**
     * Normal around zero.
     *
     * @param deviation the standard deviation
     * @return the initialiser
     */
    public static Initializer normal(float deviation) {
        return (manager, shape, dataType) -> manager.randomNormal(0, deviation, shape, dataType);
    }
}
