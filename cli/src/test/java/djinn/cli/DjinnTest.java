package djinn.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import djinn.ops.PyTorch;
import djinn.zoo.Models;
import djinn.zoo.weights.Safetensors;
import djinn.zoo.weights.StateDict;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** The commands as a user types them; one short run on the digits serves all. */
class DjinnTest {

    @TempDir
    private static Path folder;

    private static Answer trained;

    /** What a command answered. */
    private record Answer(int code, String out, String err) {

        List<String> lines() {
            return out.lines().toList();
        }
    }

    private static Answer djinn(Object... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine command = Djinn.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        List<String> words = new ArrayList<>();
        for (Object argument : arguments) {
            words.add(argument.toString());
        }
        int code = command.execute(words.toArray(new String[0]));
        return new Answer(code, out.toString(), err.toString());
    }

    private static Path recipe() {
        return Path.of("..", "configs", "nin_digits.yaml");
    }

    private static Path run() {
        return folder.resolve("runs/short");
    }

    @BeforeAll
    static void train() {
        trained = djinn(
                "train",
                recipe(),
                "--set",
                "train.epochs=4",
                "--set",
                "schedule=cosine",
                "--runs",
                folder.resolve("runs"),
                "--name",
                "short");
    }

    @Test
    void trainTellsEveryEpochAndWhereTheResultsAre() {
        assertThat(trained.err()).isEmpty();
        assertThat(trained.code()).isZero();
        assertThat(trained.lines()).anyMatch(line -> line.startsWith("epoch 4/4  loss"));
        assertThat(trained.out()).doesNotContain("\r");
        assertThat(trained.lines().get(trained.lines().size() - 1)).contains("best.safetensors");
    }

    @Test
    void valAgreesWithTheTrainingsLastWord() throws IOException {
        Answer val = djinn("val", run(), "--json");
        assertThat(val.code()).isZero();
        JsonNode figures = new ObjectMapper().readTree(val.out());
        assertThat(figures.get("images").asInt()).isEqualTo(360);
        double best = Files.readAllLines(run().resolve("results.csv")).stream()
                .skip(1)
                .mapToDouble(row -> Double.parseDouble(row.split(",", -1)[6]))
                .max()
                .orElseThrow();
        assertThat(figures.get("accuracy").asDouble()).isCloseTo(best, within(1e-6));
        assertThat(best).isGreaterThan(.8);

        Path weights = run().resolve("best.safetensors");
        Answer byWeights = djinn("val", "--model", "nin_small", "--weights", weights, "--data", "digits", "--json");
        assertThat(new ObjectMapper().readTree(byWeights.out()).get("accuracy")).isEqualTo(figures.get("accuracy"));
        assertThat(djinn("val", run()).out()).contains("accuracy").contains("360 images");

        Answer ofAnother = djinn("val", "--model", "nin_cifar10", "--weights", weights, "--data", "digits");
        assertThat(ofAnother.err()).contains("holds the weights of nin_small").hasLineCount(1);
        assertThat(ofAnother.code()).isEqualTo(1);
    }

    @Test
    void valTellsOfEveryClass() throws IOException {
        Answer table = djinn("val", run(), "--per-class");
        assertThat(table.lines())
                .anyMatch(line -> line.matches("\\| class +\\| +precision \\| +recall \\| +f1 \\| +support \\|"));
        assertThat(table.lines())
                .filteredOn(line -> line.matches("\\| +\\d +\\|.*"))
                .hasSize(10);
        JsonNode figures = new ObjectMapper()
                .readTree(djinn("val", run(), "--per-class", "--json").out());
        assertThat(figures.get("per_class")).hasSize(10);
        double recall = 0;
        int support = 0;
        for (JsonNode line : figures.get("per_class")) {
            recall += line.get("recall").asDouble() / 10;
            support += line.get("support").asInt();
        }
        assertThat(support).isEqualTo(360);
        assertThat(figures.get("macro_recall").asDouble()).isCloseTo(recall, within(1e-9));
        assertThat(Files.readAllLines(run().resolve("per_class.csv"))).hasSize(11);
    }

