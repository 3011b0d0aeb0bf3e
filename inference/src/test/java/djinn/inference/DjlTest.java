package djinn.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.inference.Predictor;
import ai.djl.modality.Classifications;
import ai.djl.modality.Input;
import ai.djl.modality.Output;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import djinn.data.Digits;
import djinn.export.onnx.OnnxOptions;
import djinn.export.onnx.OnnxWriter;
import djinn.export.torchscript.TorchScriptWriter;
import djinn.export.trace.DynamicAxis;
import djinn.export.trace.DynamicTrace;
import djinn.export.trace.Graph;
import djinn.ops.DataException;
import djinn.zoo.nn.ArrayBlock;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.ObjectMapper;

class DjlTest {

    @TempDir
    private static Path folder;

    private static Path run;
    private static List<BufferedImage> images;

    /** As DJL runs it, operation by operation. */
    private static final ImageClassifier.Settings PLAIN =
            ImageClassifier.Settings.usual().withFrozen(false);

    @BeforeAll
    static void makeRun() throws IOException {
        run = TinyModels.run(folder);
        var digits = Digits.splits().validation();
        images = IntStream.range(0, 6)
                .mapToObj(i -> digits.image(i, 3).toBufferedImage())
                .toList();
    }

    private static Image djl(BufferedImage image) {
        return ImageFactory.getInstance().fromImage(image);
    }

    /** Equal to the last bit, class by class. */
    private static void expectSame(Classifications answer, Classification own) {
        assertThat(answer.getClassNames()).hasSameSizeAs(own.scores());
        for (Score score : own.scores()) {
            assertThat(answer.getClassNames().get(score.index())).isEqualTo(score.label());
            assertThat(answer.getProbabilities().get(score.index())).isEqualTo(score.probability());
        }
        assertThat(answer.best().getClassName()).isEqualTo(own.best().label());
    }

    private static void expectSame(Criteria<Image, Classifications> criteria, Path model) throws Exception {
        try (ImageClassifier classifier = ImageClassifier.open(model, PLAIN);
                ZooModel<Image, Classifications> zoo = criteria.loadModel();
                Predictor<Image, Classifications> predictor = zoo.newPredictor()) {
            for (BufferedImage image : images) {
                expectSame(predictor.predict(djl(image)), classifier.predict(image));
            }
            List<Classifications> together =
                    predictor.batchPredict(images.stream().map(DjlTest::djl).toList());
            List<Classification> own = classifier.predictAll(images);
            for (int i = 0; i < images.size(); i++) {
                expectSame(together.get(i), own.get(i));
            }
        }
    }

    @Test
    void aRunLoadsByCriteria() throws Exception {
        expectSame(DjlServing.criteria(run), run);
        assertThatThrownBy(() -> DjlServing.criteria(folder)).isInstanceOf(DataException.class);
    }

    @Test
    void aServedFolderLoadsByItsProperties() throws Exception {
        Path onnx = TinyModels.Onnx.usual().withExternal("tiny.bin").write(folder.resolve("served.onnx"));
        Files.write(
                folder.resolve("tiny.bin"),
                TinyModels.Onnx.bytes(TinyModels.WEIGHTS).toByteArray());
        Path softmax = TinyModels.Onnx.usual().withSoftmax().write(folder.resolve("softmax.onnx"));
        for (Path model : List.of(run, onnx, softmax)) {
            Path served = folder.resolve("served-" + model.getFileName());
            DjlServing.write(model, served);
            expectSame(
                    Criteria.builder()
                            .setTypes(Image.class, Classifications.class)
                            .optModelPath(served)
                            .optTranslatorFactory(new DjinnTranslatorFactory())
                            .build(),
                    model);
        }
        assertThat(Files.readString(folder.resolve("served-run/serving.properties")))
                .isEqualTo("""
                    blockFactory=djinn.inference.DjinnBlockFactory
                    engine=PyTorch
                    option.hasParameter=false
                    translatorFactory=djinn.inference.DjinnTranslatorFactory
                    weights=best.safetensors
                    """);
    }

