package djinn.export.trace;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Other values in the places of some of a graph's. */
final class Replacement {

    private Replacement() {}

    /** Returns a graph like another but for some values; it is closed with that one. */
    static Graph of(Graph graph, Map<Value, Value> others) {
        List<Node> nodes = new ArrayList<>();
        graph.nodes().forEach(node -> nodes.add(of(node, others)));
        return graph.with(
                nodes,
                graph.outputs().stream()
                        .map(output -> others.getOrDefault(output, output))
                        .toList());
    }

    private static Node of(Node node, Map<Value, Value> others) {
        List<Object> arguments = new ArrayList<>();
        node.arguments().forEach(argument -> arguments.add(of(argument, others)));
        Map<String, Object> keywords = new LinkedHashMap<>();
        node.keywords().forEach((name, argument) -> keywords.put(name, of(argument, others)));
        return node.with(arguments, keywords);
    }

    private static Object of(Object argument, Map<Value, Value> others) {
        if (argument instanceof Value value) {
            return others.getOrDefault(value, value);
        } else if (argument instanceof Extent extent && others.containsKey(extent.of())) {
            return new Extent(
                    others.get(extent.of()), extent.axis(), extent.factor(), extent.divisor(), extent.offset());
        } else if (argument instanceof List<?> list) {
            List<Object> replaced = new ArrayList<>();
            list.forEach(item -> replaced.add(of(item, others)));
            return replaced;
        }
        return argument;
    }
}
