package djinn.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import djinn.data.Preprocessing;
import djinn.export.onnx.OnnxRuntime;
import djinn.inference.ModelCard;
import djinn.ops.PyTorch;
import djinn.ops.Randomness;
import djinn.predict.detection.DetectionCard;
import djinn.zoo.detection.Detector;
import djinn.zoo.weights.Safetensors;
import djinn.zoo.weights.StateDict;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A detector of two stages in three files, which ONNX Runtime runs one behind the other. */
class PartsExportTest {

    private static final int HEIGHT = 96;
    private static final int WIDTH = 128;
    private static final long[] IMAGE = {1, 3, HEIGHT, WIDTH};

    @TempDir
    private Path folder;

    /** What a file answered, by the names of its outputs. */
    private record Told(Map<String, double[]> values, Map<String, long[]> shapes) {}

    /** Weights whose heads are sure of much. */
    private Path weights(String name) {
        Path file = folder.resolve(name + ".safetensors");
        Preprocessing images = new Preprocessing(
                HEIGHT, WIDTH, 3, List.of(.5, .5, .5), List.of(.25, .25, .25), Preprocessing.Fit.STRETCH, 1);
        DetectionCard card = new DetectionCard(new ModelCard(name, List.of("a", "b", "c"), images), Optional.empty());
        try (NDManager manager = PyTorch.newManager()) {
            Randomness.seed(6);
            Detector model = card.newModel();
            model.initialize(manager);
            Map<String, NDArray> state = StateDict.of(model);
            Map.of(
                            "rpn.head.cls_logits.weight", 100f,
                            "rpn.head.bbox_pred.weight", 10f,
                            "roi_heads.box_predictor.cls_score.weight", 200f,
                            "roi_heads.box_predictor.bbox_pred.weight", 5f,
                            "roi_heads.mask_predictor.mask_fcn_logits.weight", 30_000f)
                    .forEach((array, factor) ->
                            Optional.ofNullable(state.get(array)).ifPresent(found -> found.muli(factor)));
            Safetensors.write(file, state, card.toMetadata());
        }
        return file;
    }

