package djinn.ops;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Parts of a forward pass of which the input alone is kept: what they compute inside is computed once more when the
 * gradients are wanted (Chen et al. 2016, section 4). A stack of layers then holds a vector a layer and the inside of a
 * single one, for another forward pass's time.
 *
 * <p>The gradients are those of the plain pass to the bit. Where a part draws random numbers they are others than those of
 * the plain pass, and the same both times: each part begins with a seed of its own.
 *
 * <p>Parts follow one another: what a part computes goes into the loss through the next one alone. For one thread.
 */
public final class GradientCheckpointing {

    private final List<Part> parts = new ArrayList<>();
    private long seed;

    /** A function, what it was given, what it gave, and the seed it began with. */
    private record Part(UnaryOperator<NDArray> function, NDArray input, NDArray output, long seed) {

        NDArray again(NDArray input) {
            Randomness.seed(seed);
            return function.apply(input);
        }
    }

    /**
     * Begins a forward pass, and forgets the one before.
     *
     * @param seed what the parts' random numbers depend on
     */
    public void begin(long seed) {
        this.seed = seed;
        parts.clear();
    }

    /**
     * Runs a part.
     *
     * @param x its input
     * @param function what it computes of that, and of parameters
     * @return what it computed, owned by the input's manager
     */
    public NDArray run(NDArray x, UnaryOperator<NDArray> function) {
        long own = Randomness.mix(seed, parts.size());
        NDManager owner = x.getManager();
        try (NDManager inside = owner.newSubManager();
                Autograd.Scope off = Autograd.withoutGradients()) {
            NDArray input = x.stopGradient();
            input.attach(inside);
            Part part = new Part(function, x, null, own);
            NDArray output = part.again(input).stopGradient();
            output.attach(owner);
            output.setRequiresGradient(true);
            parts.add(new Part(function, x, output, own));
            return output;
        }
    }

    /**
     * Runs a scalar's backward pass through the parts of this forward pass.
     *
     * @param target a scalar that depends on at least one of the parameters
     * @param parameters arrays that require a gradient
     * @param owner the manager the gradients live under until they are closed
     * @return the gradients
     */
    public Gradients gradients(NDArray target, NDList parameters, NDManager owner) {
        if (parts.isEmpty()) {
            return Gradients.of(target, parameters, owner);
        }
        int count = parameters.size();
        try (NDManager inside = owner.newSubManager();
                Autograd.Scope on = Autograd.withGradients()) {
            NDList found = Gradients.pull(target, null, with(parameters, parts.get(parts.size() - 1).output), inside);
            NDList sums = new NDList(found.subList(0, count));
            for (int i = parts.size() - 1; i >= 0 && reaches(found, count); i--) {
                Part part = parts.get(i);
                try (NDManager layer = inside.newSubManager()) {
                    NDArray input = part.input.stopGradient();
                    input.attach(layer);
                    input.setRequiresGradient(true);
                    found = Gradients.pull(part.again(input), found.get(count), with(parameters, input), inside);
                }
                sums = Gradients.plus(sums, found, count, inside);
                NDArray before = i == 0 ? null : parts.get(i - 1).output;
                if (part.input != before && reaches(found, count) && Gradients.reach(part.input)) {
                    NDList further = before == null ? parameters : with(parameters, before);
                    found = Gradients.pull(part.input, found.get(count), further, inside);
                    sums = Gradients.plus(sums, found, count, inside);
                }
            }
            parts.clear();
            return Gradients.holding(sums, owner);
        }
    }

    private static NDList with(NDList parameters, NDArray input) {
        NDList both = new NDList(parameters);
        both.add(input);
        return both;
    }

    /** Whether there is a gradient behind those of the parameters: of a part that took no part it is one of integers. */
    private static boolean reaches(NDList found, int count) {
        return found.size() > count && !found.get(count).getDataType().isInteger();
    }
}
