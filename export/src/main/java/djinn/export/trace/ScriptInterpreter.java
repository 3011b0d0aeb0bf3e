package djinn.export.trace;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import djinn.ops.TorchScript;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/**
 * Runs a function of a TorchScript text statement by statement, so that each of its operations is part of the trace.
 *
 * <p>What is not a tensor (sizes, counts, switches) is computed in Java, and branches are taken as the example input
 * takes them.
 */
final class ScriptInterpreter {

    private static final Map<String, Map<String, Script.Function>> PARSED = new ConcurrentHashMap<>();

    private static final int MOST_ROUNDS = 1_000_000;

    private final Recorder recorder;
    private final TorchScript script;
    private Map<String, Script.Function> functions = Map.of();

    /** What a function returned, as against running into its end. */
    private record Returned(Object value) {}

    ScriptInterpreter(Recorder recorder, TorchScript script) {
        this.recorder = recorder;
        this.script = script;
    }

    /** Calls a function as {@link TorchScript#call} does. */
    Object call(String function, Object... arguments) {
        List<Object> given = new ArrayList<>();
        for (Object argument : arguments) {
            given.add(inside(argument));
        }
        if (function.startsWith(Node.WHOLE)) {
            return whole(function, given, "it is one operation");
        }
        try {
            functions = PARSED.computeIfAbsent(script.text(), Script::parse);
            return outside(call(function, given));
        } catch (ScriptException e) {
            return whole(function, given, e.getMessage());
        } catch (ClassCastException | IndexOutOfBoundsException | NullPointerException e) {
            return whole(function, given, "it is not understood (" + e + ")");
        }
    }

    /** What cannot be taken apart is one operation, as long as it answers one tensor and always the same one. */
    private NDArray whole(String function, List<Object> given, String why) {
        boolean single = Pattern.compile("(?m)^def " + function + "\\(.*-> Tensor:")
                .matcher(script.text())
                .find();
        if (!single || Recorder.RANDOM.stream().anyMatch(op -> script.text().contains("torch." + op + "("))) {
            throw recorder.error(
                    "the script's function '" + function + "' cannot be taken apart: " + why,
                    "let it compute one tensor, without chance");
        }
        return recorder.applyWhole(script, function, given).proxy();
    }

    private Object call(String name, List<Object> arguments) {
        Script.Function function = functions.get(name);
        if (function == null || function.parameters().size() != arguments.size()) {
            throw new ScriptException("it has no function '" + name + "' of " + arguments.size() + " arguments");
        }
        Map<String, Object> scope = new HashMap<>();
        for (int i = 0; i < arguments.size(); i++) {
            scope.put(function.parameters().get(i), arguments.get(i));
        }
        Returned returned = run(function.body(), scope);
        return returned == null ? null : returned.value;
    }

    private Returned run(List<Script.Statement> statements, Map<String, Object> scope) {
        for (Script.Statement statement : statements) {
            Returned returned = run(statement, scope);
            if (returned != null) {
                return returned;
            }
        }
        return null;
    }

    private Returned run(Script.Statement statement, Map<String, Object> scope) {
        if (statement instanceof Script.Return done) {
            return new Returned(value(done.value(), scope));
        } else if (statement instanceof Script.If branch) {
            return run(truth(value(branch.condition(), scope)) ? branch.then() : branch.otherwise(), scope);
        } else if (statement instanceof Script.For loop) {
            for (Object item : (List<?>) value(loop.over(), scope)) {
                scope.put(loop.name(), item);
                Returned returned = run(loop.body(), scope);
                if (returned != null) {
                    return returned;
                }
            }
        } else if (statement instanceof Script.While loop) {
            for (int round = 0; truth(value(loop.condition(), scope)); round++) {
                Returned returned = run(loop.body(), scope);
                if (returned != null) {
                    return returned;
                }
                if (round == MOST_ROUNDS) {
                    throw new ScriptException("it has a loop of more than " + MOST_ROUNDS + " rounds");
                }
            }
        } else if (statement instanceof Script.Assign assign) {
            Object value = value(assign.value(), scope);
            if (assign.targets().size() == 1) {
                scope.put(assign.targets().get(0), value);
            } else if (assign.targets().size() > 1) {
                List<?> values = (List<?>) value;
                for (int i = 0; i < assign.targets().size(); i++) {
                    scope.put(assign.targets().get(i), values.get(i));
                }
            }
        }
        return null;
    }

    private Object value(Script.Expression expression, Map<String, Object> scope) {
        if (expression instanceof Script.Literal literal) {
            return literal.value();
        } else if (expression instanceof Script.Name name) {
            // a name that is not a variable is a type, as in annotate(List[Tensor], [])
            return scope.get(name.name());
        } else if (expression instanceof Script.Sequence sequence) {
            List<Object> items = new ArrayList<>();
            sequence.items().forEach(item -> items.add(value(item, scope)));
            return items;
        } else if (expression instanceof Script.Index index) {
            Object of = value(index.of(), scope);
            if (of == null) {
                return null;
            }
            int at = ((Long) value(index.at(), scope)).intValue();
            List<?> list = (List<?>) of;
            return list.get(at < 0 ? at + list.size() : at);
        } else if (expression instanceof Script.Unary unary) {
            Object x = value(unary.x(), scope);
            if (unary.operator().equals("not")) {
                return !truth(x);
            }
            return x instanceof Long whole ? (Object) (-whole) : (Object) (-((Double) x));
        } else if (expression instanceof Script.Binary binary) {
            return binary(binary, scope);
        }
        return call((Script.Call) expression, scope);
    }