    /** Blocks of colours, so that regions differ. */
    private static float[] image(int block, int seed) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] colours = new float[3 * HEIGHT * WIDTH];
        for (int i = 0; i < colours.length; i++) {
            colours[i] = (float) random.nextDouble(-2, 2);
        }
        float[] image = new float[3 * HEIGHT * WIDTH];
        for (int i = 0; i < image.length; i++) {
            int x = i % WIDTH;
            int y = Math.floorDiv(i, WIDTH);
            image[i] = colours[Math.floorDiv(y, block) * WIDTH + Math.floorDiv(x, block)];
        }
        return image;
    }

    private static Answer export(Path weights, Path to, Object... more) {
        return Answer.of(Stream.concat(Stream.of("export", weights, "--to", to), Stream.of(more))
                .toArray());
    }

    private Path part(String name, String part) {
        return folder.resolve(name + "." + part + ".onnx");
    }

    /** Runs files one behind the other: each takes by name what is known, and what it answers is known from then on. */
    private static Told run(float[] image, String named, Path... files) throws OrtException {
        Told told = new Told(new LinkedHashMap<>(), new LinkedHashMap<>());
        List<AutoCloseable> open = new ArrayList<>();
        Map<String, OnnxTensor> known = new LinkedHashMap<>();
        try {
            known.put(
                    named, OnnxTensor.createTensor(OnnxRuntime.environment(), FloatBuffer.wrap(image), IMAGE.clone()));
            for (Path file : files) {
                OrtSession session = OnnxRuntime.open(file);
                open.add(0, session);
                Map<String, OnnxTensor> given = new LinkedHashMap<>();
                for (String input : session.getInputNames()) {
                    assertThat(known).containsKey(input);
                    given.put(input, known.get(input));
                }
                OrtSession.Result result = session.run(given);
                open.add(0, result);
                for (Map.Entry<String, OnnxValue> output : result) {
                    OnnxTensor tensor = (OnnxTensor) output.getValue();
                    known.put(output.getKey(), tensor);
                    told.values.put(output.getKey(), numbers(tensor));
                    told.shapes.put(output.getKey(), tensor.getInfo().getShape());
                }
            }
            return told;
        } finally {
            open.forEach(PartsExportTest::close);
            known.values().forEach(OnnxTensor::close);
        }
    }

    private static void close(AutoCloseable open) {
        try {
            open.close();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static double[] numbers(OnnxTensor tensor) {
        TensorInfo info = tensor.getInfo();
        ByteBuffer bytes = tensor.getByteBuffer().order(ByteOrder.nativeOrder());
        double[] numbers = new double[Math.toIntExact(info.getNumElements())];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = switch (info.type) {
                case FLOAT -> bytes.getFloat();
                case INT64 -> bytes.getLong();
                default -> throw new IllegalStateException(info.toString());
            };
        }
        return numbers;
    }

    private static void assertClose(Told told, String name, double[] expected, double apart) {
        double[] values = told.values.get(name);
        assertThat(values).as(name).hasSameSizeAs(expected);
        for (int i = 0; i < expected.length; i++) {
            assertThat(values[i]).as("%s, at %d", name, i).isCloseTo(expected[i], within(apart));
        }
    }

    @Test
    void threeFilesBehindOneAnotherTellTheBoxesAndMasksOfTheWhole() throws OrtException {
        Path weights = weights("mask_rcnn");
        Path whole = folder.resolve("whole.onnx");
        assertThat(export(weights, whole, "--conf", .3, "--nms").code()).isZero();
        Answer answer = export(weights, folder.resolve("m.onnx"), "--parts", "--conf", .3, "--nms");
        assertThat(answer.code()).as(answer.err()).isZero();
        assertThat(answer.lines()).hasSize(3).allMatch(line -> line.contains("ONNX Runtime differs by at most"));
        int found = 0;
        for (int block : new int[] {15, 22}) {
            float[] image = image(block, 6);
            Told expected = run(image, "input", whole);
            Told told = run(image, "image", part("m", "first"), part("m", "boxes"), part("m", "masks"));
            assertThat(told.shapes.get("regions")).hasSize(2).endsWith(5);
            assertClose(told, "boxes", expected.values.get("output0"), 1e-3);
            assertClose(told, "scores", expected.values.get("output1"), 1e-4);
            assertClose(told, "labels", expected.values.get("output2"), 0);
            assertClose(told, "counts", expected.values.get("output3"), 0);
            assertClose(told, "masks", expected.values.get("output4"), 1e-4);
            assertThat(told.shapes.get("masks")).isEqualTo(expected.shapes.get("output4"));
            double[] masks = told.values.get("masks");
            double spread = Arrays.stream(masks).max().orElse(0)
                    - Arrays.stream(masks).min().orElse(0);
            assertThat(spread).as("what masks tell").isGreaterThan(.05);
            found += (int) told.values.get("counts")[0];
        }
        assertThat(found).isGreaterThan(20);
    }

    @Test
    void boxesAreSelectedByTheirPartWhereTheyAreByTheWhole() throws OrtException {
        Path weights = weights("faster_rcnn");
        Path whole = folder.resolve("whole.onnx");
        assertThat(export(weights, whole, "--nms", "--conf", .3).code()).isZero();
        Answer answer = export(weights, folder.resolve("f.onnx"), "--parts", "--nms", "--conf", .3);
        assertThat(answer.code()).as(answer.err()).isZero();
        assertThat(answer.out()).contains("f.boxes.onnx: opset 17").contains("it selects the same ");
        assertThat(part("f", "masks")).doesNotExist();
        float[] image = image(15, 6);
        Told expected = run(image, "input", whole);
        Told told = run(image, "image", part("f", "first"), part("f", "boxes"));
        assertThat(expected.values.get("counts")[0]).isGreaterThan(10);
        for (String name : List.of("boxes", "scores", "labels", "counts")) {
            assertClose(told, name, expected.values.get(name), 1e-3);
        }
    }

    @ParameterizedTest
    @CsvSource({"cascade_rcnn, boxes scores", "softer_rcnn, boxes scores variances", "relation_rcnn, boxes scores"})
    void everyDetectorOfTwoStagesHasParts(String name, String outputs) throws OrtException {
        Answer answer = export(weights(name), folder.resolve("p.onnx"), "--parts");
        assertThat(answer.code()).as(answer.err()).isZero();
        Told told = run(image(15, 6), "image", part("p", "first"), part("p", "boxes"));
        long regions = told.shapes.get("regions")[0];
        assertThat(regions).isGreaterThan(20);
        assertThat(told.shapes)
                .containsOnlyKeys(Stream.concat(
                                Stream.of("feature.0", "feature.1", "feature.2", "regions"),
                                Stream.of(outputs.split(" ", -1)))
                        .toArray(String[]::new));
        assertThat(told.shapes.get("scores")).containsExactly(1, regions, 3);
        assertThat(Arrays.stream(told.values.get("scores")).max().orElse(0)).isBetween(.2, 1.);
    }

    @Test
    void aPartIsNoDetector() {
        Path weights = weights("faster_rcnn");
        assertThat(export(weights, folder.resolve("f.onnx"), "--parts", "--no-check")
                        .code())
                .isZero();
        Answer predict = Answer.of("predict", part("f", "first"), folder.resolve("photo.png"));
        assertThat(predict.code()).isEqualTo(1);
        assertThat(predict.err())
                .contains("expected a whole detector, got its part 'first'")
                .hasLineCount(1);
    }

    @Test
    void whatHasNoPartsIsRefused() {
        Path one = weights("yolov5n");
        Answer ofOneStage = export(one, folder.resolve("y.onnx"), "--parts");
        assertThat(ofOneStage.code()).isEqualTo(2);
        assertThat(ofOneStage.err())
                .contains("--parts with a detector that proposes regions")
                .hasLineCount(1);
        Answer script = export(one, folder.resolve("y.pt"), "--parts");
        assertThat(script.code()).isEqualTo(2);
        assertThat(script.err())
                .contains("expected --parts with --to NAME.onnx")
                .hasLineCount(1);
        Answer classifier = Answer.of(
                "export", "--model", "squeezenet1_1", "--untrained", "--parts", "--to", folder.resolve("s.onnx"));
        assertThat(classifier.code()).isEqualTo(2);
        assertThat(classifier.err()).contains("--parts with a detector").hasLineCount(1);
        assertThat(Files.exists(folder.resolve("y.first.onnx"))).isFalse();
    }
}
