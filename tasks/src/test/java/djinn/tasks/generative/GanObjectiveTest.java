package djinn.tasks.generative;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import djinn.golden.Golden;
import djinn.ops.Autograd;
import djinn.ops.PyTorch;
import djinn.tasks.generative.GanObjective.Game;
import djinn.training.Outcome;
import djinn.zoo.generative.SmallGan;
import djinn.zoo.nn.Pass;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Both turns against the record of golden/generative/make_wgan_gp_record.py, which PyTorch computed in double precision. */
class GanObjectiveTest {

    private static final SmallGan.Config CONFIG = new SmallGan.Config(1, 8, 3, 2);
    private static final int N = 4;

    /** The tolerance of a gradient, relative to its largest value. */
    private static final double NEAR = 1e-5;

    /** A gradient below this share of its network's largest cancels out: it is compared on the network's scale. */
    private static final double NOTHING = 1e-6;

    private final JsonNode record = Golden.read("generative/wgan_gp.json");
    private final GanObjective objective = GanObjective.of(Game.WGAN_GP);
    private NDManager manager;
    private SmallGan gan;
    private Pass pass;

    @BeforeEach
    void fill() {
        manager = PyTorch.newManager();
        gan = new SmallGan(CONFIG);
        gan.initialize(manager);
        pass = new Pass(new ParameterStore(manager, false), true);
        int k = 0;
        for (String name : names("")) {
            NDArray array = gan.getParameters().get(name).getArray();
            boolean scale = name.equals("generator.main.2.weight") || name.equals("generator.main.5.weight");
            try (Autograd.Scope off = Autograd.withoutGradients()) {
                formula(k++, array.getShape(), .25).add(scale ? 1 : 0).copyTo(array);
            }
        }
    }

    @AfterEach
    void close() {
        manager.close();
    }

    private List<String> names(String prefix) {
        List<String> names = new ArrayList<>();
        gan.getParameters().forEach(entry -> {
            Parameter parameter = entry.getValue();
            if (parameter.requiresGradient() && entry.getKey().startsWith(prefix)) {
                names.add(entry.getKey());
            }
        });
        return names;
    }

    private NDArray formula(int k, Shape shape, double scale) {
        float[] values = new float[(int) shape.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (scale * Math.sin(1.3 * i + .9 * k + .4));
        }
        return manager.create(values, shape);
    }

    private static double largest(JsonNode stored) {
        return Arrays.stream(Golden.doubles(stored.get("values")))
                .map(Math::abs)
                .max()
                .orElseThrow();
    }

    private static void assertNear(String name, NDArray actual, JsonNode stored, double tolerance) {
        assertThat(actual.getShape()).as(name).isEqualTo(Golden.shape(stored.get("shape")));
        double[] expected = Golden.doubles(stored.get("values"));
        float[] values = actual.toFloatArray();
        for (int i = 0; i < expected.length; i++) {
            assertThat((double) values[i]).as(name + " " + i).isCloseTo(expected[i], within(tolerance));
        }
    }

    private void assertRecorded(String name, NDArray actual) {
        assertNear(name, actual, record.get(name), NEAR * largest(record.get(name)));
    }

    /** Of all arrays that are recorded. */
    private void assertGradients(NDArray loss, String name) {
        JsonNode stored = record.get(name);
        List<String> names = List.copyOf(stored.propertyNames());
        NDList inputs = new NDList();
        names.forEach(key -> inputs.add(gan.getParameters().get(key).getArray()));
        NDList gradients = Autograd.gradients(new NDList(loss), inputs, true);
        double whole = names.stream()
                .mapToDouble(key -> largest(stored.get(key)))
                .max()
                .orElseThrow();
        for (int i = 0; i < inputs.size(); i++) {
            double own = largest(stored.get(names.get(i)));
            assertNear(
                    name + " " + names.get(i),
                    gradients.get(i),
                    stored.get(names.get(i)),
                    NEAR * (own > NOTHING * whole ? own : whole));
        }
    }

