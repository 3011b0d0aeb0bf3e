package djinn.training.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import djinn.golden.Golden;
import djinn.ops.Autograd;
import djinn.ops.DataException;
import djinn.zoo.weights.Safetensors;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class OptimizerTest {

    private static final JsonNode GOLDEN = Golden.read("optimizers.json");

    @TempDir
    private Path folder;

    private static Map<String, OptimizerRule> rules() {
        List<Double> betas = List.of(.9, .999);
        Map<String, OptimizerRule> rules = new LinkedHashMap<>();
        rules.put("sgd", new Sgd(.1, 0, false, 0));
        rules.put("sgd_momentum", new Sgd(.1, .9, false, 0));
        rules.put("sgd_nesterov_weight_decay", new Sgd(.1, .9, true, .01));
        rules.put("adam", new Adam(.05, betas, 1e-8, 0, false));
        rules.put("adam_weight_decay", new Adam(.05, betas, 1e-8, .1, false));
        rules.put("adam_amsgrad", new Adam(.05, betas, 1e-8, 0, true));
        rules.put("adamw", new AdamW(.05, betas, 1e-8, .1, false));
        return rules;
    }

    private static JsonNode golden(String name) {
        return GOLDEN.get("cases")
                .valueStream()
                .filter(record -> record.get("name").asString().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** The problem of the records, mean((A w - b)^2), with w in two pieces. */
    private static final class Problem implements AutoCloseable {
        private final NDManager manager = NDManager.newBaseManager("PyTorch");
        private final NDArray a = rows(manager, GOLDEN.get("A"));
        private final NDArray b = manager.create(Golden.floats(GOLDEN.get("b")));
        private final Map<String, NDArray> parameters = new LinkedHashMap<>();

        Problem() {
            NDArray start = manager.create(Golden.floats(GOLDEN.get("w0")));
            parameters.put("first", start.get("0:2").duplicate());
            parameters.put("rest", start.get("2:").duplicate());
            parameters.put("unused", manager.ones(new Shape(2)));
            parameters.values().forEach(array -> array.setRequiresGradient(true));
        }

        double backward() {
            try (Autograd.Scope gradients = Autograd.withGradients()) {
                NDArray w = parameters.get("first").concat(parameters.get("rest"));
                NDArray off = a.matMul(w).sub(b);
                NDArray loss = off.mul(off).mean();
                Autograd.backward(loss);
                return loss.getFloat();
            }
        }

        float[] w() {
            return parameters.get("first").concat(parameters.get("rest")).toFloatArray();
        }

        @Override
        public void close() {
            manager.close();
        }
    }

    @TestFactory
    Stream<DynamicTest> trajectoriesOfTheReference() {
        return rules().entrySet().stream()
                .map(rule -> DynamicTest.dynamicTest(rule.getKey(), () -> {
                    JsonNode record = golden(rule.getKey());
                    try (Problem problem = new Problem();
                            Optimizer optimizer = new Optimizer(rule.getValue(), problem.parameters, problem.manager)) {
                        for (int step = 0; step < record.get("w").size(); step++) {
                            double loss = problem.backward();
                            assertThat(loss)
                                    .isCloseTo(
                                            record.get("loss").get(step).asDouble(),
                                            org.assertj.core.api.Assertions.within(1e-5 * loss + 1e-6));
                            optimizer.step(rule.getValue().lr());
                            optimizer.zeroGradients();
                            double[] expected = Golden.doubles(record.get("w").get(step));
                            Golden.assertClose("w after step " + step, problem.w(), expected, 1e-5, 1e-6);
                        }
                        assertThat(problem.parameters.get("unused").toFloatArray())
                                .containsExactly(1, 1);
                    }
                }));
    }

    @TestFactory
    Stream<DynamicTest> aSavedStateGoesOnBitByBit() {
        return rules().entrySet().stream()
                .map(rule -> DynamicTest.dynamicTest(rule.getKey(), () -> {
                    try (Problem straight = new Problem();
                            Problem resumed = new Problem();
                            Optimizer one = new Optimizer(rule.getValue(), straight.parameters, straight.manager);
                            Optimizer two = new Optimizer(rule.getValue(), resumed.parameters, resumed.manager)) {
                        steps(straight, one, 5);
                        Path file = folder.resolve(rule.getKey());
                        Map<String, NDArray> saved = new LinkedHashMap<>(one.state());
                        straight.parameters.forEach((name, array) -> saved.put("w." + name, array));
                        Safetensors.write(file, saved, Map.of());
                        steps(straight, one, 7);

                        try (Safetensors read = Safetensors.open(file)) {
                            Map<String, NDArray> state = read.readAll(resumed.manager);
                            resumed.parameters.forEach((name, array) -> djinn.ops.Foreach.copy(
                                    new ai.djl.ndarray.NDList(array),
                                    new ai.djl.ndarray.NDList(state.remove("w." + name))));
                            two.load(state);
                        }
                        steps(resumed, two, 7);
                        assertThat(resumed.w()).containsExactly(straight.w());
                    }
                }));
    }

    private static void steps(Problem problem, Optimizer optimizer, int count) {
        for (int i = 0; i < count; i++) {
            problem.backward();
            optimizer.step(.05);
            optimizer.zeroGradients();
        }
    }

    @Test
    void clippingIsTheReferences() {
        JsonNode record = GOLDEN.get("clip_by_global_norm");
        try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
            Map<String, NDArray> parameters = new LinkedHashMap<>();
            for (JsonNode gradient : record.get("gradients")) {
                NDArray wanted = manager.create(Golden.floats(gradient));
                NDArray parameter = manager.zeros(wanted.getShape());
                parameter.setRequiresGradient(true);
                try (Autograd.Scope gradients = Autograd.withGradients()) {
                    Autograd.backward(parameter.mul(wanted).sum());
                }
                parameters.put("p" + parameters.size(), parameter);
            }
            try (Optimizer optimizer = new Optimizer(new Sgd(1, 0, false, 0), parameters, manager)) {
                double norm = optimizer.clipGradients(record.get("max_norm").asDouble());
                double expected = record.get("norm").asDouble();
                assertThat(norm).isCloseTo(expected, org.assertj.core.api.Assertions.within(1e-5 * expected));
                int i = 0;
                for (NDArray parameter : parameters.values()) {
                    Golden.assertClose(
                            "clipped " + i,
                            parameter.getGradient().toFloatArray(),
                            Golden.doubles(record.get("clipped").get(i++)),
                            1e-5,
                            1e-6);
                }
            }
        }
    }

    @Test
    void theStateOfAnotherOptimizerIsRefused() {
        try (Problem problem = new Problem();
                Optimizer sgd = new Optimizer(new Sgd(.1, .9, false, 0), problem.parameters, problem.manager);
                Optimizer adam = new Optimizer(rules().get("adam"), problem.parameters, problem.manager)) {
            assertThatThrownBy(() -> sgd.load(adam.state()))
                    .isInstanceOf(DataException.class)
                    .hasMessageContaining("exp_avg.first");
        }
    }

    @Test
    void settingsOutOfRangeAreRefused() {
        assertThatThrownBy(() -> new Sgd(-1, 0, false, 0)).hasMessageContaining("lr");
        assertThatThrownBy(() -> new Sgd(1, 0, true, 0)).hasMessageContaining("nesterov");
        assertThatThrownBy(() -> new Adam(1, List.of(.9), 1e-8, 0, false)).hasMessageContaining("two betas");
        assertThatThrownBy(() -> new AdamW(1, List.of(.9, 1.), 1e-8, 0, false)).hasMessageContaining("betas");
    }

    private static NDArray rows(NDManager manager, JsonNode rows) {
        return manager.create(
                Golden.floats(rows), new Shape(rows.size(), rows.get(0).size()));
    }
}
