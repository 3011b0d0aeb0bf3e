package djinn.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import djinn.data.Pixels;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** Tasks beside classification, as a user meets them on the command line. */
class OtherTasksTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path folder;

    private Answer djinn(Object... words) {
        Answer answer = Answer.of(words);
        assertThat(answer.code()).as(answer.err()).isZero();
        return answer;
    }

    private Path train(String task, String... more) {
        List<Object> words = new ArrayList<>(
                List.of("train", Path.of("../configs/" + task + "_tiny.yaml"), "--runs", folder, "--name", task));
        words.addAll(List.of(more));
        assertThat(djinn(words.toArray()).out()).contains("epoch 1/1").contains("results in ");
        return folder.resolve(task);
    }

    private JsonNode measured(Path run) {
        return JSON.readTree(djinn("val", run, "--json").out());
    }

    /** Exports a run, which commands take for it from then on. */
    private Path exported(Path run) {
        Path onnx = folder.resolve("model.onnx");
        assertThat(djinn("export", run, "--to", onnx).out()).contains("ONNX Runtime differs by at most");
        assertThat(djinn("export", run, "--to", folder.resolve("model.pt")).out())
                .contains("as TorchScript");
        assertThat(Answer.of("export", run, "--to", onnx, "--softmax").code()).isEqualTo(2);
        return onnx;
    }

    @Test
    void segmentation() throws IOException {
        Path run = train("segmentation", "--set", "train.epochs=1");
        assertThat(measured(run).path("mean_iou").asDouble()).isBetween(0.1, 1.0);
        assertThat(JSON.readTree(djinn("val", run, "--json", "--per-class").out())
                        .path("per_class")
                        .path(1)
                        .propertyNames())
                .containsExactly("class", "iou", "dice", "precision", "recall");
        assertThat(djinn("val", run, "--per-class").out()).contains("| class ").contains("precision");
        assertThat(djinn("val", run, "--split", "test").out()).contains("mean iou");
        // another seed paints other images
        assertThat(JSON.readTree(djinn("val", run, "--json", "--set", "seed=77").out()))
                .isNotEqualTo(measured(run));
        Answer misspelt = Answer.of("val", run, "--set", "sead=77");
        assertThat(misspelt.code()).isEqualTo(2);
        assertThat(misspelt.err()).contains("sead").contains("seed");
        Answer runless = Answer.of("val", "--weights", run.resolve("best.safetensors"), "--set", "seed=77");
        assertThat(runless.code()).isEqualTo(2);
        assertThat(runless.err()).contains("expected --set with a RUN");
        Path image = folder.resolve("painting.png");
        BufferedImage painting = new BufferedImage(90, 40, BufferedImage.TYPE_3BYTE_BGR);
        ImageIO.write(painting, "png", image.toFile());
        Path answers = folder.resolve("answers");
        JsonNode line = JSON.readTree(
                djinn("predict", run, image, "--to", answers, "--json").out());
        double sum = 0;
        for (JsonNode share : line.path("shares")) {
            sum += share.asDouble();
        }
        assertThat(sum).isBetween(0.999, 1.001);
        for (String name : List.of("painting-mask.png", "painting-overlay.png")) {
            BufferedImage picture = ImageIO.read(answers.resolve(name).toFile());
            assertThat(picture.getWidth()).isEqualTo(90);
            assertThat(picture.getHeight()).isEqualTo(40);
        }
        Answer broken = Answer.of("predict", run, Files.writeString(folder.resolve("no.png"), "none"), image);
        assertThat(broken.code()).isEqualTo(1);
        assertThat(broken.err()).contains("no.png");
        assertThat(broken.out()).contains("painting.png");
        assertThat(Answer.of("generate", run).err()).contains("expected a run that makes images or text");
        assertThat(Answer.of("predict", run, image, "--csv").err()).contains("are no table");
        for (Path model : List.of(exported(run), folder.resolve("model.pt"))) {
            JsonNode same =
                    JSON.readTree(djinn("predict", model, image, "--json").out());
            assertThat(same.path("shares").propertyNames())
                    .isEqualTo(line.path("shares").propertyNames());
            same.path("shares")
                    .forEachEntry((name, share) -> assertThat(share.asDouble())
                            .isCloseTo(line.path("shares").path(name).asDouble(), within(0.002)));
        }
        // the file of the weights says all that the run does
        Path ofFile = folder.resolve("of-file.onnx");
        assertThat(djinn("export", run.resolve("best.safetensors"), "--to", ofFile)
                        .out())
                .contains("ONNX Runtime differs by at most");
        assertThat(djinn("predict", ofFile, image, "--json").out())
                .isEqualTo(djinn("predict", folder.resolve("model.onnx"), image, "--json")
                        .out());
        assertThat(Answer.of("val", "--weights", folder.resolve("model.onnx"), "--data", "digits")
                        .err())
                .contains("expected a classifier");
    }

    @Test
    void imagesOutOfNoise() throws IOException {
        Path run = train("gan", "--set", "train.epochs=1");
        assertThat(run.resolve("samples/epoch-0001.png")).isNotEmptyFile();
        Answer untested = Answer.of("val", run, "--split", "test");
        assertThat(untested.code()).isEqualTo(1);
        assertThat(untested.err())
                .contains("expected data with a part to test on")
                .contains("gan");
        Answer classless = Answer.of("val", run, "--per-class");
        assertThat(classless.code()).isEqualTo(2);
        assertThat(classless.err()).contains("expected no --per-class");
        // before anything is measured
        assertThat(classless.out()).isEmpty();
        assertThat(measured(run).path("gradient_norm").asDouble()).isBetween(0.01, 10.0);
        Path first = folder.resolve("first.png");
        Path second = folder.resolve("second.png");
        djinn("generate", run, "--count", 4, "--seed", 1, "--to", first);
        djinn("generate", run, "--count", 4, "--seed", 1, "--to", second);
        assertThat(first).hasSameBinaryContentAs(second);
        djinn("generate", run, "--count", 4, "--seed", 2, "--to", second);
        assertThat(Pixels.of(ImageIO.read(first.toFile()), 1))
                .isNotEqualTo(Pixels.of(ImageIO.read(second.toFile()), 1));
        assertThat(Answer.of("generate", run).err()).contains("expected --to FILE");
        // many: each into a file of its own
        Path each = folder.resolve("new/images");
        assertThat(djinn("generate", run, "--count", 70, "--seed", 1, "--to", each)
                        .lines())
                .containsExactly(each + ": 70 images of seed 1, 0001.png to 0070.png");
        assertThat(each.toFile().list()).hasSize(70);
        Pixels sheet = Pixels.of(ImageIO.read(first.toFile()), 1);
        Pixels second1 = Pixels.of(ImageIO.read(each.resolve("0002.png").toFile()), 1);
        assertThat(second1.toString()).isEqualTo("8x8x1");
        assertThat(second1.value(3, 4, 0)).isEqualTo(sheet.value(2 + 3, 2 + 8 + 2 + 4, 0));
        Answer again = Answer.of("generate", run, "--count", 3, "--to", each);
        assertThat(again.code()).isEqualTo(1);
        assertThat(again.err()).contains("expected a new or an empty folder").hasLineCount(1);
        Answer jpeg = Answer.of("generate", run, "--to", folder.resolve("sheet.jpg"));
        assertThat(jpeg.code()).isEqualTo(2);
        assertThat(jpeg.err()).contains("ends in .png").hasLineCount(1);
        Path huge = folder.resolve("huge.png");
        Answer many = Answer.of("generate", run, "--count", 999_999_999, "--to", huge);
        assertThat(many.code()).isEqualTo(2);
        assertThat(many.err())
                .contains("expected a sheet of at most 50000000 pixels, got 999999999 images of 8x8")
                .hasLineCount(1);
        assertThat(huge).doesNotExist();
        Answer beyond = Answer.of("generate", run, "--count", Integer.MAX_VALUE, "--to", huge);
        assertThat(beyond.code()).isEqualTo(2);
        assertThat(beyond.err()).contains("a count of at most 1000000000").hasLineCount(1);
        assertThat(Answer.of("generate", run, "--prompt", "a").err()).contains("makes images");
        assertThat(Answer.of("predict", run, first).err()).contains("'djinn generate' makes something of it");
        djinn("generate", exported(run), "--count", 4, "--seed", 1, "--to", second);
        byte[] images = Pixels.of(ImageIO.read(first.toFile()), 1).values();
        byte[] same = Pixels.of(ImageIO.read(second.toFile()), 1).values();
        for (int i = 0; i < images.length; i++) {
            assertThat(same[i] & 0xFF).isCloseTo(images[i] & 0xFF, within(1));
        }
    }

    @Test
    void text() {
        Path run = train("language_model", "--set", "train.epochs=1");
        assertThat(measured(run).path("perplexity").asDouble()).isBetween(1.0, 31.0);
        String[] words = {"--prompt", "one", "--tokens", "20", "--seed", "5", "--top-k", "5", "--temperature", "0.7"};
        List<Object> command = new ArrayList<>(List.of("generate", run));
        command.addAll(List.of(words));
        String made = djinn(command.toArray()).out();
        assertThat(made)
                .startsWith("one")
                .hasSize(3 + 20 + System.lineSeparator().length());
        assertThat(djinn(command.toArray()).out()).isEqualTo(made);
        Answer refused = Answer.of("generate", run, "--prompt", "\u03a9");
        assertThat(refused.code()).isEqualTo(1);
        assertThat(refused.out()).isEmpty();
        assertThat(refused.err()).contains("U+03A9");
        assertThat(Answer.of("generate", run, "--count", 3).err()).contains("makes text");
        assertThat(djinn(
                                "generate",
                                run,
                                "--prompt",
                                "one",
                                "--tokens",
                                20,
                                "--seed",
                                5,
                                "--stop",
                                made.substring(8, 10))
                        .out())
                .startsWith("one");
        command.set(1, exported(run));
        assertThat(djinn(command.toArray()).out()).isEqualTo(made);
        Path steps = folder.resolve("steps.onnx");
        assertThat(djinn("export", run, "--to", steps, "--steps").out()).contains("ONNX Runtime differs by at most");
        command.set(1, steps);
        assertThat(djinn(command.toArray()).out()).isEqualTo(made);
        assertThat(Answer.of("export", steps, "--to", folder.resolve("again.onnx"), "--steps")
                        .err())
                .contains("expected --steps with the folder of a run of a model of text");
    }

    @Test
    void translations() throws IOException {
        Path run = train("translation", "--set", "train.epochs=1");
        assertThat(measured(run).path("bleu").asDouble()).isBetween(0.0, 100.0);
        assertThat(djinn("val", run, "--split", "test", "--set", "decoding.beams=2")
                        .out())
                .contains("bleu")
                .contains("perplexity");
        List<String> two = djinn("translate", run, "4 1 7", " ").lines();
        assertThat(two).hasSize(2).last().isEqualTo("");
        Path lines = Files.writeString(folder.resolve("lines.txt"), "4 1 7\n\n8\n");
        assertThat(djinn("translate", run, "--file", lines).lines()).hasSize(3).startsWith(two.get(0), "");
        JsonNode best = JSON.readTree(djinn("translate", run, "4 1 7", "--json", "--beam", 3, "--n-best", 3)
                .out());
        assertThat(best.path("translations").size()).isEqualTo(3);
        assertThat(djinn("translate", run, "4 1 7", "--beam", 3, "--n-best", 3).lines())
                .hasSize(3)
                .allMatch(line -> line.matches("-\\d+\\.\\d{3}\t.*"));
        Path picture = folder.resolve("attention.png");
        assertThat(djinn("translate", run, "4 1 7", "--attention", picture).lines())
                .containsExactly(two.get(0));
        assertThat(picture).isNotEmptyFile();
        assertThat(Answer.of("translate", run, "4", "8", "--attention", picture).err())
                .contains("expected one text with --attention, got 2");
        Answer none = Answer.of("translate", run, "4", "--beam", 0);
        assertThat(none.code()).isEqualTo(2);
        assertThat(none.err()).contains("expected beams of at least 1, got 0");
        assertThat(Answer.of("translate", run, "4", "--file", lines).err()).contains("texts or --file, got both");
        Files.writeString(lines, "4\n" + "1 ".repeat(50_000) + "\n");
        Answer longer = Answer.of("translate", run, "--file", lines);
        assertThat(longer.code()).isEqualTo(1);
        assertThat(longer.err())
                .contains("lines.txt:2: expected a text of at most 128 tokens")
                .hasLineCount(1);
        assertThat(Answer.of("predict", run, lines).err()).contains("'djinn translate' makes something of it");
        assertThat(Answer.of("translate", exported(run), "4").err())
                .contains("expected weights, or an ONNX file that goes on token by token");
        Path steps = folder.resolve("steps.onnx");
        assertThat(djinn("export", run, "--to", steps, "--steps").out()).contains("ONNX Runtime differs by at most");
        assertThat(folder.resolve("tokenizer.json")).hasSameTextualContentAs(run.resolve("tokenizer.json"));
        for (int beams : List.of(1, 4)) {
            List<Object> asked = new ArrayList<>(List.of("translate", run, "4 1 7", "9 0", "8", "--beam", beams));
            List<String> translations = djinn(asked.toArray()).lines();
            asked.set(1, steps);
            assertThat(djinn(asked.toArray()).lines()).hasSize(3).isEqualTo(translations);
        }
        Files.delete(folder.resolve("steps.encoder.onnx"));
        Answer alone = Answer.of("translate", steps, "4");
        assertThat(alone.code()).isEqualTo(1);
        assertThat(alone.err()).contains("steps.encoder.onnx").hasLineCount(1);
    }

    @Test
    void texts() throws IOException {
        Path run = train("text_classification", "--set", "train.epochs=1");
        assertThat(measured(run).path("macro_f1").asDouble()).isBetween(0.0, 1.0);
        String question = "can the girl open some bread";
        String answer = djinn("predict", run, question, "--json").out();
        assertThat(answer)
                .startsWith("{\"text\":\"" + question + "\",\"label\":")
                .hasLineCount(1);
        Path lines =
                Files.writeString(folder.resolve("lines.txt"), "the girl can see two chairs\n\n" + question + "\n");
        assertThat(djinn("predict", run, "--lines", lines, "--csv").out())
                .startsWith("text,label,probability\nthe girl can see two chairs,")
                .contains("\n" + question + ",")
                .hasLineCount(3);
        Answer blank = Answer.of("predict", run, " ", question);
        assertThat(blank.code()).isEqualTo(1);
        assertThat(blank.err())
                .contains("error: expected a text of at least one token")
                .hasLineCount(1);
        assertThat(blank.out()).startsWith(question).hasLineCount(1);
        assertThat(Answer.of("predict", run, question, "--files-from", lines).err())
                .contains("expected --lines FILE for texts");
        assertThat(Answer.of("predict", run, question, "--save", folder).err()).contains("are not drawn");
        Files.write(lines, new byte[] {'a', '\n', (byte) 0xff});
        assertThat(Answer.of("predict", run, "--lines", lines).err()).contains("lines.txt:2");
        assertThat(djinn("predict", exported(run), question, "--json").out()).startsWith("{\"text\":");
    }

    @Test
    void maskedWords() throws IOException {
        Path run = train("masked_language_model", "--set", "train.epochs=1");
        assertThat(measured(run).path("masked_accuracy").asDouble()).isBetween(0.0, 1.0);
        String text = "417 four [MASK] seventeen";
        assertThat(djinn("predict", run, text, "--top", 2).out())
                .matches("417 four \\[MASK] seventeen {2}\\S+ 0\\.\\d{3}, \\S+ 0\\.\\d{3}\\R");
        JsonNode answer =
                JSON.readTree(djinn("predict", run, text, "--json", "--top", 3).out());
        assertThat(answer.path("masks").size()).isEqualTo(1);
        assertThat(answer.path("masks").path(0).size()).isEqualTo(3);
        assertThat(answer.path("probability").asDouble())
                .isEqualTo(
                        answer.path("masks").path(0).path(0).path("probability").asDouble());
        Answer some = Answer.of("predict", run, "four hundred", text, "nine ".repeat(40) + "[MASK]");
        assertThat(some.code()).isEqualTo(1);
        assertThat(some.out()).startsWith(text).hasLineCount(1);
        assertThat(some.err())
                .contains("error: expected a text with [MASK] in the place of each word")
                .contains("error: expected a text of at most 32 tokens")
                .hasLineCount(2);
        assertThat(djinn("predict", exported(run), text, "--csv").out())
                .startsWith("text,word,probability\n" + text + ","
                        + answer.path("word").asString() + ",");
        Path tokenizer = folder.resolve("tokenizer.json");
        Path words = Files.writeString(folder.resolve("words.txt"), "one two three\none two\n");
        djinn("tokenizer", "train", words, "--model", "word", "--to", tokenizer);
        Answer maskless = Answer.of(
                "train",
                Path.of("../configs/masked_language_model_tiny.yaml"),
                "--runs",
                folder,
                "--set",
                "data={source: number_names, tokenizer: '" + tokenizer + "'}");
        assertThat(maskless.code()).isEqualTo(1);
        assertThat(maskless.err())
                .contains("expected a tokenizer with a special token [MASK] or <mask>")
                .hasLineCount(1);
    }

    @Test
    void words() {
        Path run = train("embedding_of_words", "--set", "train.epochs=1");
        assertThat(measured(run).path("loss").asDouble()).isBetween(0.0, 6 * Math.log(2));
        String answer = djinn("predict", run, "dog", "--json", "--top", 2).out();
        assertThat(answer).startsWith("{\"text\":\"dog\",\"nearest\":").hasLineCount(1);
        assertThat(Answer.of("predict", run, "zebra").err()).contains("got 'zebra'");
    }

    @Test
    void aKeyOfClassificationIsRefused() {
        Answer answer = Answer.of(
                "train",
                Path.of("../configs/gan_tiny.yaml"),
                "--runs",
                folder,
                "--set",
                "train.class_weights=balanced");
        assertThat(answer.code()).isEqualTo(2);
        assertThat(answer.err()).contains("train.class_weights");
    }
}