    @Test
    void bothTurnsAndTheSecondDerivativeAreAsPyTorchs() {
        NDArray fake;
        try (Autograd.Scope off = Autograd.withoutGradients()) {
            fake = gan.generator().forward(formula(100, new Shape(N, 3), 1.5), pass);
        }
        assertRecorded("fake", fake);
        NDArray real = formula(102, new Shape(N, 1, 8, 8), 1);
        NDArray epsilon = formula(103, new Shape(N, 1, 1, 1), .5).add(.5);
        try (Autograd.Scope on = Autograd.withGradients()) {
            Outcome critic = objective.critic(x -> gan.critic().forward(x, pass), real, fake, epsilon);
            assertThat(objective.figures()).containsExactly("wasserstein", "gradient_norm");
            // the difference of two means of scores, whose own size its rounding goes by
            assertNear("wasserstein", critic.answers().get(0), record.get("wasserstein"), 1e-7);
            double norm = Arrays.stream(Golden.doubles(record.get("norms").get("values")))
                    .average()
                    .orElseThrow();
            assertThat((double) critic.answers().get(1).getFloat()).isCloseTo(norm, within(NEAR * norm));
            NDArray penalty = critic.terms().get("penalty");
            assertRecorded("penalty", penalty);
            assertGradients(penalty, "penalty_gradients");
            assertThat(record.get("critic_gradients").propertyNames()).containsExactlyElementsOf(names("critic."));
            assertGradients(critic.total(), "critic_gradients");

            NDArray later = formula(101, new Shape(N, 3), 1.5);
            Outcome generator = objective.generator(gan.forward(later, pass));
            assertRecorded("generator_loss", generator.total());
            assertThat(record.get("generator_gradients").propertyNames())
                    .containsExactlyElementsOf(names("generator."));
            assertGradients(generator.total(), "generator_gradients");
        }
        // of both of the generator's passes
        assertRecorded(
                "running_mean",
                gan.getParameters().get("generator.main.2.running_mean").getArray());
    }

    /** log 4 and log 2 at scores of 0; 1 and 1/2 of least squares; 2 and 0 of the hinge. */
    @Test
    void theOtherGamesAreTheirPapers() {
        Map<Game, List<Double>> expected = Map.of(
                Game.SATURATING, List.of(Math.log(4), -Math.log(2)),
                Game.NON_SATURATING, List.of(Math.log(4), Math.log(2)),
                Game.LEAST_SQUARES, List.of(.5, .5),
                Game.HINGE, List.of(2., 0.));
        NDArray images = manager.zeros(new Shape(3, 1, 2, 2));
        expected.forEach((game, losses) -> {
            GanObjective other = GanObjective.of(game);
            Outcome critic = other.critic(x -> x.sum(new int[] {1, 2, 3}), images, images, images);
            assertThat((double) critic.total().getFloat()).isCloseTo(losses.get(0), within(1e-6));
            assertThat(other.figures()).containsExactly("real", "fake");
            assertThat(critic.answers())
                    .allSatisfy(answer -> assertThat(answer.getFloat()).isEqualTo(.5f));
            Outcome generator = other.generator(images.sum(new int[] {1, 2, 3}));
            assertThat((double) generator.total().getFloat()).isCloseTo(losses.get(1), within(1e-6));
        });
    }

    @Test
    void aPenaltyIsRefusedWhereNoneIsUsed() {
        for (Game game : Arrays.asList(Game.HINGE, Game.NON_SATURATING)) {
            assertThatThrownBy(() -> new GanObjective(game, OptionalDouble.of(1), OptionalDouble.empty()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("wgan_gp");
        }
        assertThatThrownBy(() -> new GanObjective(Game.WGAN_GP, OptionalDouble.of(-1), OptionalDouble.empty()))
                .hasMessageContaining("-1.0");
    }

    @Test
    void clippingIsOfTheGameWganAlone() {
        assertThat(GanObjective.of(Game.WGAN).bound()).hasValue(.01);
        assertThat(new GanObjective(Game.WGAN, OptionalDouble.empty(), OptionalDouble.of(.1)).bound())
                .hasValue(.1);
        assertThat(objective.bound()).isEmpty();
        assertThat(GanObjective.of(Game.WGAN).figures()).containsExactly("wasserstein");
        assertThatThrownBy(() -> new GanObjective(Game.WGAN_GP, OptionalDouble.empty(), OptionalDouble.of(.1)))
                .hasMessageContaining("name wgan");
        assertThatThrownBy(() -> new GanObjective(Game.WGAN, OptionalDouble.empty(), OptionalDouble.of(0)))
                .hasMessageContaining("above 0");
    }
}
