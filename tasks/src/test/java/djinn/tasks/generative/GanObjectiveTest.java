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
import djinn.ops.Autograd;
import djinn.ops.PyTorch;
import djinn.tasks.generative.GanObjective.Game;
import djinn.training.Outcome;
import djinn.zoo.generative.SmallGan;
import djinn.zoo.nn.Pass;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Both turns against a record of PyTorch 2.13, {@code wgan_gp.txt}: the same layers in {@code nn.Sequential}, every array
 * filled with {@code scale sin(1.3 i + 0.9 k + 0.4)}, where i counts its values and k the arrays (generator, critic, then
 * 100 to 103 for the critic's noise, the generator's, real images and epsilon); {@code torch.autograd.grad(...,
 * create_graph=True)} and {@code backward()}.
 */
class GanObjectiveTest {

    private static final SmallGan.Config CONFIG = new SmallGan.Config(1, 8, 3, 2);
    private static final int N = 4;

    private final Map<String, float[]> record = new LinkedHashMap<>();
    private final GanObjective objective = GanObjective.of(Game.WGAN_GP);
    private NDManager manager;
    private SmallGan gan;
    private Pass pass;

    @BeforeEach
    void fill() throws IOException {
        try (BufferedReader lines = new BufferedReader(
                new InputStreamReader(getClass().getResourceAsStream("wgan_gp.txt"), StandardCharsets.US_ASCII))) {
            lines.lines().map(line -> line.split(" ", -1)).forEach(words -> {
                float[] values = new float[words.length - 1];
                for (int i = 0; i < values.length; i++) {
                    values[i] = Float.parseFloat(words[i + 1]);
                }
                record.put(words[0], values);
            });
        }
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

    private void assertRecorded(String name, NDArray actual, double tolerance) {
        float[] expected = record.get(name);
        float[] values = actual.toFloatArray();
        assertThat(values).as(name).hasSameSizeAs(expected);
        float largest = 0;
        for (float value : expected) {
            largest = Math.max(largest, Math.abs(value));
        }
        for (int i = 0; i < expected.length; i++) {
            assertThat((double) values[i])
                    .as(name + " " + i)
                    .isCloseTo(expected[i], within(tolerance * Math.max(largest, .05)));
        }
    }

    private void assertGradients(NDArray loss, String prefix) {
        List<String> names = names(prefix);
        NDList inputs = new NDList();
        names.forEach(name -> inputs.add(gan.getParameters().get(name).getArray()));
        NDList gradients = Autograd.gradients(new NDList(loss), inputs, false);
        for (int i = 0; i < inputs.size(); i++) {
            assertRecorded(names.get(i), gradients.get(i), 2e-5);
        }
    }

    @Test
    void bothTurnsAndTheSecondDerivativeAreAsPyTorchs() {
        NDArray fake;
        try (Autograd.Scope off = Autograd.withoutGradients()) {
            fake = gan.generator().forward(formula(100, new Shape(N, 3), 1.5), pass);
        }
        assertRecorded("fake", fake, 1e-5);
        NDArray real = formula(102, new Shape(N, 1, 8, 8), 1);
        NDArray epsilon = formula(103, new Shape(N, 1, 1, 1), .5).add(.5);
        try (Autograd.Scope on = Autograd.withGradients()) {
            Outcome critic = objective.critic(x -> gan.critic().forward(x, pass), real, fake, epsilon);
            assertThat(objective.figures()).containsExactly("wasserstein", "gradient_norm");
            assertRecorded("wasserstein", critic.answers().get(0), 1e-4);
            double norm = 0;
            for (float one : record.get("norms")) {
                norm += one / N;
            }
            assertThat((double) critic.answers().get(1).getFloat()).isCloseTo(norm, within(1e-6));
            assertRecorded("penalty", critic.terms().get("penalty"), 1e-5);
            assertGradients(critic.total(), "critic.");

            NDArray later = formula(101, new Shape(N, 3), 1.5);
            Outcome generator = objective.generator(gan.forward(later, pass));
            assertRecorded("generator_loss", generator.total(), 1e-5);
            assertGradients(generator.total(), "generator.");
        }
        // of both of the generator's passes
        assertRecorded(
                "running_mean",
                gan.getParameters().get("generator.main.2.running_mean").getArray(),
                1e-5);
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
