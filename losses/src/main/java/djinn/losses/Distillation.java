package djinn.losses;

import ai.djl.ndarray.NDArray;
import djinn.ops.Default;

/**
 * What a student lacks of its teacher (Hinton et al. 2015): {@code T^2 KL(softmax(teacher / T) || softmax(student / T))}.
 * The square keeps the size of the gradient independent of T, so that a sum with a loss on labels keeps its balance.
 *
 * <p>Shapes: the student's logits as input and the teacher's as target, (N, K) or (N, K, d1, ...), softmax over axis 1;
 * the result is a scalar as of {@link KlDivergence}. The gradient reaches the teacher too unless its logits were computed
 * without one.
 *
 * @param temperature T, above 0; higher ones show more of what the teacher thinks of the wrong classes
 */
public record Distillation(@Default("4") double temperature) implements LossFunction {

    /** Checks the range. */
    public Distillation {
        if (!(temperature > 0)) {
            throw new IllegalArgumentException("expected a temperature above 0, got " + temperature);
        }
    }

    /** Temperature 4. */
    public Distillation() {
        this(4);
    }

    @Override
    public NDArray apply(NDArray student, NDArray teacher) {
        return KlDivergence.divergence(student, teacher, temperature, temperature * temperature);
    }
}
