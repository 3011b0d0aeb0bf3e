package djinn.export.trace;

import java.util.Map;

/** Python's arithmetic on numbers, under the names of its operators and of TorchScript's functions. */
final class Numbers {

    private static final Map<String, String> OPERATORS = Map.ofEntries(
            Map.entry("add", "+"),
            Map.entry("sub", "-"),
            Map.entry("mul", "*"),
            Map.entry("div", "/"),
            Map.entry("floordiv", "//"),
            Map.entry("remainder", "%"),
            Map.entry("pow", "**"),
            Map.entry("eq", "=="),
            Map.entry("ne", "!="),
            Map.entry("lt", "<"),
            Map.entry("le", "<="),
            Map.entry("gt", ">"),
            Map.entry("ge", ">="));

    private Numbers() {}

    /** Returns whether {@link #compute} knows a function of TorchScript. */
    static boolean knows(String function) {
        return OPERATORS.containsKey(function);
    }

    /**
     * Computes.
     *
     * @param operator Python's operator, or TorchScript's function
     * @param x Long, Double, Boolean or String
     * @param y of these too
     * @return Long if both are and the operator keeps whole numbers, Boolean for comparisons, else Double
     */
    static Object compute(String operator, Object x, Object y) {
        String symbol = OPERATORS.getOrDefault(operator, operator);
        if (symbol.equals("==")) {
            return same(x, y);
        } else if (symbol.equals("!=")) {
            return !same(x, y);
        }
        if (!(x instanceof Number a) || !(y instanceof Number b)) {
            throw new ScriptException("it computes " + x + " " + symbol + " " + y);
        }
        boolean whole = x instanceof Long && y instanceof Long;
        return whole ? whole(symbol, (Long) x, (Long) y) : real(symbol, a.doubleValue(), b.doubleValue());
    }

    private static boolean same(Object x, Object y) {
        if (x instanceof Number a && y instanceof Number b) {
            return a.doubleValue() == b.doubleValue();
        }
        return x.equals(y);
    }

    private static Object whole(String symbol, long x, long y) {
        return switch (symbol) {
            case "+" -> x + y;
            case "-" -> x - y;
            case "*" -> x * y;
            case "//" -> Math.floorDiv(x, y);
            case "%" -> Math.floorMod(x, y);
            default -> real(symbol, (double) x, (double) y);
        };
    }

    private static Object real(String symbol, double x, double y) {
        return switch (symbol) {
            case "+" -> x + y;
            case "-" -> x - y;
            case "*" -> x * y;
            case "/" -> x / y;
            case "//" -> Math.floor(x / y);
            case "%" -> x - y * Math.floor(x / y);
            case "**" -> Math.pow(x, y);
            case "<" -> x < y;
            case "<=" -> x <= y;
            case ">" -> x > y;
            case ">=" -> x >= y;
            default -> throw new ScriptException("it has the operator " + symbol);
        };
    }
}
