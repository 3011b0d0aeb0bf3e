package djinn.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import djinn.data.Digits;
import djinn.data.Preprocessing;
import djinn.inference.ModelCard;
import djinn.ops.PyTorch;
import djinn.zoo.ModelOptions;
import djinn.zoo.Models;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.Pass;
import djinn.zoo.weights.Safetensors;
import djinn.zoo.weights.StateDict;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The ways images and arrays come to {@code djinn predict}. */
class PredictCommandTest {

    @TempDir
    private static Path folder;

    private static Path weights;
    private static Path photos;

    private record Answer(int code, String out, String err) {

        /** The names of the images answered, in order. */
        List<String> names() {
            return out.lines()
                    .filter(line -> !line.startsWith("file,"))
                    .map(line -> line.substring(0, line.indexOf(',')))
                    .toList();
        }
    }

    private static Answer predict(Object... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine command = Djinn.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        List<String> words = new java.util.ArrayList<>(List.of("predict"));
        Arrays.stream(arguments).map(Object::toString).forEach(words::add);
        int code = command.execute(words.toArray(new String[0]));
        return new Answer(code, out.toString(), err.toString());
    }

    private static Answer predictFrom(byte[] standardInput, Object... arguments) {
        InputStream before = System.in;
        System.setIn(new ByteArrayInputStream(standardInput));
        try {
            return predict(arguments);
        } finally {
            System.setIn(before);
        }
    }

    @BeforeAll
    static void makeModelAndImages() throws IOException {
        weights = folder.resolve("best.safetensors");
        Preprocessing grey = new Preprocessing(8, 8, 1, List.of(.5), List.of(.5), Preprocessing.Fit.CROP, 1);
        ModelCard card = new ModelCard("nin_small", Digits.splits().classes(), grey);
        save(card.newModel(), weights, card.toMetadata());
        photos = Files.createDirectories(folder.resolve("photos"));
        Files.createDirectories(photos.resolve("more"));
        Files.writeString(photos.resolve("notes.txt"), "no image");
        for (String name : List.of("a.png", "b.png", "c.PNG", "more/d.png")) {
            ImageIO.write(
                    Digits.splits().validation().image(name.length(), 1).toBufferedImage(),
                    "png",
                    photos.resolve(name).toFile());
        }
    }

    private static void save(ArrayBlock model, Path file, Map<String, String> metadata) {
        try (NDManager manager = PyTorch.newManager()) {
            model.initialize(manager);
            Safetensors.write(file, StateDict.of(model), metadata);
        }
    }

    private static List<String> photos(String... names) {
        return Arrays.stream(names).map(name -> photos.resolve(name).toString()).toList();
    }

    @Test
    void aFolderMeansTheImagesInIt() {
        Answer answer = predict(weights, photos, "--csv");
        assertThat(answer.err()).isEqualToIgnoringNewLines(photos + ": left out: 1 .txt file (notes.txt)");
        assertThat(answer.code()).isZero();
        assertThat(answer.names()).isEqualTo(photos("a.png", "b.png", "c.PNG", "more/d.png"));
    }

    @Test
    void hiddenFilesAreNoImages() throws IOException {
        Path littered = Files.createDirectories(folder.resolve("littered"));
        Path image = Files.copy(photos.resolve("a.png"), littered.resolve("a.png"));
        Files.writeString(littered.resolve("._a.png"), "notes of a file system");
        Answer whole = predict(weights, littered, "--csv");
        assertThat(whole.names()).containsExactly(image.toString());
        assertThat(whole.err()).isEqualToIgnoringNewLines(littered + ": left out: 1 hidden file (._a.png)");
        Answer matching = predict(weights, littered + "/*.png", "--csv");
        assertThat(matching.names()).containsExactly(image.toString());
        assertThat(matching.err()).contains("left out: 1 hidden file");
        assertThat(matching.code()).isZero();
        Files.delete(image);
        Answer none = predict(weights, littered);
        assertThat(none.code()).isEqualTo(1);
        assertThat(none.err()).contains("expected a folder with images").contains("found only 1 hidden file");
    }

