package djinn.losses;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import djinn.ops.Autograd;
import djinn.ops.Default;
import djinn.ops.TorchScript;
import java.util.Arrays;
import java.util.function.UnaryOperator;

/**
 * What keeps a Wasserstein critic near Lipschitz 1 (Gulrajani et al. 2017, eq. 3, two-sided): {@code lambda mean
 * (|grad D(z)|_2 - 1)^2} at points {@code z = epsilon real + (1 - epsilon) fake} between real and generated samples.
 *
 * <p>The gradient is taken with respect to z, one norm per sample, and can itself be differentiated: the penalty has
 * gradients with respect to the critic's parameters, none with respect to the samples. The critic must judge each
 * sample by itself, so it may not hold batch normalisation in training. The norm of a gradient of zero has a gradient
 * of zero.
 *
 * @param lambda the weight of the penalty, at least 0
 */
public record GradientPenalty(@Default("10") double lambda) {

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
        def between(real: Tensor, fake: Tensor, epsilon: Tensor) -> Tensor:
          return torch.detach(torch.lerp(fake, real, epsilon))

        def lengths(gradient: Tensor) -> Tensor:
          return torch.linalg_vector_norm(torch.flatten(gradient, 1), 2, [1])

        def penalty(lengths: Tensor, weight: float) -> Tensor:
          return torch.mul(torch.mean(torch.square(torch.sub(lengths, 1))), weight)
        """);

    /** Checks the range. */
    public GradientPenalty {
        if (!(lambda >= 0)) {
            throw new IllegalArgumentException("expected a lambda of at least 0, got " + lambda);
        }
    }

    /** The paper's weight, 10. */
    public GradientPenalty() {
        this(10);
    }

    /**
     * Computes the penalty at points drawn by the engine's generator, which {@link djinn.ops.Randomness} seeds.
     *
     * @param critic from samples to scores, whose sum is differentiated
     * @param real samples (N, ...)
     * @param fake generated samples (N, ...)
     * @return a scalar, owned by the real samples' manager
     * @throws IllegalArgumentException if the shapes differ
     */
    public NDArray apply(UnaryOperator<NDArray> critic, NDArray real, NDArray fake) {
        return of(gradientNorms(critic, real, fake));
    }

    /**
     * Computes the penalty at given points.
     *
     * @param critic from samples to scores, whose sum is differentiated
     * @param real samples (N, ...)
     * @param fake generated samples (N, ...)
     * @param epsilon the share of the real sample, (N, 1, ...), 0 to 1
     * @return a scalar, owned by the real samples' manager
     * @throws IllegalArgumentException if the shapes do not fit each other
     * @throws ai.djl.engine.EngineException if the scores do not depend on the samples
     */
    public NDArray apply(UnaryOperator<NDArray> critic, NDArray real, NDArray fake, NDArray epsilon) {
        return of(gradientNorms(critic, real, fake, epsilon));
    }

    /**
     * Computes the penalty of norms that are known, to look at them as well.
     *
     * @param norms (N), as {@link #gradientNorms} gives them
     * @return a scalar, owned by the norms' manager
     */
    public NDArray of(NDArray norms) {
        try (Autograd.Scope recording = Autograd.withGradients()) {
            return SCRIPT.call("penalty", norms, lambda);
        }
    }

    /**
     * Computes how steep a critic is at points drawn by the engine's generator.
     *
     * @param critic from samples to scores, whose sum is differentiated
     * @param real samples (N, ...)
     * @param fake generated samples (N, ...)
     * @return the norm of each sample's gradient, (N), which can be differentiated; owned by the real samples' manager
     * @throws IllegalArgumentException if the shapes differ
     */
    public static NDArray gradientNorms(UnaryOperator<NDArray> critic, NDArray real, NDArray fake) {
        Shape each = onePerSample(real.getShape());
        try (NDArray epsilon = real.getManager().randomUniform(0, 1, each, real.getDataType())) {
            return gradientNorms(critic, real, fake, epsilon);
        }
    }

    /**
     * Computes how steep a critic is at given points.
     *
     * @param critic from samples to scores, whose sum is differentiated
     * @param real samples (N, ...)
     * @param fake generated samples (N, ...)
     * @param epsilon the share of the real sample, (N, 1, ...), 0 to 1
     * @return the norm of each sample's gradient, (N), which can be differentiated; owned by the real samples' manager
     * @throws IllegalArgumentException if the shapes do not fit each other
     * @throws ai.djl.engine.EngineException if the scores do not depend on the samples
     */
    public static NDArray gradientNorms(UnaryOperator<NDArray> critic, NDArray real, NDArray fake, NDArray epsilon) {
        Shape shape = real.getShape();
        if (shape.dimension() < 2
                || shape.size() < 1
                || !fake.getShape().equals(shape)
                || !epsilon.getShape().equals(onePerSample(shape))) {
            throw new IllegalArgumentException(
                    "expected real and generated samples of one shape (N, ...) and epsilon (N, 1, ...), got " + shape
                            + ", " + fake.getShape() + " and " + epsilon.getShape());
        }
        try (Autograd.Scope recording = Autograd.withGradients()) {
            NDArray between = SCRIPT.call("between", real, fake, epsilon);
            between.setRequiresGradient(true);
            NDList scores = new NDList(critic.apply(between).sum());
            NDArray gradient =
                    Autograd.gradients(scores, new NDList(between), true).singletonOrThrow();
            NDArray norms = SCRIPT.call("lengths", gradient);
            norms.attach(real.getManager());
            return norms;
        }
    }

    private static Shape onePerSample(Shape samples) {
        long[] extents = new long[samples.dimension()];
        Arrays.fill(extents, 1);
        if (extents.length > 0) {
            extents[0] = samples.get(0);
        }
        return new Shape(extents);
    }
}
