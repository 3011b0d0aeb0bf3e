package djinn.zoo.generative;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import djinn.golden.Formula;
import djinn.ops.Autograd;
import djinn.ops.PyTorch;
import djinn.zoo.nn.Pass;
import djinn.zoo.weights.StateDict;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Their numbers against PyTorch's are compared where the critic looks ahead, in the module of tasks. */
class PointGanTest {

    private final NDManager manager = PyTorch.newManager();
    private final Pass pass = new Pass(new ParameterStore(manager, false), true);

    @AfterEach
    void close() {
        manager.close();
    }

    @Test
    void namesAndShapesAreASequentialsAndAModuleLists() {
        PointGan gan = new PointGan(
                new PointGenerator(new PointGenerator.Config(5, 4, 2)),
                new PointCritic(new PointCritic.Config(4, 1, 4)));
        gan.initialize(manager);
        assertThat(StateDict.of(gan).keySet())
                .containsExactly(
                        "generator.main.0.weight",
                        "generator.main.0.bias",
                        "generator.main.2.weight",
                        "generator.main.2.bias",
                        "generator.main.4.weight",
                        "generator.main.4.bias",
                        "critic.layers.0.weight",
                        "critic.layers.0.bias",
                        "critic.layers.1.weight",
                        "critic.layers.1.bias");
        NDArray noise = Formula.input(manager, "x", new Shape(3, 5));
        assertThat(gan.generator().forward(noise, pass).getShape()).isEqualTo(new Shape(3, 2));
        assertThat(gan.forward(noise, pass).getShape()).isEqualTo(new Shape(3));
    }

    /** |x| + |y| of the given weights: 4 units, one for each half of an axis; points are halved before. */
    @Test
    void aCriticIsComputedWithGivenWeights() {
        PointCritic critic = new PointCritic(new PointCritic.Config(4, 1, 2));
        critic.initialize(manager);
        List<NDArray> weights = List.of(
                manager.create(new float[] {1, 0, -1, 0, 0, 1, 0, -1}, new Shape(4, 2)),
                manager.zeros(new Shape(4)),
                manager.ones(new Shape(1, 4)),
                manager.create(new float[] {.25f}));
        NDArray points = manager.create(new float[] {3, -1, -2, 0}, new Shape(2, 2));
        assertThat(critic.score(points, weights).toFloatArray()).containsExactly(2.25f, 1.25f);
        assertThat(critic.forward(points, pass).toFloatArray()).isNotEqualTo(new float[] {2.25f, 1.25f});
        assertThatThrownBy(() -> critic.score(points, weights.subList(0, 2)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("each of 2 layers")
                .hasMessageContaining("2 arrays");
    }

    /** The points are (theta, z); each of them moves theta alike. */
    @Test
    void aLineStandsWhereThetaIs() {
        LineGenerator line = new LineGenerator(-.5);
        line.initialize(manager);
        NDArray theta = line.getParameters().get("theta").getArray();
        theta.setRequiresGradient(true);
        NDArray heights = manager.create(new float[] {.25f, 1, 0}, new Shape(3, 1));
        try (Autograd.Scope on = Autograd.withGradients()) {
            NDArray points = line.forward(heights, pass);
            assertThat(points.getShape()).isEqualTo(new Shape(3, 2));
            assertThat(points.toFloatArray()).containsExactly(-.5f, .25f, -.5f, 1, -.5f, 0);
            NDArray slope = Autograd.gradients(new NDList(points.square().sum()), new NDList(theta), false)
                    .singletonOrThrow();
            // 2 theta of each
            assertThat(slope.toFloatArray()).containsExactly(-3);
        }
    }

    @Test
    void networksOfNothingAreRefused() {
        assertThatThrownBy(() -> new PointGenerator.Config(0, 4, 2)).hasMessageContaining("got 0, 4 and 2");
        assertThatThrownBy(() -> new PointCritic.Config(4, 1, 0)).hasMessageContaining("scale above 0");
    }
}