    @Test
    void listsMayBeginWithAByteOrderMark() throws IOException {
        Path image = photos.resolve("a.png");
        Path list = Files.writeString(folder.resolve("marked.txt"), "\uFEFF" + image + "\r\n\r\n");
        assertThat(predict(weights, "--files-from", list, "--csv").names()).containsExactly(image.toString());
        byte[] piped = ("\uFEFF" + image + "\r\n").getBytes(StandardCharsets.UTF_8);
        assertThat(predictFrom(piped, weights, "--files-from", "-", "--csv").names())
                .containsExactly(image.toString());
        Path names = Files.writeString(
                folder.resolve("names.txt"), "\uFEFFzero\r\none\r\ntwo\r\n3\r\n4\r\n5\r\n6\r\n7\r\n8\r\n9\r\n");
        Answer named = predict("--weights", weights, "--classes", names, image, "--top", 10, "--json");
        assertThat(named.out()).contains("\"zero\"");
        Files.write(names, "caf\u00E9\n".getBytes(StandardCharsets.ISO_8859_1));
        Answer latin = predict("--weights", weights, "--classes", names, image);
        assertThat(latin.code()).isEqualTo(1);
        assertThat(latin.err())
                .contains("names.txt:1: expected UTF-8 text, found the byte E9")
                .hasLineCount(1);
    }

    @Test
    void aPatternMeansWhatItMatches() {
        assertThat(predict(weights, photos + "/*.png", "--csv").names()).isEqualTo(photos("a.png", "b.png"));
        assertThat(predict(weights, photos + "/**.png", "--csv").names())
                .isEqualTo(photos("a.png", "b.png", "more/d.png"));
        assertThat(predict(weights, photos + "/m*/{d,e}.png", "--csv").names()).isEqualTo(photos("more/d.png"));
        Answer none = predict(weights, photos + "/*.jpg", "--csv");
        assertThat(none.code()).isEqualTo(1);
        assertThat(none.err())
                .contains("*.jpg: expected a pattern of image files")
                .hasLineCount(1);
    }

    @Test
    void aFileOfAPatternsNameIsTheFile() throws IOException {
        Path odd = Files.copy(photos.resolve("a.png"), folder.resolve("odd[1].png"));
        assertThat(predict(weights, odd, "--csv").names()).containsExactly(odd.toString());
    }

    @Test
    void anImageComesOnStandardInput() throws IOException {
        byte[] image = Files.readAllBytes(photos.resolve("b.png"));
        Answer answer = predictFrom(image, weights, "-", "--csv");
        assertThat(answer.err()).isEmpty();
        Answer byFile = predict(weights, photos.resolve("b.png"), "--csv");
        assertThat(answer.out())
                .isEqualTo(byFile.out().replace(photos.resolve("b.png").toString(), "-"));
        Answer broken = predictFrom(new byte[] {1, 2}, weights, "-", photos.resolve("a.png"), "--csv");
        assertThat(broken.err()).contains("error: -: is not an image").hasLineCount(1);
        assertThat(broken.names()).isEqualTo(photos("a.png"));
        assertThat(broken.code()).isEqualTo(1);
    }

    @Test
    void aListOfFilesIsReadFromAFileOrStandardInput() throws IOException {
        byte[] text = String.join("\n", photos("c.PNG", "a.png", "none.png")).getBytes(StandardCharsets.UTF_8);
        Answer piped = predictFrom(text, weights, "--files-from", "-", "--csv", "--batch", 1, "--workers", 1);
        assertThat(piped.names()).isEqualTo(photos("c.PNG", "a.png"));
        assertThat(piped.err()).contains("none.png: expected an image").hasLineCount(1);
        assertThat(piped.code()).isEqualTo(1);
        Path list = Files.write(folder.resolve("list.txt"), text);
        Answer both = predict(weights, photos.resolve("b.png"), "--files-from", list, "--csv");
        assertThat(both.names()).isEqualTo(photos("b.png", "c.PNG", "a.png"));
        assertThat(predict(weights, "--files-from", folder.resolve("none.txt")).err())
                .contains("none.txt: expected a file of text")
                .hasLineCount(1);
    }

