package djinn.tasks.imagetranslation;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import djinn.ops.PyTorch;
import djinn.zoo.nn.Pass;
import djinn.zoo.weights.StateDict;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ImagePoolTest {

    private static final int SIZE = 5;

    /** The rule, image by image, as the paper's authors have it: images are numbers here. */
    private static final class Rule {

        private final List<Float> kept = new ArrayList<>();

        float query(float image, double coin, double place) {
            if (kept.size() < SIZE) {
                kept.add(image);
                return image;
            }
            return coin < .5 ? kept.set((int) (place * SIZE), image) : image;
        }
    }

    @Test
    void imagesAreHandedOutByTheRuleAndTheStateGoesOn() {
        try (NDManager manager = PyTorch.newManager()) {
            Pass pass = new Pass(new ParameterStore(manager, false), true);
            ImagePool pool = new ImagePool(SIZE, new Shape(1, 2, 1));
            pool.initialize(manager);
            Rule rule = new Rule();
            SplittableRandom random = new SplittableRandom(3);
            float next = 1;
            int old = 0;
            for (int round = 0; round < 40; round++) {
                if (round == 20) {
                    // as a checkpoint does
                    ImagePool resumed = new ImagePool(SIZE, new Shape(1, 2, 1));
                    resumed.initialize(manager);
                    Map<String, NDArray> state = new LinkedHashMap<>(StateDict.of(pool));
                    StateDict.load(resumed, state, "pool");
                    pool = resumed;
                }
                int batch = 1 + random.nextInt(3);
                float[] images = new float[2 * batch];
                float[] draws = new float[2 * batch];
                float[] expected = new float[2 * batch];
                for (int i = 0; i < batch; i++) {
                    float image = next++;
                    images[2 * i] = image;
                    images[2 * i + 1] = -image;
                    draws[2 * i] = (float) random.nextDouble();
                    draws[2 * i + 1] = (float) random.nextDouble(.999);
                    expected[2 * i] = rule.query(image, draws[2 * i], draws[2 * i + 1]);
                    expected[2 * i + 1] = -expected[2 * i];
                    old += expected[2 * i] == image ? 0 : 1;
                }
                NDArray answers = pool.query(
                        manager.create(images, new Shape(batch, 1, 2, 1)),
                        manager.create(draws, new Shape(batch, 2)),
                        pass);
                assertThat(answers.getShape()).isEqualTo(new Shape(batch, 1, 2, 1));
                assertThat(answers.toFloatArray()).as("round " + round).containsExactly(expected);
            }
            assertThat(old).isGreaterThan(15);
            assertThat(StateDict.of(pool).get("count").getLong()).isEqualTo(SIZE);
        }
    }

    @Test
    void nothingOfItIsTrained() {
        ImagePool pool = new ImagePool(SIZE, new Shape(3, 8, 8));
        assertThat(pool.parameterCount()).isZero();
        assertThat(pool.getParameters().keys()).containsExactly("images", "count");
    }
}
