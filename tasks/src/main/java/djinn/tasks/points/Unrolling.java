package djinn.tasks.points;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import djinn.ops.Autograd;
import djinn.ops.Scalars;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Looks ahead: the generator is judged by the critic as it would be some steps of gradient descent later, and is told how
 * those steps depend on what it draws (Metz et al. 2017, section 2.2, eqs. 4 to 6).
 *
 * <p>Deviation: the steps are plain gradient descent, as the paper writes them down; in its experiments they are Adam's.
 *
 * @param steps how many
 * @param lr their size
 */
public record Unrolling(int steps, double lr) {

    /** Checks the ranges. */
    public Unrolling {
        if (steps < 1 || !(lr > 0)) {
            throw new IllegalArgumentException(
                    "expected steps of at least 1 and an lr above 0, got " + steps + " and " + lr);
        }
    }

    /**
     * Takes the steps, recording gradients whatever the thread's mode.
     *
     * @param weights what the critic starts from; left as they are, and cut from what they came of
     * @param loss from weights to what the critic lowers, a scalar that every weight takes part in
     * @param owner owns the arrays
     * @return the weights after the steps, differentiable in whatever else the loss depends on
     */
    public List<NDArray> ahead(List<NDArray> weights, Function<List<NDArray>, NDArray> loss, NDManager owner) {
        try (Autograd.Scope recording = Autograd.withGradients()) {
            List<NDArray> ahead = new ArrayList<>();
            for (NDArray weight : weights) {
                NDArray start = weight.stopGradient();
                start.attach(owner);
                start.setRequiresGradient(true);
                ahead.add(start);
            }
            for (int step = 0; step < steps; step++) {
                NDList gradients = Autograd.gradients(new NDList(loss.apply(ahead)), new NDList(ahead), true);
                List<NDArray> next = new ArrayList<>();
                for (int i = 0; i < ahead.size(); i++) {
                    next.add(ahead.get(i).sub(Scalars.mul(gradients.get(i), lr)));
                }
                ahead = next;
            }
            return ahead;
        }
    }
}
