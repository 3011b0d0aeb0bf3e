package djinn.zoo.generative;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import djinn.golden.Formula;
import djinn.golden.Golden;
import djinn.ops.Autograd;
import djinn.ops.Gradients;
import djinn.ops.PyTorch;
import djinn.ops.Scalars;
import djinn.zoo.nn.Pass;
import djinn.zoo.weights.StateDict;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The discriminator against the records of golden/generative/make_spectral_records.py, which are of double precision. */
class SnganTest {

    private static final Shape IMAGES = new Shape(3, 2, 8, 8);
    private static final double RATE = .02;

    private final JsonNode record = Golden.read("generative/sngan.json");
    private final NDManager manager = PyTorch.newManager();
    private final Sngan.Discriminator discriminator = new Sngan.Discriminator(new Sngan.Config(2, 8, 1, 1));

    SnganTest() {
        discriminator.initialize(manager);
    }

    @AfterEach
    void close() {
        manager.close();
    }

    private static boolean isVector(String key) {
        return key.endsWith("weight_u") || key.endsWith("weight_v");
    }

    /** Weights of the formula, and vectors of the formula, of length 1, or given ones. */
    private void fill(JsonNode vectors) {
        Map<String, NDArray> weights = new LinkedHashMap<>(StateDict.of(discriminator));
        weights.replaceAll((key, array) -> {
            if (!isVector(key)) {
                return Formula.weight(manager, "", key, array.getShape());
            } else if (!vectors.isMissingNode()) {
                return Golden.array(manager, vectors.get(key));
            }
            NDArray start = Formula.input(manager, key, array.getShape());
            return start.div(start.norm());
        });
        StateDict.load(discriminator, weights, "formula");
    }

    private NDArray judge(NDArray images, boolean training) {
        return discriminator.forward(images, new Pass(new ParameterStore(manager, false), training));
    }

    /** Compares a pass in training and its gradients; returns those of the parameters, by name. */
    private Map<String, NDArray> requireRecorded(JsonNode told, String images) {
        Map<String, NDArray> learnt = new LinkedHashMap<>();
        discriminator.getParameters().forEach(entry -> {
            if (entry.getValue().requiresGradient()) {
                entry.getValue().getArray().setRequiresGradient(true);
                learnt.put(entry.getKey(), entry.getValue().getArray());
            }
        });
        NDArray x = Formula.input(manager, images, IMAGES);
        x.setRequiresGradient(true);
        NDList inputs = new NDList(learnt.values());
        inputs.add(x);
        NDArray scores;
        List<NDArray> gradients;
        try (Autograd.Scope on = Autograd.withGradients()) {
            scores = judge(x, true);
            NDArray probe = Formula.input(manager, "probe", scores.getShape());
            gradients = Gradients.of(scores.mul(probe).sum(), inputs, manager).arrays();
        }
        requireNear("scores", scores, told.get("scores"));
        requireNear("x", gradients.get(gradients.size() - 1), told.get("x"));
        assertThat(told.get("gradients").propertyNames()).containsExactlyInAnyOrderElementsOf(learnt.keySet());
        Map<String, NDArray> named = new LinkedHashMap<>();
        for (String name : learnt.keySet()) {
            NDArray gradient = gradients.get(named.size());
            requireNear("gradient of " + name, gradient, told.get("gradients").get(name));
            named.put(name, gradient);
        }
        return named;
    }

    /** Within 1e-5 of the largest value. */
    private static void requireNear(String what, NDArray found, JsonNode stored) {
        assertThat(found.getShape()).as(what).isEqualTo(Golden.shape(stored.get("shape")));
        double[] expected = Golden.doubles(stored.get("values"));
        double largest = Arrays.stream(expected).map(Math::abs).max().orElseThrow();
        Golden.assertClose(what, found.toFloatArray(), expected, 0, 1e-5 * largest);
    }

    /** Weights learn, and the vectors follow them: one step of the power iteration a pass. */
    @Test
    void twoStepsAreAsPytorchs() {
        fill(record.path("none"));
        int step = 0;
        for (JsonNode told : record.get("steps")) {
            Map<String, NDArray> gradients = requireRecorded(told, "x" + step++);
            try (Autograd.Scope off = Autograd.withoutGradients()) {
                gradients.forEach((name, gradient) ->
                        discriminator.getParameters().get(name).getArray().subi(Scalars.mul(gradient, RATE)));
            }
        }
        Map<String, NDArray> state = StateDict.of(discriminator);
        assertThat(record.get("state").propertyNames()).containsExactlyInAnyOrderElementsOf(state.keySet());
        state.forEach(
                (name, array) -> requireNear(name, array, record.get("state").get(name)));
        requireNear("inference", judge(Formula.input(manager, "x2", IMAGES), false), record.get("inference"));
    }

    /** PyTorch's newer parametrization takes the iteration's two halves the other way round: both settle at one place. */
    @Test
    void atTheSingularVectorsBothOfPytorchsAreOne() {
        JsonNode settled = record.get("settled");
        fill(settled.get("vectors"));
        requireRecorded(settled, "x0");
        Map<String, NDArray> state = StateDict.of(discriminator);
        settled.get("vectors")
                .propertyStream()
                .forEach(vector -> requireNear(vector.getKey(), state.get(vector.getKey()), vector.getValue()));
    }
}
