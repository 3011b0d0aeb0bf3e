package djinn.losses;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import djinn.golden.Golden;
import djinn.ops.Autograd;
import djinn.ops.PyTorch;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

/** Value and gradients of every loss that has a record. */
class GoldenLossesTest {

    private static final List<Double> WEIGHT = List.of(0.2, 1.0, 2.0, 0.5, 3.0);

    private static Map<String, LossFunction> losses() {
        Map<String, LossFunction> losses = new LinkedHashMap<>();
        losses.put("cross_entropy", new CrossEntropy());
        losses.put("cross_entropy_weighted", new CrossEntropy(WEIGHT, 0, -100, Reduction.MEAN));
        losses.put("cross_entropy_smoothed", new CrossEntropy(List.of(), 0.1, -100, Reduction.MEAN));
        losses.put("cross_entropy_smoothed_weighted", new CrossEntropy(WEIGHT, 0.1, -100, Reduction.MEAN));
        losses.put("cross_entropy_ignore_index", new CrossEntropy(List.of(), 0, 255, Reduction.MEAN));
        losses.put("cross_entropy_soft_targets", new CrossEntropy());
        return losses;
    }

    @TestFactory
    Iterable<DynamicTest> recordsOfTheReference() {
        Map<String, JsonNode> records = Golden.records("losses.json");
        Map<String, LossFunction> losses = losses();
        assertThat(losses.keySet())
                .containsAll(records.keySet().stream()
                        .filter(name -> name.startsWith("cross_entropy"))
                        .toList());
        return losses.entrySet().stream()
                .map(entry -> DynamicTest.dynamicTest(
                        entry.getKey(), () -> check(records.get(entry.getKey()), entry.getValue())))
                .toList();
    }

    private static void check(JsonNode record, LossFunction loss) {
        try (NDManager manager = PyTorch.newManager();
                Autograd.Scope gradients = Autograd.withGradients()) {
            NDArray x = Golden.array(manager, record.get("inputs").get("x"));
            NDArray y = Golden.array(manager, record.get("inputs").get("y"));
            x.setRequiresGradient(true);
            NDArray value = loss.apply(x, y);
            Autograd.backward(value);

            Golden.assertClose(
                    "value",
                    new float[] {value.getFloat()},
                    new double[] {record.get("value").asDouble()},
                    1e-5,
                    1e-6);
            Golden.assertClose(
                    "gradient", x.getGradient(), record.get("gradients").get("x"));
        }
    }
}
