package djinn.ops;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * Parts of a forward pass of which the inputs alone are kept: what they compute inside is computed once more when the
 * gradients are wanted (Chen et al. 2016, section 4). A stack of layers then holds a vector a layer and the inside of a
 * single one, for another forward pass's time.
 *
 * <p>The gradients are those of the plain pass to the bit. Where a part draws random numbers they are others than those of
 * the plain pass, and the same both times: each part begins with a seed of its own.
 *
 * <p>What parts compute goes into the loss, or into later parts, any number of them, as it is or by what is computed
 * between. What is computed between of a part's output, and given to parts, goes nowhere else. For one thread.
 */
public final class GradientCheckpointing {

    private final List<Part> parts = new ArrayList<>();
    private long seed;

    /** A function, what it was given, what it gave, and the seed it began with. */
    private record Part(Function<NDList, NDArray> function, NDList inputs, NDArray output, long seed) {

        /** The inputs by themselves, of which nothing is known. */
        static NDList apart(NDList inputs, NDManager owner) {
            NDList apart = new NDList();
            inputs.forEach(input -> apart.add(input.stopGradient()));
            apart.attach(owner);
            return apart;
        }

        NDArray again(NDList apart) {
            Randomness.seed(seed);
            return function.apply(apart);
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
     * Runs a part of one input.
     *
     * @param x its input
     * @param function what it computes of that, and of parameters
     * @return what it computed, owned by the input's manager
     */
    public NDArray run(NDArray x, UnaryOperator<NDArray> function) {
        return run(new NDList(x), inputs -> function.apply(inputs.head()));
    }

    /**
     * Runs a part.
     *
     * @param inputs all that it is given and that depends on parameters; numbers of floating point, none twice
     * @param function what it computes of them, and of parameters
     * @return what it computed, owned by the first input's manager
     * @throws IllegalArgumentException if there is no input, or one twice
     */
    public NDArray run(NDList inputs, Function<NDList, NDArray> function) {
        Set<NDArray> different = Collections.newSetFromMap(new IdentityHashMap<>());
        different.addAll(inputs);
        if (inputs.isEmpty() || different.size() < inputs.size()) {
            throw new IllegalArgumentException("expected inputs, each once, got " + inputs.size() + ", "
                    + different.size() + " of them different");
        }
        long own = Randomness.mix(seed, parts.size());
        NDManager owner = inputs.head().getManager();
        NDList kept = new NDList(inputs);
        try (NDManager inside = owner.newSubManager();
                Autograd.Scope off = Autograd.withoutGradients()) {
            Part part = new Part(function, kept, null, own);
            NDArray output = part.again(Part.apart(kept, inside)).stopGradient();
            output.attach(owner);
            output.setRequiresGradient(true);
            parts.add(new Part(function, kept, output, own));
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
        try (NDManager inside = owner.newSubManager();
                Autograd.Scope on = Autograd.withGradients()) {
            NDList found = new Backward(parameters, inside).of(target);
            parts.clear();
            return Gradients.holding(found, owner);
        }
    }

    /** A backward pass: the parameters' gradients so far, and those of arrays that have not been pulled further back. */
    private final class Backward {

        private final NDList parameters;
        private final NDManager owner;
        private final NDList outputs = new NDList();
        /** By the array itself, not by what it holds. */
        private final IdentityHashMap<NDArray, NDArray> waiting = new IdentityHashMap<>();

        private NDList sums;

        Backward(NDList parameters, NDManager owner) {
            this.parameters = parameters;
            this.owner = owner;
            parts.forEach(part -> outputs.add(part.output));
        }

        NDList of(NDArray target) {
            take(Gradients.pull(target, with(outputs), owner), outputs);
            for (int i = parts.size() - 1; i >= 0; i--) {
                Part part = parts.get(i);
                NDArray gradient = waiting.remove(part.output);
                if (gradient != null) {
                    inside(part, gradient);
                }
                before(i);
            }
            return sums;
        }

        /** From what a part computed to what it was given. */
        private void inside(Part part, NDArray gradient) {
            try (NDManager layer = owner.newSubManager()) {
                NDList inputs = Part.apart(part.inputs, layer);
                inputs.forEach(input -> input.setRequiresGradient(true));
                pull(new NDList(part.again(inputs)), new NDList(gradient), inputs, part.inputs);
            }
        }

        /** From what was computed between parts, and this is the first one to be given, to what earlier parts computed. */
        private void before(int place) {
            NDList between = new NDList();
            NDList gradients = new NDList();
            for (NDArray input : parts.get(place).inputs) {
                if (waiting.containsKey(input)
                        && !isIn(outputs, input)
                        && parts.subList(0, place).stream().noneMatch(part -> isIn(part.inputs, input))) {
                    NDArray gradient = waiting.remove(input);
                    if (Gradients.reach(input)) {
                        between.add(input);
                        gradients.add(gradient);
                    }
                }
            }
            if (!between.isEmpty()) {
                NDList earlier = new NDList(outputs.subList(0, place));
                pull(between, gradients, earlier, earlier);
            }
        }

        /**
         * Pulls gradients back to parameters and arrays. What waits for an array already comes first there, so that sums are
         * in the order of the plain pass.
         *
         * @param named by what they wait under
         */
        private void pull(NDList targets, NDList gradients, NDList arrays, NDList named) {
            NDList all = new NDList(targets);
            NDList given = new NDList(gradients);
            for (int i = 0; i < arrays.size(); i++) {
                NDArray before = waiting.get(named.get(i));
                if (before != null) {
                    all.add(arrays.get(i));
                    given.add(before);
                }
            }
            NDList found = Gradients.pull(all, given, with(arrays), owner);
            given.close();
            take(found, named);
        }

        private NDList with(NDList arrays) {
            NDList both = new NDList(parameters);
            both.addAll(arrays);
            return both;
        }

        private void take(NDList found, NDList named) {
            int count = parameters.size();
            NDList own = new NDList(found.subList(0, count));
            if (sums == null) {
                sums = own;
            } else {
                NDList before = sums;
                sums = Gradients.plus(before, own, owner);
                before.close();
                own.close();
            }
            for (int i = 0; i < named.size(); i++) {
                NDArray gradient = found.get(count + i);
                // of what took no part it is one of integers
                if (!gradient.getDataType().isInteger()) {
                    waiting.put(named.get(i), gradient);
                }
            }
        }
    }

    private static boolean isIn(NDList arrays, NDArray array) {
        return arrays.stream().anyMatch(one -> one == array);
    }
}
