package djinn.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import djinn.data.Pixels;
import djinn.data.Preprocessing;
import djinn.inference.TinyModels.Onnx;
import djinn.ops.DataException;
import djinn.ops.PyTorch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnnxTest {

    @TempDir
    private Path folder;

    private static Pixels even(int value) {
        byte[] values = new byte[64];
        Arrays.fill(values, (byte) value);
        return new Pixels(8, 8, 1, values);
    }

    /** The softmax of w (v / 255 - 0.5) / 0.5 + b. */
    private static double[] expected(int value) {
        double[] exponentials = new double[3];
        for (int k = 0; k < 3; k++) {
            exponentials[k] = Math.exp(TinyModels.WEIGHTS[k] * (value / 255. - .5) / .5 + TinyModels.BIAS[k]);
        }
        double sum = Arrays.stream(exponentials).sum();
        return Arrays.stream(exponentials).map(e -> e / sum).toArray();
    }

    private static void check(Classification answer, int value) {
        assertThat(answer.scores()).hasSize(3);
        for (Score score : answer.scores()) {
            assertThat(score.label()).isEqualTo(TinyModels.NAMES.get(score.index()));
            assertThat(score.probability()).isCloseTo(expected(value)[score.index()], within(1e-6));
        }
    }

    @Test
    void aFileOfDjinnsSaysWhatItIs() throws IOException {
        Path file = Onnx.usual().write(folder.resolve("tiny.onnx"));
        assertThat(ImageClassifier.cardOf(file, Optional.empty())).contains(TinyModels.onnxCard());
        try (ImageClassifier classifier = ImageClassifier.open(file)) {
            assertThat(classifier.engine()).isEqualTo(Engine.ONNX);
            assertThat(classifier.card()).isEqualTo(TinyModels.onnxCard());
            check(classifier.predict(even(0)), 0);
            check(classifier.predict(even(255)), 255);
            // e^2-0.25 of e^1 + e^-0.5 + e^1.75
            assertThat(classifier.predict(even(255)).best().label()).isEqualTo("three");
        }
    }

    @Test
    void aFileThatAnswersProbabilitiesIsTakenAtItsWord() throws IOException {
        Path file = Onnx.usual().withSoftmax().write(folder.resolve("softmax.onnx"));
        try (ImageClassifier classifier = ImageClassifier.open(file)) {
            check(classifier.predict(even(0)), 0);
            check(classifier.predict(even(180)), 180);
        }
    }

    @Test
    void aBatchOfAnyLengthIsComputedWhateverTheFilesOwn() throws IOException {
        List<Pixels> images = IntStream.range(0, 5).mapToObj(i -> even(50 * i)).toList();
        for (long batch : new long[] {-1, 1, 2, 5, 8}) {
            Path file = Onnx.usual().withBatch(batch).write(folder.resolve("batch" + batch + ".onnx"));
            try (ImageClassifier classifier = ImageClassifier.open(file)) {
                List<Classification> answers = classifier.predictAll(images);
                for (int i = 0; i < 5; i++) {
                    check(answers.get(i), 50 * i);
                }
            }
        }
    }

    @Test
    void aForeignFileIsOpenedUnderACard() throws IOException {
        Path file = Onnx.usual().withInput("data").withMetadata(Map.of()).write(folder.resolve("foreign.onnx"));
        assertThatThrownBy(() -> ImageClassifier.open(file))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("does not say which model");
        try (ImageClassifier classifier = ImageClassifier.open(file, TinyModels.onnxCard())) {
            check(classifier.predict(even(99)), 99);
        }
        ModelCard twoClasses = new ModelCard("tiny", List.of("a", "b"), TinyModels.grey());
        try (ImageClassifier classifier = ImageClassifier.open(file, twoClasses)) {
            assertThatThrownBy(() -> classifier.predict(even(1)))
                    .isInstanceOf(DataException.class)
                    .hasMessageContaining("foreign.onnx: answers float32 (1, 3), expected float32 (1, 2)");
        }
        ModelCard larger = new ModelCard(
                "tiny",
                TinyModels.NAMES,
                new Preprocessing(9, 9, 1, List.of(.5), List.of(.5), Preprocessing.Fit.CROP, 1));
        assertThatThrownBy(() -> ImageClassifier.open(file, larger))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("takes inputs of (-1, 1, 8, 8), expected (N, 1, 9, 9)");
    }

    @Test
    void weightsBesideTheFileAreFoundOrMissed() throws IOException {
        Path file = Onnx.usual().withExternal("tiny.bin").write(folder.resolve("external.onnx"));
        assertThatThrownBy(() -> ImageClassifier.open(file))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("external.onnx: expected its weights in " + folder.resolve("tiny.bin"))
                .hasMessageNotContaining("\n");
        Files.write(folder.resolve("tiny.bin"), Onnx.bytes(TinyModels.WEIGHTS).toByteArray());
        try (ImageClassifier classifier = ImageClassifier.open(file)) {
            check(classifier.predict(even(200)), 200);
        }
        Path outside = Onnx.usual().withExternal("../tiny.bin").write(folder.resolve("outside.onnx"));
        assertThatThrownBy(() -> ImageClassifier.open(outside))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("expected its weights beside it");
    }

    @Test
    void whatOnnxRuntimeCannotLoadIsSaidInOneLine() throws IOException {
        Path unknown = Onnx.usual().withOperator("Frobnicate").write(folder.resolve("unknown.onnx"));
        assertThatThrownBy(() -> ImageClassifier.open(unknown))
                .isInstanceOf(DataException.class)
                .hasMessageStartingWith(unknown + ": ONNX Runtime cannot load it")
                .hasMessageContaining("Frobnicate")
                .hasMessageNotContaining("\n");
        Path text = Files.writeString(folder.resolve("text.onnx"), "not a model at all");
        Path empty = Files.write(folder.resolve("empty.onnx"), new byte[0]);
        byte[] whole = Files.readAllBytes(Onnx.usual().write(folder.resolve("whole.onnx")));
        Path cut = Files.write(folder.resolve("cut.onnx"), Arrays.copyOf(whole, whole.length / 2));
        for (Path file : List.of(text, empty, cut)) {
            assertThatThrownBy(() -> ImageClassifier.open(file))
                    .as(file.toString())
                    .isInstanceOf(DataException.class)
                    .hasMessageStartingWith(file + ": ")
                    .hasMessageContaining("ONNX file")
                    .hasMessageNotContaining("\n");
        }
        Map<String, String> damaged = Map.of("djinn.model", "tiny", "djinn.classes", "[");
        Path card = Onnx.usual().withMetadata(damaged).write(folder.resolve("card.onnx"));
        assertThatThrownBy(() -> ImageClassifier.open(card))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("its description of the model cannot be read");
    }

    @Test
    void arraysGoInAndOutAsTheyAre() throws IOException {
        Path file = Onnx.usual().withChannels(2).write(folder.resolve("arrays.onnx"));
        try (TensorModel model = TensorModel.open(file, Optional.empty());
                NDManager manager = PyTorch.newManager()) {
            var outputs = model.forward(manager.ones(new Shape(4, 2, 8, 8)));
            assertThat(outputs).hasSize(1);
            // two channels of ones: twice the weight, and the bias
            assertThat(outputs.get(0).getShape()).isEqualTo(new Shape(4, 3));
            assertThat(outputs.get(0).get(3).toFloatArray()).containsExactly(2, -1.5f, 3.75f);
            NDArray wrong = manager.ones(new Shape(4, 3, 8, 8));
            assertThatThrownBy(() -> model.forward(wrong))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("expected a float32 input of (-1, 2, 8, 8), got float32 (4, 3, 8, 8)");
        }
    }
}
