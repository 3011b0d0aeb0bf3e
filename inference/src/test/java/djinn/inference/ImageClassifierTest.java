package djinn.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.modality.cv.ImageFactory;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import djinn.data.Dataset;
import djinn.data.Digits;
import djinn.data.Pixels;
import djinn.data.Preprocessing;
import djinn.ops.DataException;
import djinn.ops.PyTorch;
import djinn.zoo.weights.Preference;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageClassifierTest {

    @TempDir
    private static Path folder;

    private static Path run;
    private static Dataset digits;

    @BeforeAll
    static void makeRun() throws IOException {
        run = TinyModels.run(folder);
        digits = Digits.splits().validation();
    }

    private static byte[] png(BufferedImage image) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageIO.write(image, "png", out);
        return out.toByteArray();
    }

    /** What the block itself answers to images that the engine normalises, by the engine's softmax. */
    private static List<double[]> probabilities(Path weights, List<Pixels> images) {
        try (LoadedModel<ModelCard> model = LoadedModel.open(weights, ModelCard.require(weights), Preference.EMA);
                NDManager manager = PyTorch.newManager()) {
            Preprocessing shape = model.card().preprocessing();
            return images.stream()
                    .map(image -> {
                        float[] values = new float[shape.channels() * shape.height() * shape.width()];
                        shape.normalise(shape.fit(image), FloatBuffer.wrap(values));
                        NDArray x =
                                manager.create(values, new Shape(1, shape.channels(), shape.height(), shape.width()));
                        float[] row = model.block()
                                .forward(new ParameterStore(manager, false), new NDList(x), false)
                                .head()
                                .softmax(1)
                                .toFloatArray();
                        return IntStream.range(0, row.length)
                                .mapToDouble(k -> row[k])
                                .toArray();
                    })
                    .toList();
        }
    }

    @Test
    void theAnswersAreThoseOfTheTrainedModel() {
        List<Pixels> images =
                IntStream.range(0, 70).mapToObj(i -> digits.image(i, 1)).toList();
        List<double[]> expected = probabilities(run.resolve("best.safetensors"), images);
        try (ImageClassifier classifier = ImageClassifier.open(run)) {
            assertThat(classifier.engine()).isEqualTo(Engine.PYTORCH);
            assertThat(classifier.card()).isEqualTo(TinyModels.digitsCard());
            List<Classification> answers = classifier.predictAll(images);
            assertThat(answers).hasSize(70);
            for (int n = 0; n < 70; n++) {
                Classification answer = answers.get(n);
                assertThat(answer.scores()).hasSize(10);
                assertThat(answer.scores().stream()
                                .mapToDouble(Score::probability)
                                .sum())
                        .isCloseTo(1, within(1e-12));
                for (Score own : answer.scores()) {
                    assertThat(own.probability()).isCloseTo(expected.get(n)[own.index()], within(1e-6));
                    assertThat(own.index()).isEqualTo(Integer.parseInt(own.label()));
                }
                assertThat(answer.best()).isEqualTo(answer.scores().get(0));
                assertThat(answer.scores().get(0).probability())
                        .isGreaterThanOrEqualTo(answer.scores().get(9).probability());
            }
        }
    }

    @Test
    void everyFormOfAnImageGivesTheSameAnswer() throws IOException {
        Pixels pixels = digits.image(7, 1);
        BufferedImage buffered = pixels.toBufferedImage();
        byte[] bytes = png(buffered);
        Path file = Files.write(folder.resolve("digit.png"), bytes);
        try (ImageClassifier classifier = ImageClassifier.open(run);
                NDManager manager = PyTorch.newManager()) {
            Classification expected = classifier.predict(pixels);
            assertThat(classifier.predict(buffered)).isEqualTo(expected);
            assertThat(classifier.predict(bytes)).isEqualTo(expected);
            assertThat(classifier.predict(new ByteArrayInputStream(bytes))).isEqualTo(expected);
            assertThat(classifier.predict(file)).isEqualTo(expected);
            assertThat(classifier.predict(ImageFactory.getInstance().fromImage(buffered)))
                    .isEqualTo(expected);
            assertThat(classifier.predictAll(List.of(classifier.prepare(file)))).containsExactly(expected);

            float[] values = new float[64];
            TinyModels.grey().normalise(pixels, FloatBuffer.wrap(values));
            NDArray array = manager.create(values, new Shape(1, 8, 8));
            assertThat(classifier.predict(array)).isEqualTo(expected);
            assertThat(classifier.predict(array.expandDims(0))).isEqualTo(expected);
            assertThat(classifier.predictAll(array)).containsExactly(expected);

            List<Object> mixed = List.of(pixels, buffered, bytes, file, array, new ByteArrayInputStream(bytes));
            for (Classification answer : classifier.predictAll(mixed)) {
                assertThat(answer.best().label()).isEqualTo(expected.best().label());
                assertThat(answer.best().probability())
                        .isCloseTo(expected.best().probability(), within(1e-6));
            }
            assertThat(classifier.predictAll(List.of())).isEmpty();
        }
    }

    @Test
    void frozenItAnswersTheSameUpToRounding() {
        List<Pixels> images =
                IntStream.range(0, 20).mapToObj(i -> digits.image(i, 1)).toList();
        try (ImageClassifier frozen = ImageClassifier.open(run);
                ImageClassifier plain = ImageClassifier.open(
                        run, ImageClassifier.Settings.usual().withFrozen(false))) {
            List<Classification> answers = frozen.predictAll(images);
            List<Classification> expected = plain.predictAll(images);
            for (int i = 0; i < images.size(); i++) {
                List<Score> scores = answers.get(i).scores();
                for (int k = 0; k < scores.size(); k++) {
                    assertThat(scores.get(k).probability())
                            .isCloseTo(expected.get(i).scores().get(k).probability(), within(1e-6));
                }
            }
            assertThat(plain.freeze().freeze().predictAll(images)).isEqualTo(answers);
        }
    }

    @Test
    void aFrozenTensorModelTakesOtherShapesToo() {
        try (TensorModel frozen = TensorModel.open(run, Optional.empty()).freeze(new Shape(1, 1, 8, 8));
                TensorModel plain = TensorModel.open(run, Optional.empty());
                NDManager manager = PyTorch.newManager()) {
            for (long size : new long[] {8, 12}) {
                NDArray x = manager.randomUniform(0, 1, new Shape(3, 1, size, size));
                NDArray difference = frozen.forward(x)
                        .head()
                        .sub(plain.forward(x).head())
                        .abs()
                        .max();
                assertThat(difference.getFloat()).isLessThan(1e-5f);
            }
        }
    }

    @Test
    void manyImagesAreComputedInBatches() {
        List<Pixels> images =
                IntStream.range(0, 7).mapToObj(i -> digits.image(i, 1)).toList();
        try (ImageClassifier all = ImageClassifier.open(run);
                ImageClassifier pairs = ImageClassifier.open(
                        run, ImageClassifier.Settings.usual().withBatch(2));
                NDManager manager = PyTorch.newManager()) {
            List<Classification> expected = all.predictAll(images);
            FloatBuffer values = FloatBuffer.allocate(7 * 64);
            images.forEach(image -> TinyModels.grey().normalise(image, values));
            NDArray array = manager.create(values.array(), new Shape(7, 1, 8, 8));
            for (List<Classification> answers : List.of(pairs.predictAll(images), pairs.predictAll(array))) {
                assertThat(answers).hasSize(7);
                for (int n = 0; n < 7; n++) {
                    assertThat(answers.get(n).best().label())
                            .isEqualTo(expected.get(n).best().label());
                    assertThat(answers.get(n).best().probability())
                            .isCloseTo(expected.get(n).best().probability(), within(1e-6));
                }
            }
        }
    }

    @Test
    void weightsFromElsewhereAreOpenedByTheModelsName() {
        Path raw = TinyModels.weights(folder.resolve("raw.safetensors"), Map.of());
        ModelCard card = TinyModels.digitsCard();
        try (ImageClassifier classifier = ImageClassifier.open(raw, card)) {
            assertThat(classifier.predict(digits.image(0, 1)).scores()).hasSize(10);
        }
        Path colour = folder.resolve("colour.safetensors");
        try (NDManager manager = PyTorch.newManager()) {
            var model = djinn.zoo.Models.named("nin_small").build();
            model.initialize(manager);
            djinn.zoo.weights.Safetensors.write(colour, djinn.zoo.weights.StateDict.of(model), Map.of());
        }
        try (ImageClassifier classifier = ImageClassifier.open("nin_small", colour, card.classes())) {
            assertThat(classifier.card().preprocessing().height()).isEqualTo(32);
            assertThat(classifier.predict(digits.image(0, 1)).scores()).hasSize(10);
        }
        assertThatThrownBy(() -> ImageClassifier.open(raw))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("raw.safetensors: does not say which model");
        assertThatThrownBy(() -> ImageClassifier.open("nin_smal", colour, card.classes()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("did you mean 'nin_small'?");
        assertThatThrownBy(() -> ImageClassifier.open("unet", colour, card.classes()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("unet, which is for segmentation");
        assertThatThrownBy(() -> ImageClassifier.open("nin_small", colour, List.of("a", "b")))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("colour.safetensors does not fit the model");
    }

    @Test
    void anEngineThatCannotComputeTheFileIsSaid() {
        var onnx = ImageClassifier.Settings.usual().withEngine(Engine.ONNX);
        assertThatThrownBy(() -> ImageClassifier.open(run, onnx))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("best.onnx: expected the run's model as an ONNX file");
        assertThatThrownBy(() -> ImageClassifier.open(run.resolve("best.safetensors"), onnx))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected an .onnx file");
        assertThatThrownBy(() -> ImageClassifier.open(folder.resolve("none")))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("there is no such run folder or file");
    }

    @Test
    void whatIsNoImageIsRefusedInOneLine() throws IOException {
        Path text = Files.writeString(folder.resolve("text.png"), "no image");
        Path empty = Files.write(folder.resolve("empty.jpg"), new byte[0]);
        try (ImageClassifier classifier = ImageClassifier.open(run)) {
            assertThatThrownBy(() -> classifier.predict(text))
                    .isInstanceOf(DataException.class)
                    .hasMessageStartingWith(text + ": is not an image")
                    .hasMessageNotContaining("\n");
            assertThatThrownBy(() -> classifier.predict(empty))
                    .isInstanceOf(DataException.class)
                    .hasMessageContaining("the file is empty");
            assertThatThrownBy(() -> classifier.predict(new byte[0]))
                    .isInstanceOf(DataException.class)
                    .hasMessageStartingWith("the image: ");
            assertThatThrownBy(() -> classifier.predictAll(List.of(digits.image(0, 1), new byte[] {1, 2, 3})))
                    .isInstanceOf(DataException.class)
                    .hasMessageStartingWith("image 2: is not an image");
            assertThatThrownBy(() -> classifier.predictAll(List.of("photo.jpg")))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("as image 1, got a java.lang.String");
            // the classifier is as before
            assertThat(classifier.predict(digits.image(0, 1)).scores()).hasSize(10);
        }
    }

    @Test
    void arraysOfAnotherShapeAreRefusedWithBothShapes() {
        try (ImageClassifier classifier = ImageClassifier.open(run);
                NDManager manager = PyTorch.newManager()) {
            for (NDArray array : List.of(
                    manager.zeros(new Shape(3, 8, 8)),
                    manager.zeros(new Shape(2, 3, 8, 8)),
                    manager.zeros(new Shape(1, 8, 9)),
                    manager.zeros(new Shape(8, 8)),
                    manager.zeros(new Shape(0, 1, 8, 8)),
                    manager.zeros(new Shape(1, 8, 8), DataType.INT32))) {
                assertThatThrownBy(() -> classifier.predictAll(array))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("expected a preprocessed float32 array of (1, 8, 8)")
                        .hasMessageContaining(array.getShape().toString());
            }
            NDArray two = manager.zeros(new Shape(2, 1, 8, 8));
            assertThatThrownBy(() -> classifier.predict(two))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("use predictAll");
            assertThatThrownBy(() -> classifier.predictAll(List.of(two)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("expected one image as image 1, got (2, 1, 8, 8)");
        }
    }

    @Test
    void anImagePreparedForAnotherModelIsRefused() {
        Preprocessing other = new Preprocessing(8, 8, 1, List.of(.4), List.of(.5), Preprocessing.Fit.CROP, 1);
        ModelCard card = new ModelCard("nin_small", TinyModels.digitsCard().classes(), other);
        try (ImageClassifier one = ImageClassifier.open(run);
                ImageClassifier two = ImageClassifier.open(run.resolve("best.safetensors"), card)) {
            List<Object> prepared = new ArrayList<>(List.of(one.prepare(digits.image(0, 1))));
            assertThatThrownBy(() -> two.predictAll(prepared))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("expected an image prepared by");
        }
    }
}
