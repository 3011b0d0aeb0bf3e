package djinn.zoo;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import djinn.golden.Formula;
import djinn.golden.Golden;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.weights.StateDict;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

/** Every architecture with a record: parameter names and shapes, their number, and the outputs under formula weights. */
class GoldenZooTest {

    /** Records whose own names are mere indices: shapes are compared in order, and the names here are ours. */
    private static final List<String> NAMED_BY_US = List.of("nin_cifar10");

    /** The records that have a model. */
    private static final List<String> RECORDS = List.of("nin_cifar10");

    @TestFactory
    Iterable<DynamicTest> recordsOfTheReference() {
        return RECORDS.stream()
                .map(name -> DynamicTest.dynamicTest(name, () -> check(name)))
                .toList();
    }

    private static void check(String name) {
        JsonNode record = Golden.read("zoo/" + name + ".json");
        try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
            ArrayBlock model = Models.named(name).build();
            model.initialize(manager);
            assertThat(model.parameterCount())
                    .isEqualTo(record.get("parameters").asLong());

            Map<String, NDArray> own = StateDict.of(model);
            // the records leave out the counts of batches
            List<String> ownNames = own.keySet().stream()
                    .filter(key -> !key.endsWith("num_batches_tracked"))
                    .toList();
            JsonNode state = record.get("state");
            if (!NAMED_BY_US.contains(name)) {
                List<String> keys =
                        state.valueStream().map(e -> e.get(0).asString()).toList();
                assertThat(ownNames).containsExactlyElementsOf(keys);
            }
            assertThat(ownNames).hasSameSizeAs(state);
            Map<String, NDArray> weights = new LinkedHashMap<>();
            for (int i = 0; i < state.size(); i++) {
                String key = state.get(i).get(0).asString();
                Shape shape = Golden.shape(state.get(i).get(1));
                String ours = ownNames.get(i);
                assertThat(own.get(ours).getShape()).as(key).isEqualTo(shape);
                weights.put(ours, Formula.weight(manager, record.get("salt").asString(), key, shape));
            }
            StateDict.load(model, weights, "formula");

            JsonNode given = record.get("inputs").get(0);
            NDArray x = Formula.input(manager, given.get("name").asString(), Golden.shape(given.get("shape")));
            NDList outputs = model.forward(new ParameterStore(manager, false), new NDList(x), false);

            JsonNode expected = record.get("outputs").get(0);
            float[] actual = outputs.singletonOrThrow().toFloatArray();
            assertThat(outputs.singletonOrThrow().getShape()).isEqualTo(Golden.shape(expected.get("shape")));
            double tolerance = 1e-4 * expected.get("max_abs").asDouble();
            for (int i = 0; i < expected.get("index").size(); i++) {
                int index = expected.get("index").get(i).asInt();
                double value = expected.get("value").get(i).asDouble();
                assertThat(Math.abs(actual[index] - value))
                        .as("output[%d]: expected %s, got %s", index, value, actual[index])
                        .isLessThanOrEqualTo(tolerance);
            }
        }
    }
}
