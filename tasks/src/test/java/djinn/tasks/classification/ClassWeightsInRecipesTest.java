package djinn.tasks.classification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import djinn.data.ClassWeights;
import djinn.ops.PyTorch;
import djinn.ops.Randomness;
import djinn.tasks.Recipes;
import djinn.tasks.TinyRun;
import djinn.training.Trainer;
import djinn.zoo.nn.ArrayBlock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A recipe's {@code train.class_weights}, on 5, 10 and 10 images of three classes. */
class ClassWeightsInRecipesTest {

    @TempDir
    private static Path folder;

    private static TinyRun tiny;

    @BeforeAll
    static void makeData() throws IOException {
        tiny = new TinyRun(folder);
        for (int i = 0; i < 5; i++) {
            Files.delete(tiny.images().resolve("train/class0/" + i + ".png"));
        }
    }

    /** The validation loss of the model as it starts. */
    private static double loss(String... settings) {
        ClassificationTask task = ClassificationTask.of(tiny.recipe(settings));
        try (NDManager manager = PyTorch.newManager()) {
            Randomness.seed(1);
            ArrayBlock model = task.newModel();
            model.initialize(manager);
            return Trainer.validate(task, model).values().get("loss");
        }
    }

    @Test
    void theLossGetsTheWeightsOfTheTrainingImages() {
        // N / (K n) = 25 / 15 and 25 / 30
        double balanced = loss("train.class_weights=balanced");
        double spelledOut = loss(
                "loss={name: cross_entropy, weight: [1.6666666666666667, 0.83333333333333333, 0.83333333333333333]}");
        assertThat(balanced).isCloseTo(spelledOut, within(1e-6)).isNotCloseTo(loss(), within(1e-4));

        // beta 0.5: 1 / (1 - 2^-5), 1 / (1 - 2^-10), scaled to a mean of 1
        double five = 32 / 31.;
        double ten = 1024 / 1023.;
        double mean = (five + 2 * ten) / 3;
        String alpha = "[" + five / mean + ", " + ten / mean + ", " + ten / mean + "]";
        String focal = "loss={name: softmax_focal, gamma: 1}";
        assertThat(loss(focal, "train.class_weights={name: effective_number, beta: 0.5}"))
                .isCloseTo(loss("loss={name: softmax_focal, gamma: 1, alpha: " + alpha + "}"), within(1e-6))
                .isNotCloseTo(loss(focal), within(1e-6));
    }

    @Test
    void aLossWithoutRoomForThemIsRefused() {
        for (String loss :
                List.of("loss={name: cross_entropy, weight: [1, 1, 1]}", "loss=[{loss: {name: cross_entropy}}]")) {
            assertThatThrownBy(() -> loss(loss, "train.class_weights=balanced"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("train.class_weights: expected a loss cross_entropy or softmax_focal");
        }
    }

    @Test
    void theNamesComeBackFromYaml() {
        ClassificationRecipe recipe = tiny.recipe("train.class_weights=effective_number");
        assertThat(recipe.train().classWeights()).contains(new ClassWeights.EffectiveNumber(.999));
        assertThat(Recipes.read(tiny.text("written.yaml", Recipes.toYaml(recipe)), List.of()))
                .isEqualTo(recipe);
    }
}
