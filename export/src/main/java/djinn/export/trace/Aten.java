package djinn.export.trace;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import djinn.ops.TorchScript;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import java.util.concurrent.ConcurrentHashMap;

/** Runs operations of PyTorch's ATen library by name. */
final class Aten {

    /** Operations that answer a list of tensors. */
    private static final Set<String> LISTS =
            Set.of("unbind", "split", "split_with_sizes", "chunk", "tensor_split", "meshgrid", "broadcast_tensors");

    /** Operations that answer several tensors, and how many. */
    private static final Map<String, Integer> TUPLES = Map.of(
            "adaptive_max_pool1d", 2,
            "adaptive_max_pool2d", 2,
            "max_pool2d_with_indices", 2,
            "topk", 2,
            "sort", 2,
            "var_mean", 2,
            "lstm", 3,
            "gru", 2,
            "rnn_tanh", 2,
            "rnn_relu", 2);

    /** One function per operation and kinds of arguments: compiled on first use, kept for the process. */
    private static final Map<String, TorchScript> COMPILED = new ConcurrentHashMap<>();

    private Aten() {}

    /**
     * Runs an operation.
     *
     * @param op its name
     * @param arguments NDArray, a list of NDArray, Long or Double, Long, Double, Boolean, String or null
     * @param keywords arguments by name, of the same kinds
     * @return what it computes; owned by the manager of the first array among the arguments
     */
    static NDList run(String op, List<Object> arguments, Map<String, Object> keywords) {
        StringJoiner parameters = new StringJoiner(", ");
        StringJoiner call = new StringJoiner(", ");
        List<Object> values = new ArrayList<>();
        arguments.forEach(argument -> add("", argument, parameters, call, values));
        keywords.forEach((name, argument) -> add(name + "=", argument, parameters, call, values));
        String expression = "torch." + op + "(" + call + ")";
        String text;
        if (LISTS.contains(op)) {
            text = "def run(" + parameters + ") -> List[Tensor]:\n  return " + expression + "\n";
        } else if (TUPLES.containsKey(op)) {
            StringJoiner names = new StringJoiner(", ");
            for (int i = 0; i < TUPLES.get(op); i++) {
                names.add("y" + i);
            }
            text = "def run(" + parameters + ") -> List[Tensor]:\n  " + names + " = " + expression + "\n  return ["
                    + names + "]\n";
        } else {
            text = "def run(" + parameters + ") -> Tensor:\n  return " + expression + "\n";
        }
        return COMPILED.computeIfAbsent(text, TorchScript::compileForProcess).callForList("run", values.toArray());
    }

    /**
     * Runs a function of a script.
     *
     * @param script the script
     * @param function its function, of one tensor
     * @param arguments of the same kinds
     * @return what it computes
     */
    static NDList run(TorchScript script, String function, List<Object> arguments) {
        return script.callForList(
                function,
                arguments.stream()
                        .map(argument -> argument instanceof List<?> list ? asArray(list) : argument)
                        .toArray());
    }

    /** Returns whether an operation answers a list or tuple, even of one. */
    static boolean manyResults(String op) {
        return LISTS.contains(op) || TUPLES.containsKey(op);
    }

    private static void add(
            String keyword, Object argument, StringJoiner parameters, StringJoiner call, List<Object> values) {
        if (argument == null) {
            call.add(keyword + "None");
            return;
        }
        String name = "a" + values.size();
        String type;
        Object value = argument;
        if (argument instanceof NDArray) {
            type = "Tensor";
        } else if (argument instanceof Long) {
            type = "int";
        } else if (argument instanceof Double) {
            type = "float";
        } else if (argument instanceof Boolean) {
            type = "bool";
        } else if (argument instanceof String) {
            type = "str";
        } else if (argument instanceof List<?> list) {
            type = "List[" + elementType(list) + "]";
            value = asArray(list);
        } else {
            throw new IllegalArgumentException("expected an argument of an operation, got "
                    + argument.getClass().getName());
        }
        parameters.add(name + ": " + type);
        call.add(keyword + name);
        values.add(value);
    }

    private static String elementType(List<?> list) {
        if (list.isEmpty() || list.get(0) instanceof Long) {
            return "int";
        }
        return list.get(0) instanceof Double ? "float" : "Tensor";
    }

    private static Object asArray(List<?> list) {
        return switch (elementType(list)) {
            case "int" -> list.stream().mapToLong(Long.class::cast).toArray();
            case "float" -> list.stream().mapToDouble(Double.class::cast).toArray();
            default -> list;
        };
    }
}