    @Test
    void theLogHoldsTheCommandAndTheData() throws IOException {
        List<String> log = Files.readAllLines(run().resolve("train.log"));
        assertThat(log.get(0)).contains("command: djinn train ", "--set train.epochs=4", "--name short");
        assertThat(log).anyMatch(line -> line.contains("1437 training and 360 validation images in 10 classes"));
        assertThat(trained.lines())
                .anyMatch(line -> line.contains("1437 training and 360 validation images in 10 classes"));
        assertThat(djinn("val", run()).out()).contains("images become 8x8 grey");
    }

    @Test
    void aResumeNamesWhatCannotChange() {
        Answer refused = djinn("train", "--resume", run(), "--set", "train.batch_size=32", "--set", "seed=7");
        assertThat(refused.code()).isEqualTo(2);
        assertThat(refused.err())
                .contains("seed is 1 in the run, got 7; train.batch_size is 64 in the run, got 32")
                .hasLineCount(1);
        Answer done = djinn("train", "--resume", run());
        assertThat(done.code()).isZero();
        assertThat(done.out()).contains("short is done: 4 of 4 epochs; --set train.epochs=5 goes on");
    }

    @Test
    void aStartThatStopsLeavesNoFolder() throws IOException {
        Path weights = Files.writeString(folder.resolve("bad.safetensors"), "bad");
        Answer answer =
                djinn("train", recipe(), "--weights", weights, "--runs", folder.resolve("runs"), "--name", "stopped");
        assertThat(answer.code()).isEqualTo(1);
        assertThat(answer.err()).contains("bad.safetensors").hasLineCount(1);
        assertThat(folder.resolve("runs/stopped")).doesNotExist();
    }

    @Test
    void aWordIsQuotedWhereAShellWouldNotTakeIt() {
        assertThat(Words.quoted("runs/a-1")).isEqualTo("runs/a-1");
        assertThat(Words.quoted("my runs/a")).isEqualTo("'my runs/a'");
        assertThat(Words.quoted("it's")).isEqualTo("'it'\\''s'");
        assertThat(Words.quoted("loss={name: x}")).isEqualTo("'loss={name: x}'");
    }

    @Test
    void valTakesWeightsThatSayNothingOfThemselves() throws IOException {
        Path raw = folder.resolve("raw.safetensors");
        try (NDManager manager = PyTorch.newManager()) {
            var model = Models.named("nin_small").build();
            model.initialize(manager);
            Safetensors.write(raw, StateDict.of(model), Map.of());
        }
        Answer named = djinn("val", "--model", "nin_small", "--weights", raw, "--data", "digits", "--json");
        assertThat(named.err()).isEmpty();
        assertThat(new ObjectMapper().readTree(named.out()).get("accuracy").asDouble())
                .isBetween(0., .4);
        Answer unnamed = djinn("val", "--weights", raw, "--data", "digits");
        assertThat(unnamed.err()).contains("does not say which model").hasLineCount(1);
        Path classes = Files.writeString(folder.resolve("classes.txt"), "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n");
        Path zero = digit("raw.png", 0);
        Answer predicted = djinn(
                "predict",
                "--model",
                "nin_small",
                "--weights",
                raw,
                "--classes",
                classes,
                "--size",
                16,
                zero,
                "--json");
        assertThat(predicted.err()).isEmpty();
        JsonNode line = new ObjectMapper().readTree(predicted.out());
        assertThat(line.get("label").asString()).matches("[a-j]");
        assertThat(djinn("predict", "--model", "nin_small", "--weights", raw, zero)
                        .err())
                .contains("expected --classes");
        Answer misnamed = djinn("val", "--model", "nin_cifar10", "--weights", raw, "--data", "digits");
        assertThat(misnamed.err())
                .contains("missing: mlpconv1")
                .contains("unexpected")
                .hasLineCount(1);
    }

