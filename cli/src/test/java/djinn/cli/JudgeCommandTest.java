package djinn.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

class JudgeCommandTest {

    @TempDir
    private Path folder;

    private Path trained(String recipe, String name, Object... overrides) {
        Object[] words = new Object[6 + 2 * overrides.length];
        words[0] = "train";
        words[1] = "../configs/" + recipe;
        words[2] = "--runs";
        words[3] = folder;
        words[4] = "--name";
        words[5] = name;
        for (int i = 0; i < overrides.length; i++) {
            words[6 + 2 * i] = "--set";
            words[7 + 2 * i] = overrides[i];
        }
        Answer answer = Answer.of(words);
        assertThat(answer.code()).as(answer.err()).isZero();
        return folder.resolve(name);
    }

    @Test
    void madeImagesAreComparedWithRealOnes() throws IOException {
        Path classifier = trained("classification_tiny.yaml", "judge", "model.name=cifar_resnet20", "train.epochs=1");
        Path run = trained("gan_tiny.yaml", "gan", "train.epochs=1");

        Answer answer = Answer.of("judge", run, "--classifier", classifier, "--count", 400, "--json");
        assertThat(answer.code()).as(answer.err()).isZero();
        JsonNode told = new ObjectMapper().readTree(answer.out());
        assertThat(told.path("made").asInt()).isEqualTo(400);
        // 360 digits are held out
        assertThat(told.path("held_out").asInt()).isEqualTo(360);
        assertThat(told.path("learned").asInt()).isEqualTo(40);
        assertThat(told.path("frechet").asDouble()).isPositive();
        assertThat(told.path("precision").asDouble()).isBetween(0., 1.);
        double shares = StreamSupport.stream(told.path("classes").spliterator(), false)
                .mapToDouble(JsonNode::asDouble)
                .sum();
        assertThat(shares).isCloseTo(1, within(1e-9));

        Answer table = Answer.of("judge", run, "--classifier", classifier, "--count", 20);
        assertThat(table.out())
                .contains("20 images of seed 0 against 20 real ones, 20 of them held out", "rarest_class");

        Answer few = Answer.of("judge", run, "--classifier", classifier, "--count", 3);
        assertThat(few.code()).isEqualTo(2);
        assertThat(few.err()).contains("got 3");
        Answer turned = Answer.of("judge", classifier, "--classifier", run);
        assertThat(turned.code()).isEqualTo(1);
        assertThat(turned.err()).contains("a classifier that judges images");
        Answer itself = Answer.of("judge", classifier, "--classifier", classifier);
        assertThat(itself.code()).isEqualTo(1);
        assertThat(itself.err()).contains("makes images");
        Answer idle = Answer.of("judge", run, "--classifier", classifier, "--steps", 5);
        assertThat(idle.code()).isEqualTo(2);
        assertThat(idle.err()).contains("steps");
    }

    /** Of whichever task: a generator, a decoder, a model of values one by one, or one of noise made the images. */
    @Test
    void imagesOfEveryTaskAreJudgedAlike() throws IOException {
        Path classifier = trained(
                "classification_tiny.yaml",
                "judge",
                "model.name=cifar_resnet20",
                "train.epochs=1",
                "train.limit_train_batches=2");
        for (String task : List.of("gan", "autoencoder", "autoregressive", "diffusion")) {
            Path run = trained(
                    task + "_tiny.yaml",
                    task,
                    "train.epochs=1",
                    "train.limit_train_batches=2",
                    "samples={rows: 1, columns: 1}");
            List<Object> words = new ArrayList<>(
                    List.of("judge", run, "--classifier", classifier, "--count", 8, "--seed", 3, "--json"));
            if (task.equals("diffusion")) {
                words.addAll(List.of("--steps", 2));
            }
            Answer answer = Answer.of(words.toArray());
            assertThat(answer.code()).as(task + ": " + answer.err()).isZero();
            JsonNode told = new ObjectMapper().readTree(answer.out());
            assertThat(told.path("made").asInt()).as(task).isEqualTo(8);
            assertThat(told.path("held_out").asInt()).as(task).isEqualTo(8);
            assertThat(told.path("frechet").asDouble()).as(task).isPositive();
            assertThat(told.path("classes").size()).as(task).isEqualTo(10);
            assertThat(Answer.of(words.toArray()).out()).as(task).isEqualTo(answer.out());
        }
        Path plain = trained(
                "autoencoder_tiny.yaml",
                "plain",
                "model={name: autoencoder, latent: 4, width: 4, hidden: 8}",
                "train.epochs=1",
                "train.limit_train_batches=1");
        Answer none = Answer.of("judge", plain, "--classifier", classifier);
        assertThat(none.code()).isEqualTo(1);
        assertThat(none.err()).contains("expected a variational autoencoder");
        Path points = trained("gan_points_tiny.yaml", "points", "train.epochs=1", "train.limit_train_batches=1");
        Answer noImages = Answer.of("judge", points, "--classifier", classifier);
        assertThat(noImages.code()).isEqualTo(1);
        assertThat(noImages.err()).contains("expected a model that makes images, got one of the task gan_points");
    }
}
