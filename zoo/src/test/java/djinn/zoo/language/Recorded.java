package djinn.zoo.language;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import djinn.golden.Formula;
import djinn.golden.Golden;
import djinn.ops.Autograd;
import djinn.ops.Gradients;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;
import djinn.zoo.weights.StateDict;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;

/** A record of a make_records.py: a model in plain PyTorch with the formula's weights. */
public record Recorded(NDManager manager, JsonNode record) {

    static Recorded of(NDManager manager, String file, String name) {
        return of(manager, "language", file, name);
    }

    /** A record of a file in a folder of golden. */
    public static Recorded of(NDManager manager, String folder, String file, String name) {
        return new Recorded(
                manager, Golden.records(folder + "/" + file + ".json").get(name));
    }

    public static Pass pass(NDManager manager, boolean training) {
        return new Pass(new ParameterStore(manager, false), training);
    }

    /** Initialises a model and gives every array the formula's values. */
    public static <B extends NamedBlock> B filled(NDManager manager, B model) {
        model.initialize(manager);
        Map<String, NDArray> weights = new LinkedHashMap<>();
        StateDict.of(model)
                .forEach((name, array) -> weights.put(name, Formula.weight(manager, "", name, array.getShape())));
        StateDict.load(model, weights, "formula");
        return model;
    }

    /** Asserts the tolerance of layers between two ways to one result. */
    public static void assertNear(String what, NDArray actual, NDArray expected) {
        float[] values = expected.toFloatArray();
        assertThat(actual.getShape()).as(what).isEqualTo(expected.getShape());
        Golden.assertClose(
                what,
                actual.toFloatArray(),
                IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray(),
                1e-5,
                1e-6);
    }

    /** Indices of the record, int64. */
    public NDArray indices(String name) {
        JsonNode rows = record.get("inputs").get(name);
        double[] values = Golden.doubles(rows);
        long[] indices = new long[values.length];
        for (int i = 0; i < indices.length; i++) {
            indices[i] = (long) values[i];
        }
        Shape shape = rows.get(0).isArray()
                ? new Shape(rows.size(), (long) values.length / rows.size())
                : new Shape(values.length);
        return manager.create(indices, shape);
    }

    /** Compares one output; where terms of the largest's size cancel, a sum is as exact as they are. */
    public void assertOutput(String what, NDArray actual, int output) {
        JsonNode expected = record.get("outputs").get(output);
        double[] values = Golden.doubles(expected.get("values"));
        double largest = Arrays.stream(values).map(Math::abs).max().orElse(0);
        assertThat(actual.getShape()).as(what).isEqualTo(Golden.shape(expected.get("shape")));
        Golden.assertClose(what, actual.toFloatArray(), values, 1e-5, 1e-6 * Math.max(1, largest));
    }

    /** Compares names, outputs, and the gradients of the first output's product with the probe. */
    public void assertSame(NamedBlock model, Function<Pass, NDList> outputs) {
        filled(manager, model);
        Map<String, Shape> shapes = new LinkedHashMap<>();
        StateDict.of(model).forEach((name, array) -> shapes.put(name, array.getShape()));
        Map<String, Shape> expected = new LinkedHashMap<>();
        record.get("keys").forEach(key -> expected.put(key.get(0).asString(), Golden.shape(key.get(1))));
        assertThat(shapes).containsExactlyEntriesOf(expected);
        NDList trained = new NDList();
        for (Parameter parameter : model.getParameters().values()) {
            parameter.getArray().setRequiresGradient(true);
            trained.add(parameter.getArray());
        }
        NDList results;
        Gradients gradients;
        try (Autograd.Scope on = Autograd.withGradients()) {
            results = outputs.apply(pass(manager, true));
            NDArray probe = Formula.input(manager, "probe", results.head().getShape());
            gradients = Gradients.of(results.head().mul(probe).sum(), trained, manager);
        }
        assertThat(results).hasSize(record.get("outputs").size());
        for (int i = 0; i < results.size(); i++) {
            assertOutput("output " + i, results.get(i), i);
        }
        List<String> names = List.copyOf(shapes.keySet());
        for (Map.Entry<String, JsonNode> gradient :
                record.get("gradients").propertyStream().toList()) {
            NDArray found = gradients.arrays().get(names.indexOf(gradient.getKey()));
            assertThat(found.getShape())
                    .isEqualTo(Golden.shape(gradient.getValue().get("shape")));
            // sums of many terms: absolute error against the largest
            double[] values = Golden.doubles(gradient.getValue().get("values"));
            double largest = Arrays.stream(values).map(Math::abs).max().orElse(0);
            Golden.assertClose(
                    "gradient of " + gradient.getKey(),
                    found.toFloatArray(),
                    values,
                    1e-5,
                    Math.max(1e-6, 1e-5 * largest));
        }
    }
}
