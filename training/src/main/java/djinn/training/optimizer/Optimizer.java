package djinn.training.optimizer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import djinn.ops.Autograd;
import djinn.ops.DataException;
import djinn.ops.Foreach;
import djinn.ops.Gradients;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Parameters, the rule that updates them, and the rule's state by parameter name, so that a run can be resumed exactly.
 */
public final class Optimizer implements AutoCloseable {

    private final OptimizerRule rule;
    private final NDManager manager;
    private final List<String> names;
    private final NDList parameters;
    private final List<Members> groups = new ArrayList<>();
    private final Map<String, NDList> slots = new LinkedHashMap<>();

    /** The parameters of one group, by their places among all, with their state. */
    private record Members(ParameterGroup group, List<Integer> places, NDList parameters, Map<String, NDList> slots) {}

    /**
     * Makes an optimizer at its start, that treats all parameters alike.
     *
     * @param rule how parameters are updated
     * @param parameters the arrays to train, by name
     * @param owner the manager the state lives under until {@link #close()}
     */
    public Optimizer(OptimizerRule rule, Map<String, NDArray> parameters, NDManager owner) {
        this(rule, parameters, owner, name -> ParameterGroup.PLAIN);
    }

    /**
     * Makes an optimizer at its start.
     *
     * @param rule how parameters are updated
     * @param parameters the arrays to train, by name
     * @param owner the manager the state lives under until {@link #close()}
     * @param groupOf how a parameter is treated, by its name
     */
    public Optimizer(
            OptimizerRule rule,
            Map<String, NDArray> parameters,
            NDManager owner,
            Function<String, ParameterGroup> groupOf) {
        this.rule = rule;
        this.manager = owner.newSubManager();
        this.names = List.copyOf(parameters.keySet());
        this.parameters = new NDList(parameters.values());
        for (Slot slot : rule.slots()) {
            NDList arrays = new NDList();
            for (NDArray parameter : this.parameters) {
                arrays.add(start(slot, parameter));
            }
            slots.put(slot.name(), arrays);
        }
        Map<ParameterGroup, List<Integer>> byGroup = new LinkedHashMap<>();
        for (int i = 0; i < names.size(); i++) {
            byGroup.computeIfAbsent(groupOf.apply(names.get(i)), group -> new ArrayList<>())
                    .add(i);
        }
        byGroup.forEach((group, members) -> {
            Map<String, NDList> own = new LinkedHashMap<>();
            slots.forEach((name, arrays) -> own.put(name, only(members, arrays)));
            groups.add(new Members(group, members, only(members, this.parameters), own));
        });
    }

    /** In the parameter's order of elements, as the fused steps want it. */
    private NDArray start(Slot slot, NDArray parameter) {
        if (slot.scalar()) {
            return manager.full(new Shape(), (float) slot.initial(), DataType.FLOAT32);
        }
        NDArray state = parameter.zerosLike();
        state.attach(manager);
        return slot.initial() == 0 ? state : state.addi((float) slot.initial());
    }

    /**
     * Runs the backward pass of a loss.
     *
     * @param loss a scalar that depends on at least one of the parameters
     * @return the gradients by all of them, to be closed
     * @throws ai.djl.engine.EngineException if nothing was recorded
     */
    public Gradients gradients(NDArray loss) {
        return Gradients.of(loss, parameters, manager);
    }

    /**
     * Updates every parameter that has a gradient, in one call of the engine per group.
     *
     * @param gradients as {@link #gradients(NDArray)} gives them; not changed
     * @param lr the learning rate of this step
     */
    public void step(Gradients gradients, double lr) {
        try (Autograd.Scope off = Autograd.withoutGradients()) {
            for (Members members : groups) {
                NDList own = only(members.places, gradients.arrays());
                rule.update(
                        new GroupArrays(members.parameters, own, members.slots),
                        lr * members.group.lrFactor(),
                        members.group.decayFactor());
            }
        }
    }

    /**
     * Adds the gradient of an L1 penalty, {@code factor sum |p|}.
     *
     * @param gradients not changed
     * @param factor the penalty's factor, at least 0; multiplied by the decay factor of each group
     * @return the sums, to be closed
     */
    public Gradients addL1(Gradients gradients, double factor) {
        double[] factors = new double[names.size()];
        for (Members members : groups) {
            members.places.forEach(i -> factors[i] = factor * members.group.decayFactor());
        }
        return gradients.plusSigns(parameters, factors);
    }

    /**
     * Scales gradients down unit by unit, in proportion to the norms of the parameters, as {@link Gradients#clipUnits}.
     *
     * @param gradients not changed
     * @param clipping the largest ratio of a gradient's norm to its unit's, above 0
     * @param clipped of which parameters, by name; the paper leaves out the last linear layer
     * @return the scaled ones, to be closed
     */
    public Gradients clipAdaptively(Gradients gradients, double clipping, Predicate<String> clipped) {
        boolean[] which = new boolean[names.size()];
        for (int i = 0; i < which.length; i++) {
            which[i] = clipped.test(names.get(i));
        }
        return gradients.clipUnits(parameters, which, clipping);
    }

    /** Returns the state by name: {@code exp_avg.conv1.weight}; the optimizer's own arrays, not copies. */
    public Map<String, NDArray> state() {
        Map<String, NDArray> state = new LinkedHashMap<>();
        slots.forEach((slot, arrays) -> {
            for (int i = 0; i < arrays.size(); i++) {
                state.put(slot + "." + names.get(i), arrays.get(i));
            }
        });
        return state;
    }

    /**
     * Copies a state that {@link #state()} gave.
     *
     * @param state the arrays by name; stay the caller's
     * @throws DataException if it is that of another optimizer or of other parameters
     */
    public void load(Map<String, NDArray> state) {
        Map<String, NDArray> own = state();
        if (!own.keySet().equals(state.keySet())) {
            throw new DataException(
                    "the saved optimizer state does not fit: expected " + own.size() + " arrays such as "
                            + example(own) + ", got " + state.size() + " such as " + example(state)
                            + "; was the optimizer or the model changed?");
        }
        NDList sources = new NDList();
        own.keySet().forEach(name -> sources.add(state.get(name)));
        Foreach.copy(new NDList(own.values()), sources);
    }

    /**
     * Copies the state of those parameters that another optimizer has too.
     *
     * @param earlier of the same rule
     */
    public void takeOver(Optimizer earlier) {
        Map<String, NDArray> theirs = earlier.state();
        NDList targets = new NDList();
        NDList sources = new NDList();
        state().forEach((name, array) -> {
            if (theirs.containsKey(name)) {
                targets.add(array);
                sources.add(theirs.get(name));
            }
        });
        Foreach.copy(targets, sources);
    }

    /** Frees the state. */
    @Override
    public void close() {
        manager.close();
    }

    private static NDList only(List<Integer> members, NDList arrays) {
        NDList some = new NDList(members.size());
        members.forEach(i -> some.add(arrays.get(i)));
        return some;
    }

    private static String example(Map<String, NDArray> state) {
        return state.keySet().stream().findFirst().orElse("none");
    }
}