    private Object binary(Script.Binary binary, Map<String, Object> scope) {
        Object x = value(binary.x(), scope);
        switch (binary.operator()) {
            case "and" -> {
                return truth(x) && truth(value(binary.y(), scope));
            }
            case "or" -> {
                return truth(x) || truth(value(binary.y(), scope));
            }
            case "is" -> {
                return (x == null) == (value(binary.y(), scope) == null);
            }
            case "is not" -> {
                return (x == null) != (value(binary.y(), scope) == null);
            }
            default -> {
                return Numbers.compute(binary.operator(), x, value(binary.y(), scope));
            }
        }
    }

    private Object call(Script.Call call, Map<String, Object> scope) {
        String name = call.function();
        if (name.equals("unchecked_cast") || name.equals("annotate")) {
            return value(call.arguments().get(1), scope);
        }
        List<Object> arguments = new ArrayList<>();
        call.arguments().forEach(argument -> arguments.add(value(argument, scope)));
        Map<String, Object> keywords = new LinkedHashMap<>();
        call.keywords().forEach((keyword, argument) -> keywords.put(keyword, value(argument, scope)));
        if (name.startsWith("self.")) {
            return call(name.substring(5), arguments);
        } else if (name.equals("range")) {
            return range(arguments);
        } else if (name.equals("float")) {
            return number(arguments.get(0)).doubleValue();
        } else if (name.equals("int")) {
            return number(arguments.get(0)).longValue();
        } else if (name.equals("ops.prim.device")) {
            // tracing runs on one device, where arrays are made anyway
            return null;
        } else if (name.startsWith("torch.")) {
            return torch(name.substring(6), arguments, keywords);
        }
        throw new ScriptException("it calls '" + name + "'");
    }

    private Object torch(String op, List<Object> arguments, Map<String, Object> keywords) {
        Object first = arguments.isEmpty() ? null : arguments.get(0);
        if (first instanceof ArrayHandler x) {
            List<Long> sizes =
                    Arrays.stream(x.value().shape().getShape()).boxed().toList();
            switch (op) {
                case "size" -> {
                    return arguments.size() == 1 ? sizes : sizes.get(axis(arguments.get(1), sizes.size()));
                }
                case "dim" -> {
                    return (long) sizes.size();
                }
                case "len" -> {
                    return sizes.get(0);
                }
                case "numel" -> {
                    return x.value().shape().size();
                }
                case "is_floating_point" -> {
                    return x.value().type().isFloating();
                }
                case "type_as" -> {
                    ArrayHandler other = (ArrayHandler) arguments.get(1);
                    return x.value().type() == other.value().type()
                            ? x
                            : recorder.apply("to", x, other.value().type(), false, false);
                }
                default -> {
                    // below
                }
            }
        } else if (op.equals("len")) {
            return (long) ((List<?>) first).size();
        } else if (op.equals("append")) {
            @SuppressWarnings("unchecked")
            List<Object> list = (List<Object>) first;
            list.add(arguments.get(1));
            return list;
        } else if (first instanceof Number
                && arguments.stream().noneMatch(ArrayHandler.class::isInstance)
                && Numbers.knows(op)) {
            return Numbers.compute(op, first, arguments.get(1));
        }
        keywords.values().removeIf(Objects::isNull);
        List<ArrayHandler> results = recorder.applyAll(op, arguments, keywords);
        return results.size() == 1 && !Aten.manyResults(op) ? results.get(0) : new ArrayList<>(results);
    }

    private static List<Object> range(List<Object> arguments) {
        long from = arguments.size() == 1 ? 0 : (Long) arguments.get(0);
        long to = (Long) arguments.get(arguments.size() == 1 ? 0 : 1);
        long step = arguments.size() == 3 ? (Long) arguments.get(2) : 1;
        List<Object> range = new ArrayList<>();
        for (long i = from; step > 0 ? i < to : i > to; i += step) {
            range.add(i);
        }
        return range;
    }

    private static int axis(Object axis, int dimensions) {
        int at = ((Long) axis).intValue();
        return at < 0 ? at + dimensions : at;
    }

    private static Number number(Object value) {
        if (value instanceof Number number) {
            return number;
        }
        throw new ScriptException("it looks at elements of a tensor");
    }

    private static boolean truth(Object value) {
        if (value instanceof Boolean flag) {
            return flag;
        } else if (value instanceof ArrayHandler) {
            throw new ScriptException("it looks at elements of a tensor");
        }
        return value instanceof Number number && number.doubleValue() != 0;
    }

    private Object inside(Object argument) {
        if (argument instanceof NDArray array) {
            return recorder.of(array);
        } else if (argument instanceof List<?> list) {
            List<Object> inside = new ArrayList<>();
            list.forEach(item -> inside.add(inside(item)));
            return inside;
        } else if (argument instanceof Integer || argument instanceof Short) {
            return ((Number) argument).longValue();
        } else if (argument instanceof Float number) {
            return number.doubleValue();
        } else if (argument instanceof long[] numbers) {
            return new ArrayList<Object>(Arrays.stream(numbers).boxed().toList());
        } else if (argument instanceof double[] numbers) {
            return new ArrayList<Object>(Arrays.stream(numbers).boxed().toList());
        }
        return argument;
    }

    private static Object outside(Object value) {
        if (value instanceof ArrayHandler handler) {
            return handler.proxy();
        } else if (value instanceof List<?> list) {
            NDList arrays = new NDList();
            list.forEach(item -> arrays.add(((ArrayHandler) item).proxy()));
            return arrays;
        }
        return value;
    }
}