    @Test
    void answersDoNotDependOnBatchesAndWorkers() {
        List<String> many = IntStream.range(0, 9)
                .mapToObj(i -> photos.resolve(i % 2 == 0 ? "a.png" : "b.png").toString())
                .toList();
        List<Object> words = new java.util.ArrayList<>(List.of(weights, "--csv", "--batch", 2, "--workers", 3));
        words.addAll(1, many);
        Answer small = predict(words.toArray());
        assertThat(small.names()).isEqualTo(many);
        assertThat(small.code()).isZero();
    }

    @Test
    void anEngineTheFileIsNotForIsAMistake() {
        Answer answer = predict(weights, photos, "--engine", "onnx");
        assertThat(answer.err())
                .contains("expected an .onnx file for the engine ONNX")
                .hasLineCount(1);
        assertThat(answer.code()).isEqualTo(2);
        assertThat(predict(weights, photos, "--engine", "pytorch").code()).isZero();
        assertThat(predict(folder.resolve("none.onnx"), photos).err())
                .contains("none.onnx: there is no such run folder or file")
                .hasLineCount(1);
    }

    /** A segmenter of random weights for two channels and five classes, which its shapes alone tell. */
    @Test
    void arraysGoThroughAnyModelAsTheyAre() {
        Path file = folder.resolve("unet.safetensors");
        Path in = folder.resolve("in.safetensors");
        Path to = folder.resolve("out.safetensors");
        try (NDManager manager = PyTorch.newManager()) {
            ArrayBlock model = Models.named("unet").build(new ModelOptions(5, 2));
            model.initialize(manager);
            Safetensors.write(file, StateDict.of(model), Map.of());
            Map<String, NDArray> inputs = new LinkedHashMap<>();
            inputs.put("first", manager.randomUniform(0, 1, new Shape(1, 2, 32, 32)));
            inputs.put("second", manager.randomUniform(0, 1, new Shape(2, 2, 32, 48)));
            Safetensors.write(in, inputs, Map.of());
            Answer answer = predict("--model", "unet", "--weights", file, "--tensors", in, "--to", to);
            assertThat(answer.err()).isEmpty();
            assertThat(answer.code()).isZero();
            try (Safetensors written = Safetensors.open(to)) {
                assertThat(written.names()).containsExactly("first", "second");
                for (String name : written.names()) {
                    NDArray expected =
                            model.forward(inputs.get(name), new Pass(new ParameterStore(manager, false), false));
                    NDArray found = written.read(manager, name);
                    assertThat(found.getShape()).isEqualTo(expected.getShape());
                    assertThat(found.getShape().get(1)).isEqualTo(5);
                    assertThat(found.sub(expected).abs().max().getFloat()).isCloseTo(0, within(1e-5f));
                }
            }
        }
        Answer wrong = predict(weights, "--tensors", in, "--to", to);
        assertThat(wrong.err())
                .contains("tensor 'first': ")
                .contains("the model does not take an input of float32 (1, 2, 32, 32)")
                .hasLineCount(1);
        assertThat(wrong.code()).isEqualTo(2);
    }

    @Test
    void mistakesAreOneLine() {
        for (Answer answer : List.of(
                predict(),
                predict(weights),
                predict(weights, photos, "--batch", 0),
                predict(weights, photos, "--workers", 0),
                predict(weights, photos, "--engine", "tensorflow"),
                predict(weights, "-", "--files-from", "-"),
                predict(weights, "--tensors", "in.safetensors"),
                predict(weights, photos, "--tensors", "in.safetensors", "--to", "out.safetensors"),
                predict("--tensors", "in.safetensors", "--to", "out.safetensors"))) {
            assertThat(answer.err()).contains("error: ").hasLineCount(1);
            assertThat(answer.code()).as(answer.err()).isEqualTo(2);
        }
        Path empty = folder.resolve("photos/none");
        assertThat(predict(weights, empty).code()).isEqualTo(1);
    }
}
