package djinn.export.trace;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import djinn.ops.PyTorch;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Finds out what a block does whatever the size of its input along some axes, by tracing it at several sizes.
 *
 * <p>The traces must agree operation by operation. Whole numbers among the arguments may differ: each must follow from
 * the size of an earlier value, by a factor, a divisor or a number added, and becomes an {@link Extent}.
 */
public final class DynamicTrace {

    /** Operations of which one size may be left to be worked out, as -1. */
    private static final Set<String> RESHAPES = Set.of("reshape", "view", "unflatten");

    /** The first axis of what is chosen. */
    static final DynamicAxis ROWS = new DynamicAxis("rows", 0, List.of(1L, 2L));

    /** So many traces tell the number of rows that are chosen from others. */
    private static final int FEWEST = 3;

    private final List<Graph> traces;
    private final String axes;
    private final VaryingSizes sizes;

    private DynamicTrace(List<Graph> traces, List<DynamicAxis> axes, List<List<Long>> plan) {
        this.traces = traces;
        Map<List<Long>, String> names = new LinkedHashMap<>();
        for (int i = 0; i < axes.size(); i++) {
            int at = i;
            names.put(
                    plan.stream().map(sizes -> sizes.get(at)).toList(),
                    axes.get(i).name());
        }
        List<Node> choosing = choosingRows(traces.get(0));
        for (int i = 0; i < choosing.size(); i++) {
            int choice = i;
            String name = choosing.get(i).function().substring(Node.WHOLE.length());
            names.put(
                    IntStream.range(0, plan.size())
                            .mapToObj(trace -> VaryingSizes.rowsOfChoice(choice, trace))
                            .toList(),
                    names.containsValue(name) ? name + i : name);
        }
        this.sizes = new VaryingSizes(names);
        this.axes = String.join(", ", names.values());
    }

    /**
     * Traces a block at several sizes.
     *
     * <p>The number of rows that an operation chooses is open too, whatever the axes.
     *
     * @param block an initialised block
     * @param examples input of any size along the given axes: samples are repeated or left out to get others
     * @param axes what is left open; none for a block that is traced at one size
     * @return the graph, to be closed by the caller; its shapes are those of the first sizes
     * @throws TraceException if the block does what a trace cannot hold, or other operations at other sizes, or computes
     *     with a number that follows from no size
     */
    public static Graph trace(Block block, NDList examples, List<DynamicAxis> axes) {
        List<Graph> traces = new ArrayList<>();
        try (NDManager manager = PyTorch.newManager()) {
            List<List<Long>> plan = new ArrayList<>(axes.isEmpty() ? List.of(List.of()) : plan(axes));
            for (int i = 0; i < plan.size(); i++) {
                List<Long> sizes = plan.get(i);
                traces.add(trace(block, resized(examples, axes, sizes, manager), axes, sizes, i));
                if (plan.size() < FEWEST
                        && i == plan.size() - 1
                        && !choosingRows(traces.get(0)).isEmpty()) {
                    plan.add(sizes);
                }
            }
            if (traces.size() == 1) {
                return traces.get(0);
            }
            Graph merged = new DynamicTrace(traces, axes, plan).merged();
            traces.subList(1, traces.size()).forEach(Graph::close);
            return merged;
        } catch (RuntimeException e) {
            traces.forEach(Graph::close);
            throw e;
        }
    }

    private static List<Node> choosingRows(Graph graph) {
        return graph.choosing().stream().filter(Node::choosesRows).toList();
    }

    /** All at their first size, then each axis alone at its others, then all at their last. */
    private static List<List<Long>> plan(List<DynamicAxis> axes) {
        List<List<Long>> plan = new ArrayList<>();
        List<Long> first = axes.stream().map(axis -> axis.sizes().get(0)).toList();
        plan.add(first);
        for (int i = 0; i < axes.size(); i++) {
            for (long size : axes.get(i).sizes().subList(1, axes.get(i).sizes().size())) {
                List<Long> other = new ArrayList<>(first);
                other.set(i, size);
                plan.add(other);
            }
        }
        if (axes.size() > 1) {
            plan.add(axes.stream()
                    .map(axis -> axis.sizes().get(axis.sizes().size() - 1))
                    .toList());
        }
        return plan;
    }

