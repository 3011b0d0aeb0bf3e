package djinn.export.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import djinn.export.trace.Value;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/** Recurrent layers: one ONNX node per layer, both directions in it. */
final class OnnxRecurrent {

    /** A kind of cell, and the order ONNX wants its gates in, by their place in ATen's. */
    private record Cell(String op, List<Integer> gates, String activation) {

        static final Cell LSTM = new Cell("LSTM", List.of(0, 3, 1, 2), "");
        static final Cell GRU = new Cell("GRU", List.of(1, 0, 2), "");
        static final Cell TANH = new Cell("RNN", List.of(0), "Tanh");
        static final Cell RELU = new Cell("RNN", List.of(0), "Relu");
    }

    private final OnnxCall call;
    private final Cell cell;
    private final List<Value> weights;
    private final boolean biased;
    private final int directions;

    private OnnxRecurrent(OnnxCall call, Cell cell) {
        this.call = call;
        this.cell = cell;
        this.weights = call.values(2);
        this.biased = call.flag(3, "has_biases", true);
        this.directions = call.flag(7, "bidirectional", false) ? 2 : 1;
    }

    static Map<String, Translation> table() {
        return Map.of(
                "lstm", call -> new OnnxRecurrent(call, Cell.LSTM).translated(),
                "gru", call -> new OnnxRecurrent(call, Cell.GRU).translated(),
                "rnn_tanh", call -> new OnnxRecurrent(call, Cell.TANH).translated(),
                "rnn_relu", call -> new OnnxRecurrent(call, Cell.RELU).translated());
    }

    /** (x, states, weights, biases, layers, dropout, training, bidirectional, batch first). */
    private List<String> translated() {
        if (call.flag(6, "train", false)) {
            throw call.refuse("it trains; export in evaluation");
        } else if (call.rank(0) != 3) {
            throw call.refuse("expected (T, N, C) or (N, T, C), got " + call.shape(0));
        }
        int layers = (int) call.integer(4, "num_layers", 1);
        boolean batchFirst = call.flag(8, "batch_first", false);
        List<Value> states = cell.equals(Cell.LSTM) ? call.values(1) : List.of(call.value(1));
        long hidden = states.get(0).shape().get(2);
        String x = batchFirst ? call.transpose(call.in(0), List.of(1L, 0L, 2L)) : call.in(0);
        List<List<String>> last = new ArrayList<>();
        states.forEach(state -> last.add(new ArrayList<>()));
        for (int layer = 0; layer < layers; layer++) {
            List<String> inputs = new ArrayList<>(List.of(x, weight(layer, 0), weight(layer, 1)));
            inputs.add(biased ? bias(layer) : "");
            inputs.add("");
            for (Value state : states) {
                inputs.add(
                        layers == 1
                                ? call.in(state)
                                : call.slice(call.in(state), 0, (long) layer * directions, (layer + 1L) * directions));
            }
            List<String> outputs = call.onnx().add(1 + states.size(), cell.op, inputs, attributes(hidden));
            // (T, D, N, H) to (T, N, D H)
            x = directions == 1
                    ? call.squeeze(outputs.get(0), 1)
                    : call.add(
                            "Reshape",
                            List.of(
                                    call.transpose(outputs.get(0), List.of(0L, 2L, 1L, 3L)),
                                    call.onnx().longs(0, 0, directions * hidden)));
            for (int i = 0; i < states.size(); i++) {
                last.get(i).add(outputs.get(1 + i));
            }
        }
        List<String> results = new ArrayList<>();
        results.add(batchFirst ? call.transpose(x, List.of(1L, 0L, 2L)) : x);
        last.forEach(state -> results.add(call.concat(state, 0)));
        return results;
    }

    private AttributeProto[] attributes(long hidden) {
        List<AttributeProto> attributes = new ArrayList<>(List.of(
                OnnxBuilder.integer("hidden_size", hidden),
                OnnxBuilder.text("direction", directions == 2 ? "bidirectional" : "forward")));
        if (cell.equals(Cell.GRU)) {
            attributes.add(OnnxBuilder.integer("linear_before_reset", 1));
        }
        if (!cell.activation.isEmpty()) {
            attributes.add(OnnxBuilder.texts("activations", Collections.nCopies(directions, cell.activation)));
        }
        return attributes.toArray(AttributeProto[]::new);
    }

    /** The weight of the input (0) or of the state (1), one direction behind the other. */
    private String weight(int layer, int which) {
        List<String> both = new ArrayList<>();
        for (int direction = 0; direction < directions; direction++) {
            both.add(call.unsqueeze(ordered(of(layer, direction, which)), 0));
        }
        return call.concat(both, 0);
    }

    /** The biases of the input and of the state, end to end. */
    private String bias(int layer) {
        List<String> both = new ArrayList<>();
        for (int direction = 0; direction < directions; direction++) {
            String ends = call.concat(List.of(ordered(of(layer, direction, 2)), ordered(of(layer, direction, 3))), 0);
            both.add(call.unsqueeze(ends, 0));
        }
        return call.concat(both, 0);
    }

    private Value of(int layer, int direction, int which) {
        return weights.get((layer * directions + direction) * (biased ? 4 : 2) + which);
    }

    /** A weight or bias with its gates in ONNX's order. */
    private String ordered(Value weight) {
        int gates = cell.gates.size();
        if (gates == 1) {
            return call.in(weight);
        }
        long rows = weight.shape().get(0) / gates;
        List<String> parts = call.onnx()
                .add(
                        gates,
                        "Split",
                        List.of(call.in(weight), call.onnx().longs(Collections.nCopies(gates, rows))),
                        OnnxBuilder.integer("axis", 0));
        return call.concat(cell.gates.stream().map(parts::get).toList(), 0);
    }
}
