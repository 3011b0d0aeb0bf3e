package djinn.export.trace;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;

/** The sizes of values that differ between traces of one block, and the numbers that follow them. */
final class VaryingSizes {

    /** Divisors that are tried where a size is divided and rounded down. */
    private static final int LARGEST_DIVISOR = 64;

    /** A size that differs between the traces: whose, and what it was in each. */
    private record Varying(Value of, int axis, List<Long> sizes) {}

    private final Map<Value, List<Value>> twins = new HashMap<>();
    private final Map<Value, Map<Integer, String>> dynamic = new HashMap<>();
    private final Map<List<Long>, String> names;
    /** One for each different list of sizes, the earliest first. */
    private final Map<List<Long>, Varying> varying = new LinkedHashMap<>();
    /** The value made last for each list of sizes. */
    private final Map<List<Long>, Varying> latest = new HashMap<>();

    /**
     * No sizes yet.
     *
     * @param names what those of the inputs are called, by what they are in each trace
     */
    VaryingSizes(Map<List<Long>, String> names) {
        this.names = new HashMap<>(names);
    }

    /** Returns which axes of which values vary, and what their sizes are called. */
    Map<Value, Map<Integer, String>> dynamic() {
        return dynamic;
    }

    /** Returns what a value of the first trace is in another; null if it is not known. */
    Value in(Value value, int trace) {
        return twins.containsKey(value) ? twins.get(value).get(trace) : null;
    }

    /**
     * Returns how many rows an operation that chooses answers in one of several traces: of no two such operations does one
     * number follow from the other along a straight line.
     *
     * @param choice which of the operations, from 0
     * @param trace which of the traces, from 0
     */
    static long rowsOfChoice(int choice, int trace) {
        return 3L + choice + (choice + 2L) * trace + (long) trace * trace;
    }

    /** Returns whether not all are the same. */
    static boolean differ(List<?> all) {
        return all.stream().anyMatch(other -> !Objects.equals(other, all.get(0)));
    }

    /** Keeps what a value was in each trace, and which of its sizes vary. */
    void know(Value value, List<Value> all) {
        twins.put(value, all);
        for (int axis = 0; axis < value.shape().dimension(); axis++) {
            int at = axis;
            List<Long> sizes = all.stream().map(v -> v.shape().get(at)).toList();
            if (differ(sizes)) {
                Varying size = new Varying(value, axis, sizes);
                varying.putIfAbsent(sizes, size);
                latest.put(sizes, size);
                String name = names.computeIfAbsent(sizes, s -> value.name() + "_" + at);
                dynamic.computeIfAbsent(value, v -> new HashMap<>()).put(axis, name);
            }
        }
    }

    /**
     * The size that numbers follow: of what the node is given; or the same size of the value made last; or of an input
     * of the graph or any other value.
     */
    Extent follows(Node node, List<Object> numbers) {
        List<Long> wanted = whole(node, numbers);
        if (wanted.isEmpty()) {
            return null;
        }
        for (Value input : node.inputs()) {
            for (int axis : dynamic.getOrDefault(input, Map.of()).keySet()) {
                int at = axis;
                List<Long> sizes =
                        twins.get(input).stream().map(v -> v.shape().get(at)).toList();
                Extent extent = follows(new Varying(input, axis, sizes), wanted);
                if (extent != null) {
                    return extent;
                }
            }
        }
        if (latest.containsKey(wanted)) {
            return new Extent(latest.get(wanted).of, latest.get(wanted).axis, 1, 1, 0);
        }
        for (Varying size : varying.values()) {
            Extent extent = follows(size, wanted);
            if (extent != null) {
                return extent;
            }
        }
        return null;
    }

    /** Numbers that are whole; those of type double too, where the operation takes either for the same. */
    private static List<Long> whole(Node node, List<Object> numbers) {
        boolean either = node.op().equals("arange")
                || node.inputs().stream().anyMatch(input -> input.type().isFloating());
        List<Long> whole = new ArrayList<>();
        for (Object number : numbers) {
            if (number instanceof Long n) {
                whole.add(n);
            } else if (either && number instanceof Double n && n == Math.rint(n)) {
                whole.add(n.longValue());
            } else {
                return List.of();
            }
        }
        return whole;
    }

    private static Extent follows(Varying size, List<Long> wanted) {
        long x0 = size.sizes.get(0);
        long y0 = wanted.get(0);
        int other = 1;
        while (other < wanted.size() && size.sizes.get(other) == x0) {
            other++;
        }
        if (other == wanted.size()) {
            return null;
        }
        // a straight line through two of the traces, exact in all
        long dx = size.sizes.get(other) - x0;
        long dy = wanted.get(other) - y0;
        if (Long.signum(dx) == Long.signum(dy)) {
            long common = gcd(Math.abs(dx), Math.abs(dy));
            long factor = Math.abs(dy) / common;
            long divisor = Math.abs(dx) / common;
            boolean exact = size.sizes.stream().allMatch(x -> factor * x % divisor == 0);
            Extent line = new Extent(size.of, size.axis, factor, divisor, y0 - Math.floorDiv(factor * x0, divisor));
            if (exact && explains(line, size, wanted)) {
                return line;
            }
        }
        // a part, rounded down
        for (int divisor = 2; divisor <= LARGEST_DIVISOR; divisor++) {
            Extent part = new Extent(size.of, size.axis, 1, divisor, y0 - Math.floorDiv(x0, divisor));
            if (explains(part, size, wanted)) {
                return part;
            }
        }
        return null;
    }

    private static boolean explains(Extent extent, Varying size, List<Long> wanted) {
        return IntStream.range(0, wanted.size()).allMatch(i -> extent.at(size.sizes.get(i)) == wanted.get(i));
    }

    private static long gcd(long a, long b) {
        return b == 0 ? a : gcd(b, a % b);
    }
}
