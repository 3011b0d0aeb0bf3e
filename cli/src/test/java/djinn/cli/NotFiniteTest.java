package djinn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import djinn.data.Digits;
import djinn.data.Preprocessing;
import djinn.inference.ModelCard;
import djinn.ops.PyTorch;
import djinn.ops.Randomness;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.weights.Dtype;
import djinn.zoo.weights.Safetensors;
import djinn.zoo.weights.StateDict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** NaN, infinity, and numbers too large for half precision, at every door. */
class NotFiniteTest {

    private static final String FIRST = "mlpconv1.conv.weight";

    @TempDir
    private static Path folder;

    private static Path image;

    @BeforeAll
    static void makeImage() throws IOException {
        image = folder.resolve("image.png");
        ImageIO.write(Digits.splits().validation().image(4, 1).toBufferedImage(), "png", image.toFile());
    }

    /** Weights of a run whose first one is a given number. */
    private static Path weights(String name, float first) {
        Path file = folder.resolve(name);
        Preprocessing grey = new Preprocessing(8, 8, 1, List.of(.3), List.of(.4), Preprocessing.Fit.CROP, 1);
        ModelCard card = new ModelCard("nin_small", Digits.splits().classes(), grey);
        try (NDManager manager = PyTorch.newManager()) {
            Randomness.seed(3);
            ArrayBlock model = card.newModel();
            model.initialize(manager);
            Map<String, NDArray> state = new LinkedHashMap<>(StateDict.of(model));
            float[] values = state.get(FIRST).toFloatArray();
            values[0] = first;
            state.put(FIRST, manager.create(values, state.get(FIRST).getShape()));
            Safetensors.write(file, state, card.toMetadata());
        }
        return file;
    }

    private static void assertRefused(String message, Object... arguments) {
        Answer answer = Answer.of(arguments);
        assertThat(answer.code()).isEqualTo(1);
        assertThat(answer.out()).isEmpty();
        assertThat(answer.err()).contains(message).hasLineCount(1);
    }

    @Test
    void weightsThatAreNotFiniteOpenNoDoor() {
        Path nan = weights("nan.safetensors", Float.NaN);
        String words = "1 of 56 arrays hold NaN or infinity: " + FIRST + " (1 of 576 values: NaN)";
        assertRefused(words, "predict", nan, image, "--json");
        assertRefused(words, "predict", nan, "--tensors", nan, "--to", folder.resolve("x.safetensors"));
        assertRefused(words, "val", "--weights", nan, "--data", "digits");
        for (String name : List.of("never.onnx", "never.pt", "never.safetensors")) {
            assertRefused(words, "export", nan, "--to", folder.resolve(name));
            assertThat(folder.resolve(name)).doesNotExist();
        }
        Answer converted = Answer.of("weights", "convert", nan, "--to", folder.resolve("still.safetensors"));
        assertThat(converted.code()).isZero();
        assertThat(converted.err()).startsWith("warning: ").contains(words).hasLineCount(1);
    }

    @Test
    void answersThatAreNotFiniteAreErrorsThatNameTheImage() throws IOException {
        Path huge = weights("huge.safetensors", 3e38f);
        assertRefused(image + ": the model's answer is NaN or infinite", "predict", huge, image, "--json");
        assertRefused("expected a finite loss", "val", "--weights", huge, "--data", "digits", "--json");
        for (String name : List.of("huge.onnx", "huge.pt")) {
            assertRefused("expected a model of finite answers", "export", huge, "--to", folder.resolve(name));
            assertThat(folder.resolve(name)).doesNotExist();
        }
    }

    @Test
    void anOnnxFileOfNaNIsRefused() throws IOException {
        Path fine = weights("fine.safetensors", 123.25f);
        Path file = folder.resolve("spoilt.onnx");
        assertThat(Answer.of("export", fine, "--to", file).code()).isZero();
        byte[] bytes = Files.readAllBytes(file);
        byte[] marker = {0, (byte) 0x80, (byte) 0xf6, 0x42};
        int at = 0;
        while (!Arrays.equals(bytes, at, at + 4, marker, 0, 4)) {
            at++;
        }
        bytes[at + 2] = (byte) 0xc0;
        bytes[at + 3] = 0x7f;
        Files.write(file, bytes);
        assertRefused(FIRST + " (1 of 576 values: NaN)", "predict", file, image, "--json");
        assertRefused(FIRST + " (1 of 576 values: NaN)", "val", "--weights", file, "--data", "digits");
    }

    @Test
    void halfPrecisionHoldsNoInfinities() throws IOException {
        Path given = Path.of("src", "test", "resources", "cases", "C6_beyond_half.safetensors");
        Path half = folder.resolve("half.safetensors");
        Answer converted = Answer.of("weights", "convert", given, "--dtype", "F16", "--to", half);
        assertThat(converted.code()).isZero();
        assertThat(converted.err()).contains("too large for F16: w (2 values)").hasLineCount(1);
        assertFinite(half, "w");

        Path large = weights("large.safetensors", 1e6f);
        Path copy = folder.resolve("copy.safetensors");
        Answer exported = Answer.of("export", large, "--fp16", "--to", copy);
        assertThat(exported.err())
                .contains("kept in float32, for values beyond 65,504: " + FIRST + " (1 value)")
                .hasLineCount(1);
        assertFinite(copy, FIRST);
        for (String name : List.of("large.onnx", "large.pt")) {
            Answer answer = Answer.of("export", large, "--fp16", "--to", folder.resolve(name));
            assertThat(answer.code()).isZero();
            assertThat(answer.err()).contains("beyond 65,504: " + FIRST).hasLineCount(1);
            assertThat(Answer.of("predict", folder.resolve(name), image).code()).isZero();
        }
    }

    private static void assertFinite(Path file, String name) {
        try (Safetensors opened = Safetensors.open(file);
                NDManager manager = PyTorch.newManager()) {
            assertThat(opened.entry(name).dtype()).isEqualTo(Dtype.F32);
            float[] values = opened.read(manager, name).toFloatArray();
            for (float value : values) {
                assertThat(value).isFinite();
            }
        }
    }

    @Test
    void jsonHoldsNullInPlaceOfWhatIsNoNumber() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("a", Double.NaN);
        fields.put("b", List.of(1.5, Double.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY));
        fields.put("c", Optional.of(Float.NaN));
        fields.put("d", Stream.of(1, 2L, 0.1f).toList());
        assertThat(Json.line(fields)).isEqualTo("{\"a\":null,\"b\":[1.5,null,null],\"c\":null,\"d\":[1,2,0.1]}");
    }
}
