package djinn.export.trace;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import djinn.ops.TorchScript;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Function;

/**
 * One trace under way: every operation is run by the engine and written down.
 *
 * <p>Operations are ATen's. What DJL's arrays call them is known to {@link ArrayHandler}, what scripts do to
 * {@link ScriptInterpreter}.
 */
final class Recorder {

    /** Operations whose result shares the memory of what they are given. */
    static final Set<String> VIEWS = Set.of(
            "reshape",
            "view",
            "permute",
            "transpose",
            "unsqueeze",
            "squeeze",
            "flatten",
            "unflatten",
            "expand",
            "slice",
            "select",
            "split",
            "split_with_sizes",
            "chunk",
            "unbind");

    /** Operations that change neither values nor shape. */
    private static final Set<String> TRANSPARENT = Set.of("contiguous", "detach", "alias");

    /** Operations that differ from call to call. */
    static final Set<String> RANDOM = Set.of(
            "rand",
            "randn",
            "randint",
            "rand_like",
            "randn_like",
            "bernoulli",
            "dropout",
            "feature_dropout",
            "multinomial",
            "normal",
            "randperm");

    private static final StackWalker STACK = StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE);

    private final NDManager running;
    private final NDManager constants;
    private final Map<Parameter, String> names;
    private final Map<Parameter, NDArray> parameters = new HashMap<>();
    private final List<Node> nodes = new ArrayList<>();
    private final NDManager manager;
    private final OptionalInt variant;
    private int counter;
    private int choosing;

    /**
     * A trace.
     *
     * @param running owns what is computed while tracing
     * @param constants owns what the graph keeps
     * @param names the block's parameters and their names
     * @param variant which of several traces this is, with other numbers of rows chosen in each; empty for the true ones
     */
    Recorder(NDManager running, NDManager constants, Map<Parameter, String> names, OptionalInt variant) {
        this.running = running;
        this.constants = constants;
        this.names = names;
        this.variant = variant;
        this.manager = ManagerHandler.proxy(running, this);
    }

    /** Returns the manager a block sees. */
    NDManager manager() {
        return manager;
    }

    /** Returns an input of the block. */
    NDArray input(String name, NDArray array) {
        NDArray copy = array.duplicate();
        copy.attach(running);
        return new ArrayHandler(this, copy, new Value(Value.Source.INPUT, name, copy)).proxy();
    }

    /** Returns the array of a parameter, the same one every time. */
    NDArray parameter(Parameter parameter) {
        return parameters.computeIfAbsent(parameter, p -> {
            String name = names.getOrDefault(p, "parameter" + counter++);
            NDArray array = p.getArray();
            return new ArrayHandler(this, array, new Value(Value.Source.PARAMETER, name, array)).proxy();
        });
    }

    /** Returns an array that does not depend on the input. */
    ArrayHandler constant(NDArray array) {
        NDArray copy = array.duplicate();
        copy.attach(constants);
        return new ArrayHandler(this, copy, new Value(Value.Source.CONSTANT, "constant" + counter++, copy));
    }

    /** Returns what is known of an array; one of the engine's becomes a constant. */
    ArrayHandler of(NDArray array) {
        ArrayHandler handler = ArrayHandler.behind(array);
        return handler == null ? constant(array) : handler;
    }

    /**
     * Runs an operation of one result and writes it down.
     *
     * @param op its ATen name
     * @param arguments arrays, lists and plain values; other numbers are widened
     * @return the result
     */
    ArrayHandler apply(String op, Object... arguments) {
        return applyAll(op, Arrays.asList(arguments), Map.of()).get(0);
    }

    /**
     * Runs an operation and writes it down.
     *
     * @param op its ATen name
     * @param arguments arrays, lists and plain values; other numbers are widened
     * @param keywords arguments by name
     * @return the results
     */
    List<ArrayHandler> applyAll(String op, List<?> arguments, Map<String, ?> keywords) {
        return applyAll(op, arguments, keywords, Optional.empty());
    }

    /**
     * Runs a function of a script that answers one tensor and writes it down as one operation.
     *
     * @param script the script
     * @param function its function
     * @param arguments as for an operation
     * @return the result
     */
    ArrayHandler applyWhole(TorchScript script, String function, List<?> arguments) {
        return applyAll(Node.OF_SCRIPT + function, arguments, Map.of(), Optional.of(script))
                .get(0);
    }

    private List<ArrayHandler> applyAll(
            String op, List<?> arguments, Map<String, ?> keywords, Optional<TorchScript> script) {
        if (RANDOM.contains(op)) {
            throw error("'" + op + "' gives other values every time", "trace the block in evaluation");
        }
        List<Object> given = new ArrayList<>();
        arguments.forEach(argument -> given.add(plain(argument)));
        Map<String, Object> named = new LinkedHashMap<>();
        keywords.forEach((name, argument) -> named.put(name, plain(argument)));

        Node asked = new Node(
                op,
                convert(given, ArrayHandler::value),
                convert(named, ArrayHandler::value),
                List.of(),
                where(),
                script);
        NDList results;
        try {
            results = asked.run(convert(given, ArrayHandler::real), convert(named, ArrayHandler::real));
        } catch (EngineException | IllegalArgumentException e) {
            throw error("the engine refuses '" + op + "': " + firstLine(e), "is the input of the right shape?");
        }
        results.attach(running);
        if (asked.choosesRows() && variant.isPresent()) {
            long rows = VaryingSizes.rowsOfChoice(choosing++, variant.getAsInt());
            results = DynamicTrace.resized(results, List.of(DynamicTrace.ROWS), List.of(rows), running);
        }
        ArrayHandler first = given.stream()
                .filter(ArrayHandler.class::isInstance)
                .map(ArrayHandler.class::cast)
                .findFirst()
                .orElse(null);
        List<ArrayHandler> handlers = new ArrayList<>();
        if (TRANSPARENT.contains(op)) {
            handlers.add(new ArrayHandler(this, results.get(0), first.value(), first.memory()));
            return handlers;
        }
        List<Value> values = new ArrayList<>();
        for (NDArray result : results) {
            Value value = new Value(Value.Source.NODE, op + "_" + counter++, result);
            values.add(value);
            handlers.add(
                    VIEWS.contains(op)
                            ? new ArrayHandler(this, result, value, first.memory())
                            : new ArrayHandler(this, result, value));
        }
        nodes.add(new Node(op, asked.arguments(), asked.keywords(), values, asked.where(), script));
        return handlers;
    }

    /** Returns the operations so far that the outputs need. */
    List<Node> nodesFor(List<Value> outputs) {
        Map<Value, Node> makers = new HashMap<>();
        nodes.forEach(node -> node.results().forEach(result -> makers.put(result, node)));
        Set<Value> needed = new HashSet<>();
        Set<Value> seen = new HashSet<>();
        Deque<Value> open = new ArrayDeque<>(outputs);
        while (!open.isEmpty()) {
            Value value = open.pop();
            Node maker = makers.get(value);
            if (seen.add(value) && maker != null) {
                needed.addAll(maker.results());
                open.addAll(maker.inputs());
            }
        }
        return nodes.stream().filter(node -> needed.contains(node.result())).toList();
    }

    /** Returns an error that names the block and line it comes from. */
    TraceException error(String what, String remedy) {
        return new TraceException("cannot trace " + where() + ": " + what + "; " + remedy);
    }

    private static String firstLine(RuntimeException e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    }

    /** The innermost line of a block that an exception came through. */
    static String where(RuntimeException thrown) {
        for (StackTraceElement frame : thrown.getStackTrace()) {
            if (!frame.getClassName().startsWith("ai.djl.nn.Abstract") && isBlock(frame.getClassName())) {
                return line(frame.getClassName(), frame.getMethodName(), frame.getLineNumber());
            }
        }
        return "the block";
    }

    private static boolean isBlock(String name) {
        try {
            ClassLoader loader = Thread.currentThread().getContextClassLoader();
            return Block.class.isAssignableFrom(Class.forName(name, false, loader));
        } catch (ClassNotFoundException | LinkageError e) {
            return false;
        }
    }

    /** The innermost line of a block on the stack. */
    private static String where() {
        return STACK.walk(frames -> frames.filter(frame -> Block.class.isAssignableFrom(frame.getDeclaringClass()))
                        .filter(frame -> !frame.getClassName().startsWith("ai.djl.nn.Abstract"))
                        .findFirst())
                .map(frame -> line(frame.getClassName(), frame.getMethodName(), frame.getLineNumber()))
                .orElse("the block");
    }

    private static String line(String name, String method, int line) {
        return name.substring(name.lastIndexOf('.') + 1).replace('$', '.') + "." + method
                + (line > 0 ? ":" + line : "");
    }

    /** Makes handlers of arrays and Long, Double, List of numbers. */
    private Object plain(Object argument) {
        if (argument instanceof NDArray array) {
            return of(array).current();
        } else if (argument instanceof ArrayHandler handler) {
            return handler.current();
        } else if (argument instanceof Integer || argument instanceof Short || argument instanceof Byte) {
            return ((Number) argument).longValue();
        } else if (argument instanceof Float number) {
            return number.doubleValue();
        } else if (argument instanceof long[] numbers) {
            return Arrays.stream(numbers).boxed().toList();
        } else if (argument instanceof int[] numbers) {
            return Arrays.stream(numbers).mapToObj(Long::valueOf).toList();
        } else if (argument instanceof double[] numbers) {
            return Arrays.stream(numbers).boxed().toList();
        } else if (argument instanceof Shape shape) {
            return plain(shape.getShape());
        } else if (argument instanceof DataType type) {
            return ScalarType.of(type);
        } else if (argument instanceof List<?> list) {
            return list.stream().map(this::plain).toList();
        }
        return argument;
    }

    private static List<Object> convert(List<Object> arguments, Function<ArrayHandler, Object> conversion) {
        List<Object> converted = new ArrayList<>();
        arguments.forEach(argument -> converted.add(convert(argument, conversion)));
        return converted;
    }

    private static Map<String, Object> convert(
            Map<String, Object> keywords, Function<ArrayHandler, Object> conversion) {
        Map<String, Object> converted = new LinkedHashMap<>();
        keywords.forEach((name, argument) -> converted.put(name, convert(argument, conversion)));
        return converted;
    }

    private static Object convert(Object argument, Function<ArrayHandler, Object> conversion) {
        if (argument instanceof ArrayHandler handler) {
            return conversion.apply(handler);
        } else if (argument instanceof List<?> list) {
            return list.stream().map(item -> convert(item, conversion)).toList();
        }
        return argument;
    }
}
