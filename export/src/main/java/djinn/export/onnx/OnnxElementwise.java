package djinn.export.onnx;

import ai.djl.ndarray.types.DataType;
import djinn.export.trace.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/** Arithmetic, functions, comparisons and types, element by element. */
final class OnnxElementwise {

    private static final Map<String, String> FUNCTIONS = Map.ofEntries(
            Map.entry("neg", "Neg"),
            Map.entry("abs", "Abs"),
            Map.entry("sqrt", "Sqrt"),
            Map.entry("floor", "Floor"),
            Map.entry("ceil", "Ceil"),
            Map.entry("round", "Round"),
            Map.entry("exp", "Exp"),
            Map.entry("log", "Log"),
            Map.entry("sin", "Sin"),
            Map.entry("tan", "Tan"),
            Map.entry("asin", "Asin"),
            Map.entry("acos", "Acos"),
            Map.entry("atan", "Atan"),
            Map.entry("sinh", "Sinh"),
            Map.entry("cosh", "Cosh"),
            Map.entry("tanh", "Tanh"),
            Map.entry("sign", "Sign"),
            Map.entry("erf", "Erf"),
            Map.entry("reciprocal", "Reciprocal"));

    /** Functions that leave whole numbers as they are. */
    private static final List<String> ROUNDINGS = List.of("floor", "ceil", "round", "trunc");

    private static final Map<String, String> COMPARISONS = Map.of(
            "eq", "Equal",
            "gt", "Greater",
            "ge", "GreaterOrEqual",
            "lt", "Less",
            "le", "LessOrEqual");

    private static final Map<String, String> LOGICAL = Map.of(
            "logical_and", "And",
            "logical_or", "Or",
            "logical_xor", "Xor",
            "bitwise_and", "And",
            "bitwise_or", "Or",
            "bitwise_xor", "Xor");

    private OnnxElementwise() {}

    static Map<String, Translation> table() {
        Map<String, Translation> table = new TreeMap<>();
        FUNCTIONS.forEach((aten, onnx) -> table.put(aten, Translation.one(call -> function(call, onnx))));
        COMPARISONS.forEach((aten, onnx) -> table.put(aten, Translation.one(call -> compare(call, onnx))));
        LOGICAL.forEach((aten, onnx) -> table.put(aten, Translation.one(call -> logical(call, onnx))));
        table.put("ne", Translation.one(call -> call.add("Not", compare(call, "Equal"))));
        table.put("logical_not", Translation.one(call -> call.add("Not", call.operand(0, DataType.BOOLEAN))));
        table.put("isnan", Translation.one(call -> call.add("IsNaN", call.in(0))));
        table.put("square", Translation.one(OnnxElementwise::square));
        table.put("trunc", Translation.one(OnnxElementwise::trunc));
        table.put("log2", Translation.one(call -> logarithm(call, 2)));
        table.put("cos", Translation.one(OnnxElementwise::cos));
        table.put("log10", Translation.one(call -> logarithm(call, 10)));
        table.put("rsqrt", Translation.one(call -> call.add("Reciprocal", function(call, "Sqrt"))));
        table.put("log1p", Translation.one(OnnxElementwise::log1p));
        table.put("expm1", Translation.one(OnnxElementwise::expm1));
        table.put("add", Translation.one(call -> sum(call, "Add", "Or", 0, 1)));
        table.put("sub", Translation.one(call -> sum(call, "Sub", "Xor", 0, 1)));
        table.put("rsub", Translation.one(call -> sum(call, "Sub", "Xor", 1, 0)));
        table.put("mul", Translation.one(call -> binary(call, "Mul", "And")));
        table.put("maximum", Translation.one(call -> binary(call, "Max", "Or")));
        table.put("minimum", Translation.one(call -> binary(call, "Min", "And")));
        table.put("pow", Translation.one(call -> binary(call, "Pow", "Or")));
        table.put("div", Translation.one(OnnxElementwise::div));
        table.put("floor_divide", Translation.one(OnnxElementwise::floorDivide));
        table.put("remainder", Translation.one(OnnxElementwise::remainder));
        table.put("fmod", Translation.one(OnnxElementwise::fmod));
        table.put("clamp", Translation.one(call -> clamp(call, call.argument(1, "min"), call.argument(2, "max"))));
        table.put("clamp_min", Translation.one(call -> clamp(call, call.argument(1, "min"), null)));
        table.put("clamp_max", Translation.one(call -> clamp(call, null, call.argument(1, "max"))));
        table.put("where", Translation.one(OnnxElementwise::where));
        table.put("masked_fill", Translation.one(OnnxElementwise::maskedFill));
        table.put("to", Translation.one(call -> call.operand(0, call.type())));
        return table;
    }

    private static String function(OnnxCall call, String op) {
        DataType type = call.type();
        if (!type.isFloating() && ROUNDINGS.contains(call.op())) {
            return call.in(0);
        }
        return computed(call, type, wide -> call.add(op, call.operand(0, wide)));
    }

    /** Computes in a type ONNX Runtime has the operation for, and goes back. */
    private static String computed(OnnxCall call, DataType type, Function<DataType, String> body) {
        DataType wide = OnnxTypes.computed(type);
        return call.cast(body.apply(wide), wide, type);
    }

    /** ONNX Runtime has sines of double precision, and no cosines. */
    private static String cos(OnnxCall call) {
        if (call.type() != DataType.FLOAT64) {
            return function(call, "Cos");
        }
        String right = call.onnx().number(DataType.FLOAT64, Math.PI / 2);
        return call.add("Sin", call.add("Add", List.of(call.operand(0, DataType.FLOAT64), right)));
    }

