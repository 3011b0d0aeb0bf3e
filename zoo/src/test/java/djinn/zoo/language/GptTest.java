package djinn.zoo.language;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.Pair;
import djinn.golden.Formula;
import djinn.golden.Golden;
import djinn.ops.Autograd;
import djinn.ops.GradientCheckpointing;
import djinn.ops.Gradients;
import djinn.ops.Precision;
import djinn.ops.PyTorch;
import djinn.ops.Randomness;
import djinn.ops.TorchScript;
import djinn.zoo.nn.Pass;
import djinn.zoo.weights.StateDict;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class GptTest {

    private static final Gpt.Config SMALL = new Gpt.Config(7, 6, 2, 2, 8, 0, true, Gpt.Activation.GELU);

    private static final TorchScript LOSS = TorchScript.compileForProcess("""
            def loss(x: Tensor, y: Tensor) -> Tensor:
              return torch.cross_entropy_loss(torch.flatten(x, 0, 1), torch.flatten(y, 0, 1))
            """);

    private NDManager manager;

    @BeforeEach
    void open() {
        manager = PyTorch.newManager();
    }

    @AfterEach
    void close() {
        manager.close();
    }

    /** Logits, loss and gradients of a program in plain PyTorch: golden/gpt/make_record.py. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void equalsTheProgramInPytorch(boolean tied) {
        JsonNode record = Golden.records("gpt/gpt.json").get(tied ? "gpt_tied" : "gpt");
        Gpt gpt = new Gpt(new Gpt.Config(7, 6, 2, 2, 8, 0, tied, Gpt.Activation.GELU_TANH));
        gpt.initialize(manager);
        Map<String, NDArray> weights = new LinkedHashMap<>();
        for (JsonNode key : record.get("keys")) {
            String name = key.get(0).asString();
            weights.put(name, Formula.weight(manager, "", name, Golden.shape(key.get(1))));
        }
        assertThat(gpt.getParameters().keys()).containsExactlyElementsOf(weights.keySet());
        StateDict.load(gpt, weights, "formula");
        NDArray text = text(record);
        NDList trained = requireGradients(gpt);

        NDArray logits;
        NDArray loss;
        Gradients gradients;
        try (Autograd.Scope on = Autograd.withGradients()) {
            logits = gpt.forward(text.get(":, :-1"), pass(true));
            loss = LOSS.call("loss", logits, text.get(":, 1:"));
            gradients = Gradients.of(loss, trained, manager);
        }

        Golden.assertClose("logits", logits, record.get("logits"));
        assertThat((double) loss.getFloat()).isCloseTo(record.get("loss").asDouble(), within(1e-6));
        List<String> names = List.copyOf(weights.keySet());
        record.get("gradients")
                .forEachEntry((name, expected) -> Golden.assertClose(
                        "gradient of " + name, gradients.arrays().get(names.indexOf(name)), expected));
    }

    private Gpt placed(int layers, Gpt.Positions positions, int seed) {
        Gpt gpt = started(new Gpt.Config(7, 6, layers, 2, 8, 0, true, Gpt.Activation.GELU, positions), seed);
        // larger than a model starts, so that all that is seen matters
        StateDict.of(gpt).values().forEach(array -> array.muli(array.getShape().dimension() > 1 ? 8 : 1));
        if (positions == Gpt.Positions.RELATIVE) {
            // it starts at zero
            StateDict.of(gpt)
                    .get("transformer.relative.weight")
                    .addi(manager.arange(22f).reshape(11, 2).sin());
        }
        return gpt;
    }

    /** One layer without positions sees no order of the tokens before: with them it does. */
    @ParameterizedTest
    @EnumSource(Gpt.Positions.class)
    void theOrderOfEarlierTokensMatters(Gpt.Positions positions) {
        NDArray tokens = manager.create(new long[] {1, 4, 2, 0}, new Shape(1, 4));
        NDArray turned = manager.create(new long[] {2, 1, 4, 0}, new Shape(1, 4));
        NDIndex last = new NDIndex("0, -1");
        Gpt gpt = placed(1, positions, 1);
        float[] logits = gpt.forward(tokens, pass(false)).get(last).toFloatArray();
        float[] others = gpt.forward(turned, pass(false)).get(last).toFloatArray();
        assertThat(distance(logits, others)).isGreaterThan(1e-5);
        if (positions == Gpt.Positions.RELATIVE) {
            StateDict.of(gpt).get("transformer.relative.weight").muli(0);
            logits = gpt.forward(tokens, pass(false)).get(last).toFloatArray();
            others = gpt.forward(turned, pass(false)).get(last).toFloatArray();
            assertThat(distance(logits, others)).as("all places alike").isLessThan(1e-6);
        }
    }

    private static double distance(float[] xs, float[] ys) {
        return IntStream.range(0, xs.length)
                .mapToDouble(i -> Math.abs(xs[i] - ys[i]))
                .max()
                .orElseThrow();
    }

    @ParameterizedTest
    @EnumSource(Gpt.Positions.class)
    void aLaterTokenChangesNoEarlierLogit(Gpt.Positions positions) {
        Gpt gpt = placed(2, positions, 1);
        NDArray tokens = manager.create(new long[] {1, 4, 2, 0, 6, 3}, new Shape(1, 6));
        NDArray others = manager.create(new long[] {1, 4, 2, 5, 0, 0}, new Shape(1, 6));

        NDArray logits = gpt.forward(tokens, pass(false));
        NDArray changed = gpt.forward(others, pass(false));

        assertThat(logits.get(":, :3").toFloatArray())
                .containsExactly(changed.get(":, :3").toFloatArray());
        for (int t = 3; t < 6; t++) {
            NDIndex at = new NDIndex(0, t);
            assertThat(logits.get(at).toFloatArray())
                    .as("position " + t)
                    .isNotEqualTo(changed.get(at).toFloatArray());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void gradientsReachEveryParameter(boolean tied) {
        Gpt gpt = started(new Gpt.Config(7, 6, 3, 4, 16, .1, tied, Gpt.Activation.GELU), 3);
        NDArray text = manager.create(new long[] {1, 4, 2, 0, 6, 3, 5, 1, 0, 6, 4, 2, 0, 3}, new Shape(2, 7));
        NDList trained = requireGradients(gpt);
        Randomness.seed(5);
        try (Autograd.Scope on = Autograd.withGradients()) {
            NDArray loss = LOSS.call("loss", gpt.forward(text.get(":, :-1"), pass(true)), text.get(":, 1:"));
            try (Gradients gradients = Gradients.of(loss, trained, manager)) {
                for (int i = 0; i < trained.size(); i++) {
                    assertThat(gradients.arrays().get(i).norm().getFloat())
                            .as(gpt.getParameters().keys().get(i))
                            .isPositive()
                            .isFinite();
                }
            }
        }
    }

    /** The two forms of GELU differ by up to 5e-4, and so do the logits a little. */
    @Test
    void exactGeluIsNearItsTanhForm() {
        NDArray tokens = manager.create(new long[] {1, 4, 2, 0, 6, 3}, new Shape(1, 6));
        Gpt exact = new Gpt(new Gpt.Config(7, 6, 2, 2, 8, 0, false, Gpt.Activation.GELU));
        Gpt tanh = new Gpt(new Gpt.Config(7, 6, 2, 2, 8, 0, false, Gpt.Activation.GELU_TANH));
        exact.initialize(manager);
        tanh.initialize(manager);
        for (Gpt gpt : List.of(exact, tanh)) {
            Map<String, NDArray> weights = new LinkedHashMap<>();
            StateDict.of(gpt)
                    .forEach((name, array) -> weights.put(name, Formula.weight(manager, "", name, array.getShape())));
            StateDict.load(gpt, weights, "formula");
        }

        float[] logits = exact.forward(tokens, pass(false)).toFloatArray();
        float[] others = tanh.forward(tokens, pass(false)).toFloatArray();

        assertThat(logits).isNotEqualTo(others);
        Golden.assertClose("logits", logits, doubles(others), 0, .01);
    }

    /** One layer's inside is kept at a time; the tied embedding learns from both ends. */
    @ParameterizedTest
    @EnumSource(Gpt.Positions.class)
    void checkpointingGivesTheSameGradientsToTheBit(Gpt.Positions positions) {
        Gpt gpt = placed(4, positions, 8);
        NDArray text = manager.create(new long[] {1, 4, 2, 0, 6, 3, 5, 1, 0, 6, 4, 2, 0, 3}, new Shape(2, 7));
        NDList trained = requireGradients(gpt);
        GradientCheckpointing checkpointing = new GradientCheckpointing();
        Pass kept = new Pass(new ParameterStore(manager, false), true, false, Precision.FP32, checkpointing);
        try (Autograd.Scope on = Autograd.withGradients()) {
            NDArray loss = LOSS.call("loss", gpt.forward(text.get(":, :-1"), pass(true)), text.get(":, 1:"));
            checkpointing.begin(5);
            NDArray same = LOSS.call("loss", gpt.forward(text.get(":, :-1"), kept), text.get(":, 1:"));
            assertThat(same.getFloat()).isEqualTo(loss.getFloat());
            try (Gradients expected = Gradients.of(loss, trained, manager);
                    Gradients found = checkpointing.gradients(same, trained, manager)) {
                for (int i = 0; i < trained.size(); i++) {
                    assertThat(found.arrays().get(i).toFloatArray())
                            .as(gpt.getParameters().keys().get(i))
                            .containsExactly(expected.arrays().get(i).toFloatArray());
                    assertThat(found.arrays().get(i).norm().getFloat()).isPositive();
                }
            }
        }
    }

    @Test
    void dropoutActsInTrainingAlone() {
        Gpt gpt = started(new Gpt.Config(7, 6, 1, 2, 8, .5, true, Gpt.Activation.GELU), 4);
        NDArray tokens = manager.create(new long[] {1, 4, 2}, new Shape(1, 3));
        float[] first = gpt.forward(tokens, pass(false)).toFloatArray();

        assertThat(gpt.forward(tokens, pass(false)).toFloatArray()).containsExactly(first);
        assertThat(gpt.forward(tokens, pass(true)).toFloatArray()).isNotEqualTo(first);
    }

    /** Table 2 of the paper, and the published checkpoint: 124,439,808 values. */
    @Test
    void theSmallestModelOfThePaperHasItsSize() {
        assertThat(Gpt.gpt2().parameterCount()).isEqualTo(124_439_808);
    }

    @Test
    void residualBranchesStartSmallerTheMoreThereAre() {
        Gpt gpt = started(new Gpt.Config(50, 8, 8, 2, 64, 0, true, Gpt.Activation.GELU), 6);
        for (Pair<String, Parameter> entry : gpt.getParameters()) {
            NDArray array = entry.getValue().getArray();
            String name = entry.getKey();
            if (array.getShape().dimension() == 2) {
                double expected = name.endsWith("c_proj.weight") ? .02 / Math.sqrt(16) : .02;
                double deviation = Math.sqrt(array.square().mean().getFloat());
                assertThat(deviation).as(name).isCloseTo(expected, within(.12 * expected));
            }
        }
    }

    @Test
    void moreTokensThanTheContextAreRefused() {
        Gpt gpt = started(SMALL, 1);
        assertThatThrownBy(() -> gpt.forward(manager.zeros(new Shape(1, 7)), pass(false)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected tokens (N, T) with T from 1 to the context of 6, got (1, 7)");
        assertThatThrownBy(() -> new Gpt.Config(7, 6, 2, 3, 8, 0, true, Gpt.Activation.GELU))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected a width that is a multiple of the heads, got width 8 and 3 heads");
    }

    private Gpt started(Gpt.Config config, long seed) {
        Randomness.seed(seed);
        Gpt gpt = new Gpt(config);
        gpt.initialize(manager);
        return gpt;
    }

    private Pass pass(boolean training) {
        return new Pass(new ParameterStore(manager, false), training);
    }

    private NDArray text(JsonNode record) {
        double[] values = Golden.doubles(record.get("text"));
        long[] tokens = new long[values.length];
        for (int i = 0; i < tokens.length; i++) {
            tokens[i] = (long) values[i];
        }
        return manager.create(tokens, new Shape(2, tokens.length / 2));
    }

    private static NDList requireGradients(Gpt gpt) {
        List<NDArray> arrays = new ArrayList<>();
        for (Parameter parameter : gpt.getParameters().values()) {
            parameter.getArray().setRequiresGradient(true);
            arrays.add(parameter.getArray());
        }
        return new NDList(arrays);
    }

    private static double[] doubles(float[] values) {
        double[] doubles = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            doubles[i] = values[i];
        }
        return doubles;
    }
}