    @Test
    void predictAnswersOneObjectPerLine() throws IOException {
        Path one = digit("one.png", 1);
        Path zero = digit("zero.png", 0);
        Answer answer = djinn("predict", run(), one, zero, "--json", "--top", 3);
        assertThat(answer.code()).isZero();
        assertThat(answer.lines()).hasSize(2);
        JsonNode first = new ObjectMapper().readTree(answer.lines().get(0));
        assertThat(first.get("file").asString()).isEqualTo(one.toString());
        assertThat(first.get("label").asString()).isEqualTo("1");
        assertThat(first.get("top")).hasSize(3);
        assertThat(first.get("top").get(0).get("probability")).isEqualTo(first.get("probability"));
        assertThat(answer.lines().get(0)).startsWith("{\"file\":").contains(",\"label\":\"1\",\"probability\":");

        assertThat(djinn("predict", run(), zero).out()).startsWith(zero + "  0  ");
        Answer csv = djinn("predict", run().resolve("best.safetensors"), zero, "--csv");
        assertThat(csv.lines().get(0)).isEqualTo("file,label,probability");
        assertThat(csv.lines().get(1)).startsWith(zero + ",0,");
    }

    @Test
    void anUnreadableImageIsNamedAndTheOthersAreAnswered() throws IOException {
        Path text = Files.writeString(folder.resolve("text.png"), "no image");
        Answer answer = djinn("predict", run(), text, digit("zero.png", 0));
        assertThat(answer.code()).isEqualTo(1);
        assertThat(answer.err()).contains("text.png").hasLineCount(1);
        assertThat(answer.lines()).hasSize(1);
    }

    @Test
    void weightsAreConverted() throws IOException {
        Path half = folder.resolve("half.safetensors");
        Answer converted =
                djinn("weights", "convert", run().resolve("best.safetensors"), "--to", half, "--dtype", "f16");
        assertThat(converted.err()).isEmpty();
        assertThat(converted.out()).contains("56 tensors");
        assertThat(Files.size(half)).isLessThan(Files.size(run().resolve("best.safetensors")) * 6 / 10);
        Answer val = djinn("val", "--model", "nin_small", "--weights", half, "--data", "digits", "--size", 8, "--json");
        assertThat(val.err()).contains("of another shape: mlpconv1.conv.weight").hasLineCount(1);

        Path hostile = Files.write(
                folder.resolve("hostile.pth"),
                "\u0080\u0002\u008a\ncos\nsystem\n.".getBytes(java.nio.charset.StandardCharsets.ISO_8859_1));
        Answer refused = djinn("weights", "convert", hostile, "--to", folder.resolve("never.safetensors"));
        assertThat(refused.code()).isEqualTo(1);
        assertThat(refused.err()).contains("hostile.pth").hasLineCount(1);
        assertThat(folder.resolve("never.safetensors")).doesNotExist();
        assertThat(djinn("weights").code()).isEqualTo(2);
    }

    @Test
    void theBarFitsTheTerminal() {
        Map<String, Double> figures = new java.util.LinkedHashMap<>();
        figures.put("loss", .25);
        figures.put("accuracy", .975);
        figures.put("top5_accuracy", 1.);
        var batch = new djinn.training.TrainingEvent.BatchEnded(
                4, 100, 6, 24, () -> figures, new djinn.training.TrainingEvent.Speed(3000, "images"), 3723);
        assertThat(ProgressBar.bar(batch, 200, true))
                .isEqualTo("epoch 5/100 " + "█".repeat(6) + "░".repeat(18)
                        + " 6/24  loss 0.2500 accuracy 97.50%  3000 images/s  1:02:03 left");
        assertThat(ProgressBar.bar(batch, 80, false)).hasSizeLessThan(80).startsWith("epoch 5/100 ");
        assertThat(ProgressBar.bar(batch, 20, false)).isEqualTo("epoch 5/100  6/24  ");
    }

    @Test
    void listsAreShown() {
        assertThat(djinn("models").out()).contains("nin_cifar10").contains("966,986");
        assertThat(djinn("models", "--filter", "squeezenet1_", "--json").lines())
                .anyMatch(line -> line.startsWith(
                        "{\"name\":\"squeezenet1_1\",\"task\":\"classification\",\"parameters\":1235496"))
                .allMatch(line -> line.contains("squeezenet"));
        System.setProperty("djinn.home", "..");
        try {
            assertThat(djinn("recipes").out()).contains("nin_digits").contains("Small Network in Network");
        } finally {
            System.clearProperty("djinn.home");
        }
        assertThat(djinn("completion").out()).contains("complete -F").contains("predict");
        assertThat(djinn("--version").out()).contains("djinn").contains("Java");
        assertThat(djinn().out()).contains("train").contains("predict");
    }

