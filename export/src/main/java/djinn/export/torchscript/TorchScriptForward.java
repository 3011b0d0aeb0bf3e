package djinn.export.torchscript;

import djinn.export.trace.Extent;
import djinn.export.trace.Graph;
import djinn.export.trace.Node;
import djinn.export.trace.TraceException;
import djinn.export.trace.Value;
import djinn.ops.TorchScript;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The operations of a graph as the text of a TorchScript method. */
final class TorchScriptForward {

    /** Operations that make a tensor from numbers: on the CPU unless they are told. */
    private static final Set<String> FACTORIES =
            Set.of("arange", "eye", "full", "linspace", "logspace", "ones", "scalar_tensor", "zeros");

    /** Names the text has another meaning for. */
    private static final Set<String> MEANT =
            Set.of("self", "torch", "ops", "getattr", "annotate", "CONSTANTS", "inf", "nan");

    /** The definition of a function in a script, and what its calls of others begin with. */
    private static final Pattern OF_SCRIPT = Pattern.compile("(?m)^def\\s+(\\w+)\\s*\\(");

    private static final Pattern CALL = Pattern.compile("\\bself\\.(?=\\w+\\()");

    private static final String STORED = "stored";
    private static final int IMAGES = 4;

    /** The engine's number of the memory format. */
    private static final int CHANNELS_LAST = 2;

    private final Graph graph;
    private final Map<Value, String> expressions = new HashMap<>();
    private final Set<String> taken = new HashSet<>();
    private final StringBuilder text = new StringBuilder();
    /** The texts of scripts kept whole, and what the names of their functions have in front here. */
    private final Map<String, String> scripts = new LinkedHashMap<>();

    private TorchScriptForward(Graph graph) {
        this.graph = graph;
        taken.addAll(TorchModule.KEYWORDS);
        taken.addAll(MEANT);
    }

    /**
     * Writes the method {@code forward}.
     *
     * @param graph the operations
     * @param type the class it is a method of
     * @param constants what {@code CONSTANTS.c0}, {@code c1} and so on are
     * @return the text, indented as a method
     * @throws TraceException if an operation has an argument that the language has no literal for
     */
    static String of(Graph graph, String type, List<Value> constants) {
        return new TorchScriptForward(graph).method(type, constants);
    }

    /**
     * Writes a function {@code forward} of the inputs and, last, the list of all that is stored; it answers a list.
     *
     * <p>Images are brought into the order of elements that convolutions like best.
     *
     * @param graph the operations
     * @param stored what the list holds, in order
     * @return the text, as {@link djinn.ops.TorchScript} takes it
     * @throws TraceException if an operation has an argument that the language has no literal for
     */
    static String function(Graph graph, List<Value> stored) {
        return new TorchScriptForward(graph).function(stored);
    }

    private String method(String type, List<Value> constants) {
        StringJoiner parameters = new StringJoiner(", ");
        parameters.add("self: " + type);
        graph.inputs().forEach(input -> parameters.add(named(input) + ": Tensor"));
        int outputs = graph.outputs().size();
        text.append("  def forward(").append(parameters).append(") -> ");
        text.append(outputs == 1 ? "Tensor" : "Tuple[" + "Tensor, ".repeat(outputs - 1) + "Tensor]");
        text.append(":\n");
        for (int i = 0; i < constants.size(); i++) {
            String constant = "CONSTANTS.c" + i;
            // a module takes its parameters to another device, but not its constants
            line(named(constants.get(i))
                    + " = "
                    + (graph.inputs().isEmpty()
                            ? constant
                            : "torch.to(" + constant + ", " + device() + ", None, False, False)"));
        }
        graph.stored().stream()
                .filter(value -> value.source() == Value.Source.PARAMETER)
                .forEach(value -> expressions.put(value, TorchModule.expression(value.name())));
        graph.nodes().forEach(this::node);
        StringJoiner answer = new StringJoiner(", ", outputs == 1 ? "" : "(", outputs == 1 ? "" : ")");
        graph.outputs().forEach(output -> answer.add(expression(output)));
        line("return " + answer);
        scripts()
                .lines()
                .forEach(each -> text.append("  ")
                        .append(OF_SCRIPT
                                .matcher(each)
                                .replaceFirst("def $1(self: " + Matcher.quoteReplacement(type) + ", "))
                        .append('\n'));
        return text.toString();
    }

    /** The functions of the scripts kept whole, under names that no other has. */
    private String scripts() {
        StringBuilder functions = new StringBuilder();
        scripts.forEach((script, prefix) ->
                functions.append(CALL.matcher(OF_SCRIPT.matcher(script).replaceAll("def " + prefix + "$1("))
                        .replaceAll("self." + prefix)));
        return functions.toString();
    }

