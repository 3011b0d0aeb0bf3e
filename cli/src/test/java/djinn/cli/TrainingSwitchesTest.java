package djinn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import djinn.training.recipe.Change;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
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
        assertThat(answer.code()).as(answer.err()).isEqualTo(code);
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
                .contains(
                        "training 1 epoch of 1 batch, 1 of validation; ",
                        "epoch 1/1 ",
                        "all was gone through once, and nothing of it is kept: best.safetensors")
                .doesNotContain("results in");
        assertThat(folder.resolve("runs")).isEmptyDirectory();
    }

    @Test
    void aRecipeBesideARunSaysHowItGoesOn() throws IOException {
        Object[] start = {
            "nin_digits",
            "--epochs",
            1,
            "--batch-size",
            16,
            "--runs",
            folder,
            "--set",
            "schedule=constant",
            "--name",
            "a"
        };
        assertThat(train(start).code()).isZero();
        Path run = folder.resolve("a");
        String[] same = {
            "train",
            "nin_digits",
            "--batch-size",
            "16",
            "--set",
            "schedule=constant",
            "--set",
            "train.limit_train_batches=2",
            "--resume",
            run.toString()
        };

        Answer longer = Answer.of(
                Stream.concat(Stream.of(same), Stream.of("--epochs", "2")).toArray());
        assertThat(longer.code()).as(longer.err()).isZero();
        assertThat(longer.lines()).contains("train.epochs was 1, is 2");
        assertThat(Files.readString(run.resolve("recipe.yaml"))).contains("epochs: 2\n");

        // the recipe has other epochs, which may change, and another size of batches, which may not
        expect(
                2,
                "train.batch_size is 16 in the run, got 64; a run goes on with what decides its figures as it was: leave"
                        + " that out (without a recipe, its own is taken), or start a new run; 'djinn help train' lists"
                        + " what may change",
                "train",
                "nin_digits",
                "--set",
                "schedule=constant",
                "--set",
                "train.limit_train_batches=2",
                "--resume",
                run);
        expect(2, "more keys; a run goes on", "train", "squeezenet_transfer", "--resume", run);
        assertThat(Files.readString(run.resolve("recipe.yaml"))).contains("epochs: 2\n");
    }

    @Test
    void theHelpListsWhatMayChange() {
        String help = Answer.of("help", "train").out();
        String list = help.substring(help.indexOf("Keys that --resume may change"));
        assertThat(Stream.of(list.substring(list.indexOf('\n')).split("[\\s()]+"))
                        .filter(word -> word.contains(".") && !word.equals("model.weights")))
                .containsExactlyElementsOf(Change.freeKeys().stream()
                        .filter(key -> !key.equals("model.weights"))
                        .toList());
        assertThat(list).contains("model.weights");
    }

    @Test
    void aMistakeIsToldAsItWasTyped() {
        Map<String, String> mistakes = new LinkedHashMap<>();
        mistakes.put("--epochs 0", "--epochs 0: train: expected epochs of at least 1, got 0");
        mistakes.put("--batch-size -1", "--batch-size -1: train: expected batch_size of at least 1, got -1");
        mistakes.put("--lr -0.1", "--lr -0.1: optimizer: expected lr");
        mistakes.put("--max-time 5x", "--max-time 5x: train.max_time: expected a duration such as 20m");
        mistakes.put("--max-time 0s", "--max-time 0s: train: expected max_time above 0s");
        mistakes.put("--weights x --set model.wieghts=y", "--set model.wieghts=y: model.wieghts: unknown key");
        mistakes.put("--set train.epochs=0", "--set train.epochs=0: train: expected epochs of at least 1, got 0");
        mistakes.put("--set train.epochs=x", "--set train.epochs=x: train.epochs: expected a whole number, got 'x'");
        mistakes.put("--set train.patience=0", "--set train.patience=0: train: expected patience of at least 1");
        mistakes.put("--set epochs=3", "unknown key 'epochs', did you mean 'train.epochs'?");
        mistakes.put("--set lr=3", "unknown key 'lr', did you mean 'optimizer.lr'?");
        mistakes.put("--set train.lr=3", "unknown key 'lr', did you mean 'optimizer.lr'?");
        mistakes.put("--set batchsize=3", "unknown key 'batchsize', did you mean 'train.batch_size'?");
        mistakes.put("--set model=resnet18", "model: expected a mapping, got 'resnet18', did you mean 'model.name'?");
        mistakes.put("--epochs 0 --batch-size 0", "--epochs 0: train: expected epochs of at least 1, got 0");
        mistakes.put("--set train.epochs 3", "did you mean --set train.epochs=3?");
        mistakes.put("train.epochs=3", "did you mean --set train.epochs=3?");
        mistakes.put(
                "--patience 3", "unknown option '--patience'; a key of the recipe is given as --set KEY.PATH=VALUE");
        mistakes.put("--batch 3", "unknown option '--batch'; did you mean '--batch-size'?");
        mistakes.put("--gpu 0", "unknown option '--gpu'; did you mean '--device'?");
        mistakes.forEach((typed, told) -> expect(
                2,
                told,
                Stream.concat(Stream.of("train", "nin_digits"), Stream.of(typed.split(" ")))
                        .toArray()));
        for (String command : List.of("lr-find", "benchmark")) {
            expect(
                    2,
                    "error: --set train.val_every=0: train: expected val_every of at least 1",
                    command,
                    "nin_digits",
                    "--set",
                    "train.val_every=0");
        }
        expect(2, "error: --grid optimizer.lr=x: optimizer.lr: ", "sweep", "nin_digits", "--grid", "optimizer.lr=x,1");
        expect(
                2,
                "error: --set train.epochs=0: train: expected epochs",
                "sweep",
                "nin_digits",
                "--grid",
                "optimizer.lr=1,2",
                "--set",
                "train.epochs=0");
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
