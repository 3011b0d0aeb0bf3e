package djinn.export.trace;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import djinn.ops.TorchScript;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * An operation of a {@link Graph}, named and called as PyTorch's ATen library has it, or a function of a script that
 * looks at elements of its tensors, so that it cannot be taken apart.
 *
 * @param op the operation, such as {@code convolution} or {@code add}; of a script, {@link #OF_SCRIPT} and the function
 * @param arguments what it is called with, in order: {@link Value}, {@code List<Value>}, {@link Long}, {@link Double},
 *     {@link Boolean}, {@link String}, {@code List<Long>}, {@code List<Double>}, or null for none
 * @param keywords what it is called with by name, of the same kinds
 * @param results what it computes
 * @param where the line of the block that asked for it
 * @param script the script, if it is a function of one
 */
public record Node(
        String op,
        List<Object> arguments,
        Map<String, Object> keywords,
        List<Value> results,
        String where,
        Optional<TorchScript> script) {

    /** What stands before the names of functions of scripts, so that none is taken for an operation of ATen. */
    public static final String OF_SCRIPT = "script.";

    /** What the names of functions begin with that stay one operation: formats have their own way to say them. */
    static final String WHOLE = "djinn_";

    /** Functions that answer as many rows, at least one, as the values tell that they are given. */
    private static final Set<String> CHOOSING =
            Set.of(OF_SCRIPT + WHOLE + "proposals", OF_SCRIPT + WHOLE + "selection");

    /** Functions that answer which is the best, the second and so on. */
    private static final Set<String> RANKING = Set.of(OF_SCRIPT + WHOLE + "ranking");

    /** Keeps copies. */
    public Node {
        arguments = Collections.unmodifiableList(new ArrayList<>(arguments));
        keywords = Collections.unmodifiableMap(new LinkedHashMap<>(keywords));
        results = List.copyOf(results);
    }

    /**
     * An operation of ATen.
     *
     * @param op the operation
     * @param arguments what it is called with, in order
     * @param keywords what it is called with by name
     * @param results what it computes
     * @param where the line of the block that asked for it
     */
    public Node(String op, List<Object> arguments, Map<String, Object> keywords, List<Value> results, String where) {
        this(op, arguments, keywords, results, where, Optional.empty());
    }

    /** Returns the same operation on other arguments. */
    Node with(List<Object> others, Map<String, Object> named) {
        return new Node(op, others, named, results, where, script);
    }

    /** Runs the operation. */
    NDList run(List<Object> given, Map<String, Object> named) {
        return script.isPresent() ? Aten.run(script.get(), function(), given) : Aten.run(op, given, named);
    }

    /** Returns whether it chooses: a little other values may mean another answer altogether, such as another order. */
    public boolean chooses() {
        return choosesRows() || RANKING.contains(op);
    }

    /** Returns whether it answers as many rows, at least one, as the values tell that it is given. */
    boolean choosesRows() {
        return CHOOSING.contains(op);
    }

    /** Runs the operation by itself, on the engine's arrays in the places of its values. */
    public NDList run(Map<Value, NDArray> known) {
        return run(Graph.filled(arguments, known), Graph.filled(keywords, known));
    }

    /** Returns the function's name in its script. */
    public String function() {
        return op.substring(OF_SCRIPT.length());
    }

    /** Returns all values among the arguments, those in lists too, in order. */
    public List<Value> inputs() {
        List<Value> inputs = new ArrayList<>();
        for (Object argument : arguments) {
            if (argument instanceof Value value) {
                inputs.add(value);
            } else if (argument instanceof List<?> list) {
                list.stream()
                        .filter(Value.class::isInstance)
                        .map(Value.class::cast)
                        .forEach(inputs::add);
            }
        }
        return inputs;
    }

    /** Returns whether the operation answers a list or a tuple, even of one. */
    public boolean answersTuple() {
        return Aten.manyResults(op);
    }

    /** Returns the first result. */
    public Value result() {
        return results.get(0);
    }

    /**
     * Returns an argument that is a value.
     *
     * @param index its position
     * @return the value, or null if there is none
     */
    public Value value(int index) {
        return index < arguments.size() ? (Value) arguments.get(index) : null;
    }

    /**
     * Returns an argument that is a whole number.
     *
     * @param index its position
     * @return the number
     */
    public long integer(int index) {
        return (Long) arguments.get(index);
    }

    /**
     * Returns an argument that is a number.
     *
     * @param index its position
     * @return the number
     */
    public double number(int index) {
        return ((Number) arguments.get(index)).doubleValue();
    }

    /**
     * Returns an argument that is a switch.
     *
     * @param index its position
     * @return the switch; false where it is left out
     */
    public boolean flag(int index) {
        return index < arguments.size() && (Boolean) arguments.get(index);
    }

    /**
     * Returns an argument that is a list of whole numbers.
     *
     * @param index its position
     * @return the numbers; none where it is left out
     */
    public List<Long> integers(int index) {
        return index >= arguments.size() || arguments.get(index) == null
                ? List.of()
                : ((List<?>) arguments.get(index))
                        .stream().map(Long.class::cast).toList();
    }

    @Override
    public String toString() {
        return results + " = " + op + arguments + (keywords.isEmpty() ? "" : keywords.toString()) + " in " + where;
    }
}