    @Test
    void mistakesAreOneLineAndExitCodeTwo() throws IOException {
        String text = Files.readString(recipe());
        expectMistake("unknown key 'momentun'", text.replace("momentum: 0.9", "momentun: 0.9"));
        expectMistake("did you mean 'momentum'?", text.replace("momentum: 0.9", "momentun: 0.9"));
        expectMistake("broken.yaml:" + (lineOf(text, "optimizer:") + 1), text.replace("lr: 0.1", "lr: fast"));
        expectMistake("expected a number, got 'fast'", text.replace("lr: 0.1", "lr: fast"));
        expectMistake("did you mean 'nin_small'?", text.replace("nin_small", "nin_smal"));
        expectMistake("got unet, which is for segmentation", text.replace("nin_small", "unet"));
        expectMistake("expected root", text.replace("source: digits", "source: image_folder"));
        for (Answer answer : List.of(
                djinn("train"),
                djinn("trian"),
                djinn("train", recipe(), "--set", "train.epochs"),
                djinn("train", recipe(), "--name", "a/b"),
                djinn("train", recipe(), "--resume", run()),
                djinn("val"),
                djinn("predict", run()))) {
            assertThat(answer.err()).contains("error: ").hasLineCount(1);
            assertThat(answer.code()).as(answer.err()).isEqualTo(2);
        }
    }

    private void expectMistake(String message, String recipeText) throws IOException {
        Path file = Files.writeString(folder.resolve("broken.yaml"), recipeText);
        Answer answer = djinn("train", file, "--runs", folder.resolve("none"));
        assertThat(answer.err()).contains(message).hasLineCount(1);
        assertThat(answer.code()).isEqualTo(2);
        assertThat(folder.resolve("none")).doesNotExist();
    }

    @Test
    void dataThatCannotBeUsedIsOneLineAndExitCodeOne() throws IOException {
        Path broken = Files.write(folder.resolve("broken.safetensors"), new byte[] {1, 2, 3});
        for (Answer answer : List.of(
                djinn("train", folder.resolve("missing.yaml")),
                djinn("train", recipe(), "--set", "model.num_classes=5", "--runs", folder.resolve("none")),
                djinn("train", "--resume", folder.resolve("runs/shrt")),
                djinn("val", folder),
                djinn("val", "--weights", broken, "--data", "digits"),
                djinn(
                        "val",
                        "--model",
                        "nin_cifar10",
                        "--weights",
                        run().resolve("best.safetensors"),
                        "--data",
                        "digits"),
                djinn("predict", broken, "x.png"))) {
            assertThat(answer.err()).contains("error: ").hasLineCount(1);
            assertThat(answer.code()).as(answer.err()).isEqualTo(1);
        }
        assertThat(folder.resolve("none")).doesNotExist();
        Path misspelt = folder.resolve("runs/shrt");
        for (Answer answer : List.of(
                djinn("train", "--resume", misspelt),
                djinn("val", misspelt),
                djinn("predict", misspelt, "x.png"),
                djinn("export", misspelt, "--to", folder.resolve("x.onnx")),
                djinn("predict", misspelt, "--tensors", broken, "--to", folder.resolve("y.safetensors")))) {
            assertThat(answer.err())
                    .contains("there is no such", "did you mean 'short'?")
                    .doesNotContain("safetensors");
            assertThat(answer.code()).isEqualTo(1);
        }
    }

    /** A digit of the embedded data, as an image file. */
    private static Path digit(String name, int row) throws IOException {
        var pixels = djinn.data.Digits.splits();
        var dataset = row == 0 ? pixels.validation() : pixels.train();
        BufferedImage image = dataset.image(0, 1).toBufferedImage();
        Path file = folder.resolve(name);
        ImageIO.write(image, "png", file.toFile());
        return file;
    }

    private static int lineOf(String text, String start) {
        List<String> lines = text.lines().toList();
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).startsWith(start)) {
                return i;
            }
        }
        throw new AssertionError("no line starts with " + start);
    }
}