    private static Graph trace(Block block, NDList inputs, List<DynamicAxis> axes, List<Long> sizes, int variant) {
        try {
            return Tracer.trace(block, inputs, OptionalInt.of(variant));
        } catch (TraceException e) {
            throw e;
        } catch (RuntimeException e) {
            if (axes.isEmpty()) {
                throw e;
            }
            String at = String.join(
                    ", ",
                    IntStream.range(0, axes.size())
                            .mapToObj(i -> axes.get(i).name() + " " + sizes.get(i))
                            .toList());
            throw new TraceException("cannot trace " + Recorder.where(e) + " at " + at + ": " + e.getMessage());
        }
    }

    /**
     * Returns arrays of other sizes along some axes, by repeating or leaving out.
     *
     * @param arrays of any size
     * @param axes an axis that an array does not have leaves it as it is
     * @param sizes one for each axis
     * @param manager owns what is answered
     * @return arrays of these sizes
     */
    public static NDList resized(NDList arrays, List<DynamicAxis> axes, List<Long> sizes, NDManager manager) {
        NDList resized = new NDList();
        for (NDArray array : arrays) {
            int input = resized.size();
            NDArray result = array;
            for (int i = 0; i < axes.size(); i++) {
                int axis = axes.get(i).axis();
                if (axis < array.getShape().dimension() && axes.get(i).isOf(input)) {
                    long had = array.getShape().get(axis);
                    long[] kept = LongStream.range(0, sizes.get(i))
                            .map(at -> at % had)
                            .toArray();
                    result = Aten.run(
                                    "index_select",
                                    List.of(
                                            result,
                                            (long) axis,
                                            manager.create(kept).toDevice(array.getDevice(), false)),
                                    Map.of())
                            .head();
                    result.attach(manager);
                }
            }
            resized.add(result);
        }
        return resized;
    }

    private Graph merged() {
        Graph base = traces.get(0);
        for (int i = 0; i < base.inputs().size(); i++) {
            int at = i;
            sizes.know(
                    base.inputs().get(i),
                    traces.stream().map(g -> g.inputs().get(at)).toList());
        }
        List<Node> nodes = new ArrayList<>();
        int count = traces.stream().mapToInt(g -> g.nodes().size()).min().orElse(0);
        for (int i = 0; i < count; i++) {
            int at = i;
            nodes.add(merged(traces.stream().map(g -> g.nodes().get(at)).toList()));
        }
        if (traces.stream().anyMatch(g -> g.nodes().size() != count)) {
            throw new TraceException("cannot trace the block with dynamic " + axes + ": it takes "
                    + traces.stream().map(g -> g.nodes().size()).toList() + " operations at different sizes; fix the "
                    + "size");
        }
        for (int i = 0; i < base.outputs().size(); i++) {
            int at = i;
            same("the block", "its output", collected(traces, g -> g.outputs().get(at)));
        }
        return base.with(nodes, sizes.dynamic());
    }

