package djinn.tasks.points;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import djinn.golden.Formula;
import djinn.golden.Golden;
import djinn.ops.Autograd;
import djinn.ops.PyTorch;
import djinn.tasks.generative.GanObjective;
import djinn.tasks.generative.GanObjective.Game;
import djinn.zoo.generative.PointCritic;
import djinn.zoo.generative.PointGan;
import djinn.zoo.generative.PointGenerator;
import djinn.zoo.nn.Pass;
import djinn.zoo.weights.StateDict;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Against the records of golden/generative/make_point_records.py: plain PyTorch with the formula's weights. */
class UnrollingTest {

    private static final int N = 6;
    private static final double LR = .3;

    private final NDManager manager = PyTorch.newManager();
    private final PointGan gan = new PointGan(
            new PointGenerator(new PointGenerator.Config(3, 8, 2)), new PointCritic(new PointCritic.Config(8, 2, 4)));
    private final Pass pass = new Pass(new ParameterStore(manager, false), true);

    @BeforeEach
    void fill() {
        gan.initialize(manager);
        Map<String, NDArray> weights = new LinkedHashMap<>();
        StateDict.of(gan)
                .forEach((name, array) -> weights.put(name, Formula.weight(manager, "", name, array.getShape())));
        StateDict.load(gan, weights, "formula");
    }

    @AfterEach
    void close() {
        manager.close();
    }

    private List<String> names(String network) {
        return gan.getParameters().keys().stream()
                .filter(name -> name.startsWith(network))
                .toList();
    }

    /** Without steps the networks themselves are compared. */
    @ParameterizedTest
    @CsvSource({"NON_SATURATING, 0", "NON_SATURATING, 1", "NON_SATURATING, 2", "WGAN_GP, 0", "WGAN_GP, 1", "WGAN_GP, 2"
    })
    void theCriticAheadAndTheGeneratorsGradientAreAsPyTorchs(Game game, int steps) {
        JsonNode record =
                Golden.records("generative/unrolled.json").get(game.name().toLowerCase(Locale.ROOT) + " " + steps);
        GanObjective objective = GanObjective.of(game);
        NDArray real = Formula.input(manager, "real", new Shape(N, 2)).mul(2);
        NDArray epsilon =
                Formula.input(manager, "epsilon", new Shape(N, 1)).add(1).div(2);
        NDList trained = new NDList();
        names("generator.")
                .forEach(name -> trained.add(gan.getParameters().get(name).getArray()));
        trained.forEach(weight -> weight.setRequiresGradient(true));
        try (Autograd.Scope on = Autograd.withGradients()) {
            NDArray drawn = gan.generator().forward(Formula.input(manager, "noise", new Shape(N, 3)), pass);
            List<NDArray> own = gan.critic().weights(drawn, pass);
            List<float[]> before = own.stream().map(NDArray::toFloatArray).toList();
            List<NDArray> ahead = steps == 0
                    ? own
                    : new Unrolling(steps, LR)
                            .ahead(
                                    own,
                                    at -> objective
                                            .critic(x -> gan.critic().score(x, at), real, drawn, epsilon)
                                            .total(),
                                    manager);
            List<String> critic = names("critic.");
            for (int i = 0; i < ahead.size(); i++) {
                assertThat(own.get(i).toFloatArray()).containsExactly(before.get(i));
                assertRecorded(
                        critic.get(i),
                        ahead.get(i),
                        record.get("weights").get(critic.get(i).substring(7)));
            }
            NDArray scores = gan.critic().score(drawn, ahead);
            assertRecorded("scores", scores, record.get("scores"));
            NDArray loss = objective.generator(scores).total();
            assertRecorded("loss", loss, record.get("loss"));
            NDList gradients = Autograd.gradients(new NDList(loss), trained, false);
            List<String> generator = names("generator.");
            for (int i = 0; i < gradients.size(); i++) {
                assertRecorded(
                        generator.get(i),
                        gradients.get(i),
                        record.get("gradients").get(generator.get(i).substring(10)));
            }
        }
    }

    private static void assertRecorded(String what, NDArray actual, JsonNode expected) {
        double[] values = Golden.doubles(expected.get("values"));
        double largest = 0;
        for (double value : values) {
            largest = Math.max(largest, Math.abs(value));
        }
        assertThat(actual.getShape()).as(what).isEqualTo(Golden.shape(expected.get("shape")));
        // sums of many terms: absolute error against the largest
        Golden.assertClose(what, actual.toFloatArray(), values, 1e-5, Math.max(1e-6, 1e-6 * largest));
    }

    /** Where gradients are not recorded, as in validation, the steps are the same. */
    @Test
    void stepsAreTakenWithoutTheThreadsGradients() {
        List<NDArray> start = List.of(manager.create(new float[] {3}));
        List<NDArray> ahead = new ArrayList<>();
        try (Autograd.Scope off = Autograd.withoutGradients()) {
            ahead.addAll(
                    new Unrolling(2, .25).ahead(start, at -> at.get(0).square().sum(), manager));
        }
        // 3 to 1.5 to 0.75
        assertThat(ahead.get(0).toFloatArray()).containsExactly(.75f);
    }

    @Test
    void stepsThatAreNoneAreRefused() {
        assertThatThrownBy(() -> new Unrolling(0, 1))
                .hasMessageContaining("at least 1")
                .hasMessageContaining("got 0");
        assertThatThrownBy(() -> new Unrolling(1, 0)).hasMessageContaining("lr above 0");
    }
}
