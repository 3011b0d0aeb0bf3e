package djinn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The switches of a training as a user types them, on a few batches of the digits. */
class TrainingSwitchesTest {

    @TempDir
    private Path folder;

    @BeforeEach
    void home() {
        System.setProperty("djinn.home", "..");
    }

    @AfterEach
    void restore() {
        System.clearProperty("djinn.home");
    }

    private Answer train(Object... words) {
        return Answer.of(Stream.concat(Stream.of("train", "--set", "train.limit_train_batches=2"), Stream.of(words))
                .toArray());
    }

    private static void expect(int code, String part, Object... words) {
        Answer answer = Answer.of(words);
        assertThat(answer.err()).contains(part).hasLineCount(1);
        assertThat(answer.code()).isEqualTo(code);
    }

    @Test
    void shortcutsAreKeysOfTheRecipe() throws IOException {
        Answer answer = train(
                "nin_digits",
                "--epochs",
                2,
                "--batch-size",
                16,
                "--lr",
                0.02,
                "--seed",
                5,
                "--max-time",
                "1h",
                "--runs",
                folder,
                "--set",
                "schedule=constant",
                "--set",
                "train.keep={top: 2}");
        assertThat(answer.code()).as(answer.err()).isZero();
        Path run = folder.resolve("nin_digits");
        assertThat(Files.readString(run.resolve("recipe.yaml")))
                .contains("seed: 5\n", "epochs: 2\n", "batch_size: 16\n", "lr: 0.02\n", "max_time: 1h\n");

        Answer longer = Answer.of("train", "--resume", run, "--epochs", 3, "--max-time", "2h");
        assertThat(longer.code()).as(longer.err()).isZero();
        assertThat(Files.readString(run.resolve("recipe.yaml"))).contains("epochs: 3\n", "max_time: 2h\n");
        expect(2, "train.batch_size is 16 in the run, got 8", "train", "--resume", run, "--batch-size", 8);
        useTop(run);
    }

    /** What was kept answers, is measured and is exported like the best. */
    private void useTop(Path run) throws IOException {
        List<Path> top;
        try (Stream<Path> files = Files.list(run.resolve("top"))) {
            top = files.toList();
        }
        assertThat(top).hasSize(2);
        Path image = folder.resolve("digit.png");
        ImageIO.write(new BufferedImage(8, 8, BufferedImage.TYPE_BYTE_GRAY), "png", image.toFile());
        for (Path file : top) {
            assertThat(Answer.of("predict", file, image, "--json").lines()).hasSize(1);
            String accuracy = file.getFileName().toString().replaceAll(".*accuracy-(.*)\\.safetensors", "$1");
            String percent = String.format(Locale.ROOT, "%.2f%%", 100 * Double.parseDouble(accuracy));
            assertThat(Answer.of("val", file).out()).contains("accuracy " + percent);
            Path onnx = folder.resolve(file.getFileName() + ".onnx");
            assertThat(Answer.of("export", file, "--to", onnx).code()).isZero();
            assertThat(onnx).isNotEmptyFile();
        }
        Path elsewhere = Files.copy(top.get(0), folder.resolve("elsewhere.safetensors"));
        expect(1, "expected the folder of a run, or weights that lie in one", "val", elsewhere);
        Path soup = folder.resolve("soup.safetensors");
        Answer averaged = Answer.of("weights", "average", top.get(0), top.get(1), "--to", soup);
        assertThat(averaged.code()).as(averaged.err()).isZero();
        assertThat(averaged.err()).contains("djinn.epoch differs and is left out");
        assertThat(Answer.of("predict", soup, image, "--json").lines()).hasSize(1);
    }

    @Test
    void aFastDevRunLeavesNothing() {
        Answer answer = Answer.of("train", "nin_digits", "--fast-dev-run", "--runs", folder.resolve("runs"));
        assertThat(answer.code()).as(answer.err()).isZero();
        assertThat(answer.out())
                .contains("epoch 1/", "all was gone through once, and nothing of it is kept: best.safetensors")
                .doesNotContain("results in");
        assertThat(folder.resolve("runs")).isEmptyDirectory();
    }

    @Test
    void mistakesAreOneLine() {
        expect(
                2,
                "expected --epochs or --set train.epochs=3, got both; they are one",
                "train",
                "nin_digits",
                "--epochs",
                2,
                "--set",
                "train.epochs=3");
        expect(
                2,
                "expected --lr or --set optimizer.lr=1, got both",
                "train",
                "nin_digits",
                "--lr",
                2,
                "--set",
                "optimizer.lr=1");
        expect(2, "expected a whole number for --epochs, got 'many'", "train", "nin_digits", "--epochs", "many");
        expect(
                2,
                "expected a duration such as 20m, 1h30m or 90s, got 'soon'",
                "train",
                "nin_digits",
                "--max-time",
                "soon");
        expect(2, "expected a duration such as 20m", "train", "nin_digits", "--set", "train.max_time=20");
        expect(2, "expected max_time above 0s", "train", "nin_digits", "--max-time", "0m");
        expect(2, "expected top of at least 1", "train", "nin_digits", "--set", "train.keep={top: 0}");
        expect(
                2,
                "unknown value 'up', expected one of min, max",
                "train",
                "nin_digits",
                "--set",
                "train.keep={top: 1, mode: up}");
        expect(2, "did you mean 'limit_val_batches'?", "train", "nin_digits", "--set", "train.limit_val_batch=1");
        expect(
                2,
                "expected limit_train_batches as a share",
                "train",
                "nin_digits",
                "--set",
                "train.limit_train_batches=1.5");
        expect(2, "missing key 'epoch'", "train", "nin_digits", "--set", "train.unfreeze=[{patterns: [a]}]");
    }
}