    private Node merged(List<Node> same) {
        Node node = same.get(0);
        for (Node other : same) {
            if (!other.op().equals(node.op())
                    || other.arguments().size() != node.arguments().size()
                    || !other.keywords().keySet().equals(node.keywords().keySet())
                    || other.results().size() != node.results().size()) {
                throw error(
                        node,
                        other.op().equals(node.op())
                                ? "its arguments or results differ in number at another size"
                                : "at another size, '" + other.op() + "' in " + other.where() + " takes its place");
            }
        }
        List<Object> arguments = new ArrayList<>();
        for (int i = 0; i < node.arguments().size(); i++) {
            int at = i;
            arguments.add(
                    merged(node, collected(same, other -> other.arguments().get(at))));
        }
        Map<String, Object> keywords = new LinkedHashMap<>();
        for (String keyword : node.keywords().keySet()) {
            keywords.put(
                    keyword,
                    merged(node, collected(same, other -> other.keywords().get(keyword))));
        }
        for (int i = 0; i < node.results().size(); i++) {
            int at = i;
            List<Value> results =
                    same.stream().map(other -> other.results().get(at)).toList();
            Value result = results.get(0);
            if (results.stream()
                    .anyMatch(other -> other.type() != result.type()
                            || other.shape().dimension() != result.shape().dimension())) {
                throw error(node, "its result has another number of axes or type at another size");
            }
            sizes.know(result, results);
        }
        return node.with(arguments, keywords);
    }

    private static <T> List<Object> collected(List<T> wholes, Function<T, Object> part) {
        List<Object> collected = new ArrayList<>();
        wholes.forEach(whole -> collected.add(part.apply(whole)));
        return collected;
    }

    /** Merges one argument of a node: what it is in each trace. */
    private Object merged(Node node, List<Object> all) {
        Object first = all.get(0);
        if (first instanceof Value) {
            same(node.where(), "'" + node.op() + "'", all);
            return first;
        } else if (first instanceof List<?> list) {
            return mergedList(node, list, all);
        } else if (!VaryingSizes.differ(all)) {
            return first;
        }
        Extent extent = sizes.follows(node, all);
        if (extent == null) {
            throw error(node, "its argument is " + all + " at different sizes, which follows from no size before it");
        }
        return extent;
    }

    private List<Object> mergedList(Node node, List<?> list, List<Object> all) {
        if (all.stream().anyMatch(other -> !(other instanceof List<?> o) || o.size() != list.size())) {
            throw error(node, "its argument is " + all + " at different sizes");
        }
        List<Object> merged = new ArrayList<>();
        boolean free = RESHAPES.contains(node.op()) && !list.contains(-1L);
        for (int i = 0; i < list.size(); i++) {
            int at = i;
            List<Object> items = collected(all, other -> ((List<?>) other).get(at));
            if (free
                    && list.get(i) instanceof Long
                    && VaryingSizes.differ(items)
                    && sizes.follows(node, items) == null) {
                merged.add(-1L);
                free = false;
            } else {
                merged.add(merged(node, items));
            }
        }
        return merged;
    }

    /** Requires that a value plays the same part in all traces, and constants are the same. */
    private void same(String where, String what, List<Object> all) {
        Value first = (Value) all.get(0);
        for (int i = 1; i < all.size(); i++) {
            if (!(all.get(i) instanceof Value other) || other.source() != first.source()) {
                throw differs(where, what + " takes another kind of value at another size");
            }
            switch (first.source()) {
                case PARAMETER -> {
                    if (!other.name().equals(first.name())) {
                        throw differs(
                                where, what + " takes " + first.name() + ", and " + other.name() + " at another size");
                    }
                }
                case CONSTANT -> {
                    if (!first.shape().equals(other.shape())
                            || first.type() != other.type()
                            || !first.data().contentEquals(other.data())) {
                        throw differs(
                                where,
                                what + " takes a constant that was " + first.shape() + " and is "
                                        + other.shape()
                                        + " at another size, or holds other elements; make it by zeros, ones,"
                                        + " full or arange");
                    }
                }
                default -> {
                    if (sizes.in(first, i) != other) {
                        throw differs(where, what + " takes the result of another operation at another size");
                    }
                }
            }
        }
    }

    private TraceException error(Node node, String what) {
        return differs(node.where(), "'" + node.op() + "': " + what);
    }

    private TraceException differs(String where, String what) {
        return new TraceException("cannot trace " + where + " with dynamic " + axes + ": " + what
                + "; compute with sizes in a way that holds for all, or fix the size");
    }
}
