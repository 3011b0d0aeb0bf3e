package djinn.training.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import djinn.golden.Formula;
import djinn.golden.Golden;
import djinn.ops.Autograd;
import djinn.ops.DataException;
import djinn.ops.Gradients;
import djinn.ops.MemoryFormat;
import djinn.ops.PyTorch;
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
        rules.put("adagrad", new Adagrad(.1, 0, 0, 0, 1e-10));
        rules.put("rmsprop", new RmsProp(.01, .99, 1e-8, 0, 0, false));
        rules.put("rmsprop_momentum_centered", new RmsProp(.01, .99, 1e-8, 0, .9, true));
        rules.put("adadelta", new Adadelta(1, .9, 1e-6, 0));
        rules.put("nadam", new NAdam(.05, betas, 1e-8, 0, 4e-3, false));
        rules.put("radam", new RAdam(.05, betas, 1e-8, 0, false));
        rules.put("adamax", new Adamax(.05, betas, 1e-8, 0));
        return rules;
    }

    /** Those of the records and all with settings the records leave out. */
    private static Map<String, OptimizerRule> moreRules() {
        List<Double> betas = List.of(.8, .95);
        Map<String, OptimizerRule> rules = rules();
        rules.put("adagrad_all", new Adagrad(.1, .1, .1, .5, 1e-10));
        rules.put("rmsprop_all", new RmsProp(.01, .9, 1e-8, .1, .5, true));
        rules.put("adadelta_weight_decay", new Adadelta(1, .9, 1e-6, .1));
        rules.put("nadam_weight_decay", new NAdam(.05, betas, 1e-8, .1, 4e-3, false));
        rules.put("nadam_decoupled", new NAdam(.05, betas, 1e-8, .1, 4e-3, true));
        rules.put("radam_weight_decay", new RAdam(.05, betas, 1e-8, .1, false));
        rules.put("radam_decoupled", new RAdam(.05, betas, 1e-8, .1, true));
        rules.put("adamax_weight_decay", new Adamax(.05, betas, 1e-8, .1));
        rules.put("lamb", new Lamb(.05, betas, 1e-6, .1));
        rules.put("lars", new Lars(1, .9, .1, .02));
        return rules;
    }

    @Test
    void everyRecordHasItsRule() {
        assertThat(GOLDEN.get("cases")
                        .valueStream()
                        .map(record -> record.get("name").asString()))
                .containsExactlyInAnyOrderElementsOf(rules().keySet());
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
        private final NDManager manager = PyTorch.newManager();
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

        /** Takes a step and returns the loss before it. */
        double step(Optimizer optimizer, double lr) {
            try (Autograd.Scope recording = Autograd.withGradients()) {
                NDArray w = parameters.get("first").concat(parameters.get("rest"));
                NDArray off = a.matMul(w).sub(b);
                NDArray loss = off.mul(off).mean();
                try (Gradients gradients = optimizer.gradients(loss)) {
                    optimizer.step(gradients, lr);
                }
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
                            double loss =
                                    problem.step(optimizer, rule.getValue().lr());
                            assertThat(loss)
                                    .isCloseTo(record.get("loss").get(step).asDouble(), within(1e-5 * loss + 1e-6));
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
        return moreRules().entrySet().stream()
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
                            resumed.parameters.forEach((name, array) ->
                                    djinn.ops.Foreach.copy(new NDList(array), new NDList(state.remove("w." + name))));
                            two.load(state);
                        }
                        steps(resumed, two, 7);
                        assertThat(resumed.w()).containsExactly(straight.w());
                    }
                }));
    }

    private static void steps(Problem problem, Optimizer optimizer, int count) {
        for (int i = 0; i < count; i++) {
            problem.step(optimizer, .05);
        }
    }

    /** Steps of a parameter that joins late are counted from its own first gradient. */
    @TestFactory
    Stream<DynamicTest> aParameterWithoutGradientsIsLeftAlone() {
        return moreRules().entrySet().stream()
                .map(rule -> DynamicTest.dynamicTest(rule.getKey(), () -> {
                    try (NDManager manager = PyTorch.newManager()) {
                        Map<String, NDArray> parameters = new LinkedHashMap<>();
                        parameters.put("early", manager.create(new float[] {1, -2}));
                        parameters.put("late", manager.create(new float[] {1, -2}));
                        parameters.values().forEach(array -> array.setRequiresGradient(true));
                        NDArray early = parameters.get("early");
                        NDArray late = parameters.get("late");
                        try (Optimizer optimizer = new Optimizer(rule.getValue(), parameters, manager)) {
                            stepOn(optimizer, early);
                            stepOn(optimizer, early);
                            float[] after = early.toFloatArray();
                            assertThat(late.toFloatArray()).containsExactly(1, -2);
                            assertThat(after[0]).isNotEqualTo(1);

                            stepOn(optimizer, late);
                            stepOn(optimizer, late);
                            assertThat(late.toFloatArray()).containsExactly(after);
                        }
                    }
                }));
    }

    @TestFactory
    Stream<DynamicTest> theLayoutOfParametersDoesNotMatter() {
        return moreRules().entrySet().stream()
                .map(rule -> DynamicTest.dynamicTest(rule.getKey(), () -> {
                    float[] rows = afterThreeSteps(rule.getValue(), MemoryFormat.CONTIGUOUS);
                    float[] channels = afterThreeSteps(rule.getValue(), MemoryFormat.CHANNELS_LAST);
                    // norms add up in another order
                    assertThat(channels).containsExactly(rows, within(1e-6f));
                }));
    }

    private static float[] afterThreeSteps(OptimizerRule rule, MemoryFormat format) {
        try (NDManager manager = PyTorch.newManager()) {
            NDArray parameter = Formula.input(manager, "w", new Shape(4, 3, 3, 2));
            parameter.setRequiresGradient(true);
            format.convert(new NDList(parameter));
            try (Optimizer optimizer = new Optimizer(rule, Map.of("w", parameter), manager)) {
                for (int i = 0; i < 3; i++) {
                    stepOn(optimizer, parameter);
                }
            }
            assertThat(format.isFormatOf(parameter)).isTrue();
            return parameter.toFloatArray();
        }
    }

    private static void stepOn(Optimizer optimizer, NDArray parameter) {
        try (Autograd.Scope recording = Autograd.withGradients();
                Gradients gradients =
                        optimizer.gradients(parameter.mul(parameter).sum())) {
            optimizer.step(gradients, .05);
        }
    }

    @Test
    void groupsScaleTheRateAndTheDecay() {
        Map<String, ParameterGroup> groups = new LinkedHashMap<>();
        groups.put("plain", ParameterGroup.PLAIN);
        groups.put("slow", new ParameterGroup(.5, 1));
        groups.put("exempt", new ParameterGroup(1, 0));
        groups.put("double", new ParameterGroup(1, 2));
        groups.put("still", new ParameterGroup(0, 1));
        groups.put("also plain", new ParameterGroup(1, 1));
        try (NDManager manager = PyTorch.newManager()) {
            Map<String, NDArray> parameters = new LinkedHashMap<>();
            for (String name : groups.keySet()) {
                NDArray two = manager.create(new float[] {2});
                two.setRequiresGradient(true);
                parameters.put(name, two);
            }
            try (Optimizer optimizer = new Optimizer(new Sgd(9, 0, false, .5), parameters, manager, groups::get);
                    Autograd.Scope recording = Autograd.withGradients()) {
                NDArray sum = parameters.values().stream().reduce(NDArray::add).orElseThrow();
                Gradients ones = optimizer.gradients(sum.sum());
                optimizer.step(ones, .1);
                // lr (g + decay p) of g = 1 and p = 2
                Map<String, Double> expected = Map.of(
                        "plain", 1.8, "slow", 1.9, "exempt", 1.9, "double", 1.7, "still", 2.0, "also plain", 1.8);
                expected.forEach(
                        (name, value) -> assertThat(parameters.get(name).getFloat(0))
                                .as(name)
                                .isCloseTo((float) (double) value, within(1e-6f)));

                Map<String, Float> penalised = byName(groups, optimizer.addL1(ones, .25));
                assertThat(penalised).containsEntry("plain", 1.25f);
                assertThat(penalised).containsEntry("double", 1.5f);
                assertThat(penalised).containsEntry("exempt", 1f);

                // 0.01 of 1.8, and a head that is left alone
                Map<String, Float> clipped =
                        byName(groups, optimizer.clipAdaptively(ones, .01, name -> !name.equals("double")));
                assertThat(clipped.get("plain")).isCloseTo(.018f, within(1e-7f));
                assertThat(clipped).containsEntry("double", 1f);
            }
        }
        assertThatThrownBy(() -> new ParameterGroup(-1, 1)).hasMessageContaining("learning rate factor");
    }

    private static Map<String, Float> byName(Map<String, ParameterGroup> groups, Gradients gradients) {
        Map<String, Float> values = new LinkedHashMap<>();
        groups.keySet()
                .forEach(name ->
                        values.put(name, gradients.arrays().get(values.size()).getFloat(0)));
        return values;
    }

    @Test
    void clippingIsTheReferences() {
        JsonNode record = GOLDEN.get("clip_by_global_norm");
        try (NDManager manager = PyTorch.newManager()) {
            NDList parameters = new NDList();
            NDArray loss = manager.zeros(new Shape());
            try (Autograd.Scope recording = Autograd.withGradients()) {
                for (JsonNode gradient : record.get("gradients")) {
                    NDArray wanted = manager.create(Golden.floats(gradient));
                    NDArray parameter = manager.zeros(wanted.getShape());
                    parameter.setRequiresGradient(true);
                    parameters.add(parameter);
                    loss = loss.add(parameter.mul(wanted).sum());
                }
                Gradients gradients = Gradients.of(loss, parameters, manager);
                double expected = record.get("norm").asDouble();
                assertThat(gradients.norm()).isCloseTo(expected, within(1e-5 * expected));
                NDList clipped =
                        gradients.clipNorm(record.get("max_norm").asDouble()).arrays();
                for (int i = 0; i < clipped.size(); i++) {
                    Golden.assertClose(
                            "clipped " + i,
                            clipped.get(i).toFloatArray(),
                            Golden.doubles(record.get("clipped").get(i)),
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
        assertThatThrownBy(() -> new RmsProp(1, 1, 1e-8, 0, 0, false)).hasMessageContaining("alpha");
        assertThatThrownBy(() -> new Adagrad(1, 0, 0, -1, 0)).hasMessageContaining("initial_accumulator_value");
        assertThatThrownBy(() -> new Adadelta(1, -.1, 1e-6, 0)).hasMessageContaining("rho");
        assertThatThrownBy(() -> new Lars(1, .9, 0, 0)).hasMessageContaining("trust_coefficient");
        assertThatThrownBy(() -> new NAdam(1, List.of(.9, .9), 1e-8, 0, -1, false))
                .hasMessageContaining("momentum_decay");
        assertThatThrownBy(() -> new AdamW(1, List.of(.9, 1.), 1e-8, 0, false)).hasMessageContaining("betas");
    }

    private static NDArray rows(NDManager manager, JsonNode rows) {
        return manager.create(
                Golden.floats(rows), new Shape(rows.size(), rows.get(0).size()));
    }
}