    private String function(List<Value> stored) {
        taken.add(STORED);
        StringJoiner parameters = new StringJoiner(", ");
        graph.inputs().forEach(input -> parameters.add(named(input) + ": Tensor"));
        text.append("def forward(").append(parameters).append(", " + STORED + ": List[Tensor]) -> List[Tensor]:\n");
        for (int i = 0; i < stored.size(); i++) {
            expressions.put(stored.get(i), STORED + "[" + i + "]");
        }
        for (Value input : graph.inputs()) {
            if (input.shape().dimension() == IMAGES) {
                String given = expression(input);
                line(named(input) + " = torch.contiguous(" + given + ", memory_format=" + CHANNELS_LAST + ")");
            }
        }
        graph.nodes().forEach(this::node);
        StringJoiner answer = new StringJoiner(", ", "[", "]");
        graph.outputs().forEach(output -> answer.add("torch.contiguous(" + expression(output) + ")"));
        line("return " + answer);
        return text.append(scripts()).toString();
    }

    private void node(Node node) {
        List<String> given = new ArrayList<>();
        node.arguments().forEach(argument -> given.add(literal(node, argument)));
        node.keywords().forEach((name, argument) -> given.add(name + "=" + literal(node, argument)));
        if (FACTORIES.contains(node.op())
                && !node.keywords().containsKey("device")
                && !graph.inputs().isEmpty()) {
            given.add("device=" + device());
        }
        StringJoiner results = new StringJoiner(", ");
        node.results().forEach(result -> results.add(named(result)));
        String one = node.results().size() == 1 && node.answersTuple() ? "," : "";
        // what has a dot is of a library of its own
        String called = node.script().isPresent()
                ? "self." + prefix(node.script().get()) + node.function()
                : (node.op().contains(".") ? "ops." : "torch.") + node.op();
        line(results + one + " = " + called + "(" + String.join(", ", given) + ")");
    }

    private String prefix(TorchScript script) {
        return scripts.computeIfAbsent(script.text(), key -> "djinn_script" + scripts.size() + "_");
    }

    private String device() {
        return "ops.prim.device(" + expression(graph.inputs().get(0)) + ")";
    }

    private void line(String line) {
        text.append("    ").append(line).append('\n');
    }

    /** Makes a value a local variable. */
    private String named(Value value) {
        String name = value.name().replaceAll("\\W", "_");
        name = Character.isDigit(name.charAt(0)) ? "_" + name : name;
        while (!taken.add(name)) {
            name += "_";
        }
        expressions.put(value, name);
        return name;
    }

    private String expression(Value value) {
        String expression = expressions.get(value);
        if (expression == null) {
            throw new IllegalArgumentException(
                    "expected a graph that computes what it uses before, got one that uses " + value + " and does not");
        }
        return expression;
    }

    private String literal(Node node, Object argument) {
        if (argument == null) {
            return "None";
        } else if (argument instanceof Value value) {
            return expression(value);
        } else if (argument instanceof Extent extent) {
            return expression(extent);
        } else if (argument instanceof Long) {
            return argument.toString();
        } else if (argument instanceof Double number) {
            return literal(number);
        } else if (argument instanceof Boolean flag) {
            return flag ? "True" : "False";
        } else if (argument instanceof String string) {
            return TorchModule.quoted(string);
        } else if (argument instanceof ConvolutionFusion.Scalars scalars) {
            return "annotate(List[Optional[number]], " + scalars.numbers() + ")";
        } else if (argument instanceof List<?> list) {
            return literal(node, list);
        }
        throw refused(node, "an argument of " + argument.getClass().getName());
    }

    private String literal(Node node, List<?> list) {
        StringJoiner items = new StringJoiner(", ", "[", "]");
        for (Object item : list) {
            if (item == null || item instanceof List<?>) {
                throw refused(node, item == null ? "a list with None among its items" : "a list of lists");
            }
            items.add(literal(node, item));
        }
        // without its type, an empty list would be one of tensors
        return list.isEmpty() ? "annotate(List[int], [])" : items.toString();
    }

    private static String literal(double number) {
        if (Double.isNaN(number)) {
            return "nan";
        } else if (Double.isInfinite(number)) {
            return number > 0 ? "inf" : "-inf";
        }
        return Double.toString(number);
    }

    private String expression(Extent extent) {
        String size = "torch.size(" + expression(extent.of()) + ", " + extent.axis() + ")";
        return size
                + (extent.factor() == 1 ? "" : " * " + extent.factor())
                + (extent.divisor() == 1 ? "" : " // " + extent.divisor())
                + (extent.offset() == 0 ? "" : " + " + extent.offset());
    }

    private static TraceException refused(Node node, String what) {
        return new TraceException("cannot write '" + node.op() + "' of " + node.where() + " as TorchScript: it has "
                + what + "; use another operation");
    }
}
