package djinn.export.trace;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * An operation of a {@link Graph}, named and called as PyTorch's ATen library has it.
 *
 * @param op the operation, such as {@code convolution} or {@code add}
 * @param arguments what it is called with, in order: {@link Value}, {@code List<Value>}, {@link Long}, {@link Double},
 *     {@link Boolean}, {@link String}, {@code List<Long>}, {@code List<Double>}, or null for none
 * @param keywords what it is called with by name, of the same kinds
 * @param results what it computes
 * @param where the line of the block that asked for it
 */
public record Node(String op, List<Object> arguments, Map<String, Object> keywords, List<Value> results, String where) {

    /** Keeps copies. */
    public Node {
        arguments = Collections.unmodifiableList(new ArrayList<>(arguments));
        keywords = Collections.unmodifiableMap(new LinkedHashMap<>(keywords));
        results = List.copyOf(results);
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
