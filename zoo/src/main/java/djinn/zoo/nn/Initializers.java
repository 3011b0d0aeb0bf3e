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
        return uniform((float) (1 / Math.sqrt((double) fanIn)));
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

    /**
     * Uniform around zero.
     *
     * @param bound the greatest value, and the smallest one's opposite
     * @return the initialiser
     */
    public static Initializer uniform(float bound) {
        return (manager, shape, dataType) -> manager.randomUniform(-bound, bound, shape, dataType);
    }

    /**
     * The bilinear enlargement of each channel by half the kernel, rounded up, for transposed convolutions (Long et al.
     * 2015, section 4.3): of even kernels between the edges of pixels, of odd ones between their centres.
     *
     * @return the initialiser, for weights (C, C, kernel, kernel)
     */
    public static Initializer bilinear() {
        return (manager, shape, dataType) -> {
            int channels = (int) shape.get(0);
            int kernel = (int) shape.get(2);
            float[] values = new float[Math.toIntExact(shape.size())];
            for (int c = 0; c < channels; c++) {
                int start = (c * channels + c) * kernel * kernel;
                for (int i = 0; i < kernel * kernel; i++) {
                    values[start + i] = tent(i / kernel, kernel) * tent(i % kernel, kernel);
                }
            }
            return manager.create(values, shape).toType(dataType, false);
        };
    }

    private static float tent(int position, int kernel) {
        int factor = (kernel + 1) / 2;
        return 1 - Math.abs(position - (kernel - 1) / 2f) / factor;
    }
}