    private static String square(OnnxCall call) {
        return computed(call, call.type(), wide -> {
            String x = call.operand(0, wide);
            return call.add("Mul", List.of(x, x));
        });
    }

    private static String trunc(OnnxCall call) {
        if (!call.type().isFloating()) {
            return call.in(0);
        }
        String x = call.in(0);
        return call.add("Mul", List.of(call.add("Sign", x), call.add("Floor", call.add("Abs", x))));
    }

    private static String logarithm(OnnxCall call, double base) {
        String scale = call.onnx().number(call.type(), 1 / Math.log(base));
        return call.add("Mul", List.of(function(call, "Log"), scale));
    }

    private static String log1p(OnnxCall call) {
        String one = call.onnx().number(call.type(), 1);
        return call.add("Log", call.add("Add", List.of(call.operand(0, call.type()), one)));
    }

    private static String expm1(OnnxCall call) {
        String one = call.onnx().number(call.type(), 1);
        return call.add("Sub", List.of(function(call, "Exp"), one));
    }

    /** An operation on two arguments, in the type of the result; on truth values another one. */
    private static String binary(OnnxCall call, String op, String logical) {
        if (call.type() == DataType.BOOLEAN) {
            return logical(call, logical);
        }
        return computed(call, call.type(), wide -> call.add(op, List.of(call.operand(0, wide), call.operand(1, wide))));
    }

    /** {@code x + alpha y} and its like. */
    private static String sum(OnnxCall call, String op, String logical, int first, int second) {
        if (call.type() == DataType.BOOLEAN) {
            return logical(call, logical);
        }
        return computed(call, call.type(), wide -> {
            String x = call.operand(0, wide);
            String y = call.operand(1, wide);
            List<String> operands = new ArrayList<>(List.of(x, y));
            // alpha goes with the one that is added or taken off
            double alpha = call.number(2, "alpha", 1);
            if (alpha != 1) {
                int scaled = first == 0 ? 1 : 0;
                operands.set(
                        scaled,
                        call.add(
                                "Mul", List.of(operands.get(scaled), call.onnx().number(wide, alpha))));
            }
            return call.add(op, List.of(operands.get(first), operands.get(second)));
        });
    }

    private static String div(OnnxCall call) {
        if (call.argument(-1, "rounding_mode") instanceof String mode) {
            if (mode.equals("floor")) {
                return floorDivide(call);
            }
            throw call.refuse("rounding mode '" + mode + "' is not known");
        }
        return binary(call, "Div", "And");
    }

    private static String floorDivide(OnnxCall call) {
        if (call.type().isFloating()) {
            return call.add("Floor", binary(call, "Div", "And"));
        }
        return computed(call, call.type(), wide -> {
            String x = call.operand(0, wide);
            String y = call.operand(1, wide);
            // ONNX divides towards zero: what is left over is taken off first
            String whole = call.add("Sub", List.of(x, call.add("Mod", List.of(x, y))));
            return call.add("Div", List.of(whole, y));
        });
    }

    /** What is left has the sign of the divisor, as in Python. */
    private static String remainder(OnnxCall call) {
        if (!call.type().isFloating()) {
            return binary(call, "Mod", "And");
        }
        return computed(call, call.type(), wide -> {
            String y = call.operand(1, wide);
            String left = call.add("Mod", List.of(call.operand(0, wide), y), OnnxBuilder.integer("fmod", 1));
            String zero = call.onnx().number(wide, 0);
            // of another sign than the divisor, and not zero
            String apart = call.add("Less", List.of(call.add("Mul", List.of(call.add("Sign", left), y)), zero));
            return call.add("Where", List.of(apart, call.add("Add", List.of(left, y)), left));
        });
    }

    private static String fmod(OnnxCall call) {
        return computed(
                call,
                call.type(),
                wide -> call.add(
                        "Mod", List.of(call.operand(0, wide), call.operand(1, wide)), OnnxBuilder.integer("fmod", 1)));
    }

    private static String compare(OnnxCall call, String op) {
        DataType type = OnnxTypes.promoted(call.argument(0), call.argument(1));
        DataType wide = op.equals("Equal") && type == DataType.BOOLEAN ? type : OnnxTypes.computed(type);
        return call.add(op, List.of(call.operand(0, wide), call.operand(1, wide)));
    }

    private static String logical(OnnxCall call, String op) {
        if (call.type() != DataType.BOOLEAN) {
            throw call.refuse("expected truth values, got numbers");
        }
        return call.add(op, List.of(call.operand(0, DataType.BOOLEAN), call.operand(1, DataType.BOOLEAN)));
    }

    /** Bounds that are numbers, arrays, or null. */
    static String clamp(OnnxCall call, Object least, Object most) {
        return computed(call, call.type(), wide -> {
            String x = call.operand(0, wide);
            boolean arrays = least instanceof Value || most instanceof Value;
            if (!arrays) {
                List<String> inputs = new ArrayList<>(List.of(x, least == null ? "" : call.operand(least, wide)));
                if (most != null) {
                    inputs.add(call.operand(most, wide));
                }
                return call.add("Clip", inputs);
            }
            x = least == null ? x : call.add("Max", List.of(x, call.operand(least, wide)));
            return most == null ? x : call.add("Min", List.of(x, call.operand(most, wide)));
        });
    }

    private static String where(OnnxCall call) {
        return call.add(
                "Where",
                List.of(call.operand(0, DataType.BOOLEAN), call.operand(1, call.type()), call.operand(2, call.type())));
    }

    private static String maskedFill(OnnxCall call) {
        return call.add(
                "Where",
                List.of(call.operand(1, DataType.BOOLEAN), call.operand(2, call.type()), call.operand(0, call.type())));
    }
}