    @Test
    void exportsAreServedToo() throws Exception {
        ModelCard card = TinyModels.digitsCard();
        Path bytes = folder.resolve("bytes.onnx");
        Path script = folder.resolve("script.pt");
        try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
            ArrayBlock model = card.newModel();
            model.initialize(manager);
            NDList example = new NDList(manager.randomNormal(new Shape(1, 1, 8, 8)));
            try (Graph graph = DynamicTrace.trace(model, example, List.of(DynamicAxis.BATCH))) {
                OnnxOptions.Pixels pixels = new OnnxOptions.Pixels(
                        card.preprocessing().mean(), card.preprocessing().std());
                OnnxWriter.write(
                        graph,
                        bytes,
                        OnnxOptions.DEFAULT
                                .withPixels(pixels)
                                .withMetadata(card.toMetadata(new ModelInput(true, 0, false))));
                String json = new ObjectMapper().writeValueAsString(card.toMetadata());
                TorchScriptWriter.write(graph, script, Map.of("djinn.json", json));
            }
        }
        for (Path model : List.of(bytes, script)) {
            Path served = folder.resolve("served-" + model.getFileName());
            DjlServing.write(model, served);
            expectSame(
                    Criteria.builder()
                            .setTypes(Image.class, Classifications.class)
                            .optModelPath(served)
                            .optTranslatorFactory(new DjinnTranslatorFactory())
                            .build(),
                    model);
            assertThat(Files.readString(served.resolve("serving.properties"))).doesNotContain(folder.toString());
        }
    }

    /** DJL Serving gives a model the bytes of a request and sends back what it answers. */
    @Test
    void aRequestIsAnsweredAsServingAsks() throws Exception {
        DjlServing.write(run, run);
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        ImageIO.write(images.get(2), "png", png);
        Input request = new Input();
        request.add("data", png.toByteArray());
        Criteria<Input, Output> criteria = Criteria.builder()
                .setTypes(Input.class, Output.class)
                .optModelPath(run)
                .build();
        try (ZooModel<Input, Output> model = criteria.loadModel();
                Predictor<Input, Output> predictor = model.newPredictor();
                ImageClassifier classifier = ImageClassifier.open(run, PLAIN)) {
            String json = predictor.predict(request).getData().getAsString();
            Score best = classifier.predict(images.get(2)).best();
            assertThat(json)
                    .startsWith("[{\"className\":\"" + best.label() + "\",\"probability\":" + best.probability() + "}");
        }
    }

    @Test
    void pathsAreReadByDjinnsOwnDecoder() throws Exception {
        Path file = folder.resolve("digit.png");
        ImageIO.write(images.get(1), "png", file.toFile());
        Path served = folder.resolve("paths");
        DjlServing.write(run.resolve("best.safetensors"), served);
        Criteria<Path, Classifications> criteria = Criteria.builder()
                .setTypes(Path.class, Classifications.class)
                .optModelPath(served)
                .optTranslatorFactory(new DjinnTranslatorFactory())
                .build();
        try (ZooModel<Path, Classifications> model = criteria.loadModel();
                Predictor<Path, Classifications> predictor = model.newPredictor();
                ImageClassifier classifier = ImageClassifier.open(run, PLAIN)) {
            expectSame(predictor.predict(file), classifier.predict(file));
        }
    }

    @Test
    void aForeignFileIsServedUnderACard() throws Exception {
        Path foreign = TinyModels.Onnx.usual().withMetadata(Map.of()).write(folder.resolve("foreign.onnx"));
        Path served = folder.resolve("foreign");
        assertThatThrownBy(() -> DjlServing.write(foreign, served)).isInstanceOf(DataException.class);
        DjlServing.write(foreign, TinyModels.onnxCard(), served);
        Criteria<Image, Classifications> criteria = Criteria.builder()
                .setTypes(Image.class, Classifications.class)
                .optModelPath(served)
                .optTranslatorFactory(new DjinnTranslatorFactory())
                .build();
        try (ZooModel<Image, Classifications> model = criteria.loadModel();
                Predictor<Image, Classifications> predictor = model.newPredictor();
                ImageClassifier classifier = ImageClassifier.open(foreign, TinyModels.onnxCard())) {
            expectSame(predictor.predict(djl(images.get(0))), classifier.predict(images.get(0)));
        }
    }
}
