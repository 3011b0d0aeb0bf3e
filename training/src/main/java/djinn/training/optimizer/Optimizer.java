package djinn.training.optimizer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import djinn.ops.Autograd;
import djinn.ops.DataException;
import djinn.ops.Foreach;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * Parameters, the rule that updates them, and the rule's state by parameter name, so that a run can be resumed exactly.
 */
public final class Optimizer implements AutoCloseable {

    private final OptimizerRule rule;
    private final NDManager manager;
    private final List<String> names;
    private final NDList parameters;
    private final List<Group> groups = new ArrayList<>();
    private final List<NDList> slots = new ArrayList<>();
    private final NDList steps = new NDList();

    /** Parameters of one factor of the learning rate, with their state. */
    private record Group(double factor, NDList parameters, List<NDList> slots, NDList steps) {}

    /**
     * Makes an optimizer with zero state.
     *
     * @param rule how parameters are updated
     * @param parameters the arrays to train, by name
     * @param owner the manager the state lives under until {@link #close()}
     */
    public Optimizer(OptimizerRule rule, Map<String, NDArray> parameters, NDManager owner) {
        this(rule, parameters, owner, name -> 1);
    }

    /**
     * Makes an optimizer with zero state, whose learning rate is scaled by parameter.
     *
     * @param rule how parameters are updated
     * @param parameters the arrays to train, by name
     * @param owner the manager the state lives under until {@link #close()}
     * @param lrScale the factor of the learning rate by parameter name
     */
    public Optimizer(
            OptimizerRule rule, Map<String, NDArray> parameters, NDManager owner, ToDoubleFunction<String> lrScale) {
        this.rule = rule;
        this.manager = owner.newSubManager();
        this.names = List.copyOf(parameters.keySet());
        this.parameters = new NDList(parameters.values());
        for (int s = 0; s < rule.slots().size(); s++) {
            NDList zeros = new NDList();
            parameters.values().forEach(array -> zeros.add(manager.zeros(array.getShape())));
            slots.add(zeros);
        }
        if (rule.countsSteps()) {
            names.forEach(name -> steps.add(manager.zeros(new Shape(), DataType.FLOAT32)));
        }
        Map<Double, List<Integer>> byFactor = new LinkedHashMap<>();
        for (int i = 0; i < names.size(); i++) {
            byFactor.computeIfAbsent(lrScale.applyAsDouble(names.get(i)), factor -> new ArrayList<>())
                    .add(i);
        }
        byFactor.forEach((factor, members) -> groups.add(new Group(
                factor,
                only(members, this.parameters),
                slots.stream().map(slot -> only(members, slot)).toList(),
                rule.countsSteps() ? only(members, steps) : steps)));
    }

    /**
     * Updates every parameter that has a gradient, in one call of the engine per factor of the learning rate.
     *
     * @param lr the learning rate of this step
     */
    public void step(double lr) {
        try (Autograd.Scope off = Autograd.withoutGradients()) {
            groups.forEach(group -> rule.update(group.parameters, group.slots, group.steps, lr * group.factor));
        }
    }

    /**
     * Scales all gradients down to a global norm.
     *
     * @param maxNorm the largest norm
     * @return the norm before
     */
    public double clipGradients(double maxNorm) {
        return Foreach.clipGradients(parameters, maxNorm);
    }

    /** Sets all gradients to zero. */
    public void zeroGradients() {
        Foreach.zeroGradients(parameters);
    }

    /** Returns the state by name: {@code exp_avg.conv1.weight}; the optimizer's own arrays, not copies. */
    public Map<String, NDArray> state() {
        Map<String, NDArray> state = new LinkedHashMap<>();
        for (int s = 0; s < slots.size(); s++) {
            put(state, rule.slots().get(s), slots.get(s));
        }
        put(state, "step", steps);
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

    private void put(Map<String, NDArray> state, String prefix, NDList arrays) {
        for (int i = 0; i < arrays.size(); i++) {
            state.put(prefix + "." + names.get(i), arrays.get(i));
        }
    }

    private static String example(Map<String, NDArray> state) {
        return state.keySet().stream().findFirst().orElse("none");
    }
}
