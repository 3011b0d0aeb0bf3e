package djinn.export.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtSession;
import djinn.export.Exporter;
import djinn.export.trace.DynamicAxis;
import djinn.ops.BoxSelection;
import djinn.ops.DataException;
import djinn.ops.PyTorch;
import djinn.ops.SelectedBox;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Boxes selected by ONNX Runtime are those of {@link BoxSelection}, in its order. */
class OnnxSelectionTest {

    private static final int BOXES = 40;
    private static final int CLASSES = 3;

    @TempDir
    private Path folder;

    /** Answers its input as boxes and scores: (N, A, 4 + K), the boxes as corner and extent. */
    private static final class Given extends AbstractBlock {

        @Override
        protected NDList forwardInternal(
                ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
            NDArray x = inputs.head();
            NDArray corner = x.get(":, :, 0:2");
            NDArray boxes = corner.concat(corner.add(x.get(":, :, 2:4")), 2);
            return new NDList(boxes, x.get(":, :, 4:"));
        }

        @Override
        public Shape[] getOutputShapes(Shape[] inputs) {
            return inputs;
        }
    }

    static Stream<BoxSelection> rules() {
        BoxSelection all = new BoxSelection(.25, 1000, .5, 300);
        return Stream.of(
                all,
                all.withMost(5),
                all.withScoreThreshold(0),
                all.withScoreThreshold(1),
                new BoxSelection(.1, 30, .4, 300),
                // scores and overlaps of exactly the threshold: (float) .1 and (float) .6 lie above it
                new BoxSelection(.1, 1000, .4, 300),
                new BoxSelection(.1, 1000, .6, 300),
                new BoxSelection(.1, 30, .4, 20).withLevels(List.of(24, 12, 4)),
                new BoxSelection(.1, 7, .4, 300, true),
                new BoxSelection(.25, 1000, .45, 300, false, true, List.of()),
                new BoxSelection(.1, 9, .45, 6, false, true, List.of(20, 20)));
    }

    /** Images of boxes that overlap much, with scores of two digits, so that many are equal. */
    private static float[] images(int count) {
        Random random = new Random(4);
        float[] values = new float[count * BOXES * (4 + CLASSES)];
        for (int row = 0; row < count * BOXES; row++) {
            for (int i = 0; i < 4 + CLASSES; i++) {
                values[row * (4 + CLASSES) + i] =
                        i < 2 ? random.nextInt(30) : i < 4 ? 5 + random.nextInt(20) : random.nextInt(100) / 100f;
            }
        }
        return values;
    }

    @ParameterizedTest
    @MethodSource("rules")
    void theSameBoxesInTheSameOrder(BoxSelection rule) throws Exception {
        assertSame(rule, images(3), 3);
    }

    /** Thresholds that overlaps equal as ONNX Runtime computes them, in single precision, and those right below. */
    @Test
    void overlapsAtTheThresholdAreTakenAlike() throws Exception {
        Random random = new Random(5);
        float[] values = new float[BOXES * (4 + CLASSES)];
        for (int i = 0; i < values.length; i++) {
            int column = i % (4 + CLASSES);
            values[i] = column < 2
                    ? 8 * random.nextFloat()
                    : column < 4 ? 20 + 10 * random.nextFloat() : random.nextFloat();
        }
        for (int row = 0; row < 4; row++) {
            float overlap = overlap(values, row * (4 + CLASSES), (row + 4) * (4 + CLASSES));
            BoxSelection rule = new BoxSelection(.01, 1000, overlap, 300);
            assertSame(rule, values, 1);
            assertSame(rule.withIouThreshold(Math.nextDown(overlap)), values, 1);
        }
    }

    private static float overlap(float[] values, int a, int b) {
        float shared = 1;
        float first = 1;
        float second = 1;
        for (int axis = 0; axis < 2; axis++) {
            float endA = values[a + axis] + values[a + axis + 2];
            float endB = values[b + axis] + values[b + axis + 2];
            shared *= Math.min(endA, endB) - Math.max(values[a + axis], values[b + axis]);
            first *= endA - values[a + axis];
            second *= endB - values[b + axis];
        }
        return shared / (first + second - shared);
    }

    private void assertSame(BoxSelection rule, float[] values, int images) throws Exception {
        Path file = folder.resolve("selected.onnx");
        try (NDManager manager = PyTorch.newManager()) {
            Given block = new Given();
            block.initialize(manager, DataType.FLOAT32, new Shape(1, BOXES, 4 + CLASSES));
            NDArray example = manager.create(values, new Shape(images, BOXES, 4 + CLASSES));
            Exporter.Settings settings = Exporter.Settings.DEFAULT
                    .withOptions(OnnxOptions.DEFAULT.withSelection(rule))
                    .withOpen(DynamicAxis.BATCH)
                    .withCheck(Exporter.Check.EXAMPLE);
            Exporter.write(block, new NDList(example.get("0:1")), file, settings);
        }
        try (OrtSession session = OnnxRuntime.open(file);
                OnnxTensor input = OnnxTensor.createTensor(
                        OnnxRuntime.environment(),
                        java.nio.FloatBuffer.wrap(values),
                        new long[] {images, BOXES, 4 + CLASSES});
                OrtSession.Result result = session.run(Map.of("input", input))) {
            float[][][] boxes = (float[][][]) result.get("boxes").orElseThrow().getValue();
            float[][] scores = (float[][]) result.get("scores").orElseThrow().getValue();
            long[][] labels = (long[][]) result.get("labels").orElseThrow().getValue();
            long[] counts = (long[]) result.get("counts").orElseThrow().getValue();
            for (int n = 0; n < images; n++) {
                List<SelectedBox> found = new ArrayList<>();
                for (int i = 0; i < counts[n]; i++) {
                    float[] box = boxes[n][i];
                    found.add(new SelectedBox((int) labels[n][i], scores[n][i], box[0], box[1], box[2], box[3]));
                }
                assertThat(found).isEqualTo(expected(rule, values, n));
                for (int i = (int) counts[n]; i < scores[n].length; i++) {
                    assertThat(scores[n][i]).isZero();
                    assertThat(labels[n][i]).isZero();
                    assertThat(boxes[n][i]).containsOnly(0);
                }
            }
        }
    }

    private static List<SelectedBox> expected(BoxSelection rule, float[] values, int image) {
        float[] own = Arrays.copyOfRange(values, image * BOXES * (4 + CLASSES), (image + 1) * BOXES * (4 + CLASSES));
        return rule.select(corners(own), scores(own), CLASSES);
    }

    @Test
    void theFileIsComparedWhereBoxesComeOut() {
        try (NDManager manager = PyTorch.newManager()) {
            Given block = new Given();
            block.initialize(manager, DataType.FLOAT32, new Shape(1, BOXES, 4 + CLASSES));
            NDList example = new NDList(manager.create(images(1), new Shape(1, BOXES, 4 + CLASSES)));
            Exporter.Settings settings = Exporter.Settings.DEFAULT.withCheck(Exporter.Check.EXAMPLE);
            // nothing is above the least score, 1, so that a lower one is compared: of the example, and of 2 and 3 of
            // it
            BoxSelection rule = new BoxSelection(1, 1000, .5, 300);
            Exporter.Exported exported = Exporter.write(
                    block,
                    example,
                    folder.resolve("a.onnx"),
                    settings.withOptions(OnnxOptions.DEFAULT.withSelection(rule)));
            int each = rule.withScoreThreshold(0)
                    .select(corners(images(1)), scores(images(1)), CLASSES)
                    .size();
            assertThat(each).isPositive();
            assertThat(exported.boxes().getAsInt() % each).isZero();
            assertThat(exported.boxes().getAsInt()).isGreaterThan(each);
            NDList nothing = new NDList(manager.zeros(new Shape(1, BOXES, 4 + CLASSES)));
            assertThat(Exporter.write(
                                    block,
                                    nothing,
                                    folder.resolve("a.onnx"),
                                    settings.withOptions(OnnxOptions.DEFAULT.withSelection(rule)))
                            .boxes())
                    .hasValue(0);
            assertThat(Exporter.write(block, example, folder.resolve("a.onnx"), settings)
                            .boxes())
                    .isEmpty();
        }
    }

    @Test
    void anotherSelectionIsTold() {
        BoxSelection rule = new BoxSelection(.1, 1000, .5, 300);
        try (NDManager manager = PyTorch.newManager()) {
            Given block = new Given();
            block.initialize(manager, DataType.FLOAT32, new Shape(1, BOXES, 4 + CLASSES));
            NDList example = new NDList(manager.create(images(1), new Shape(1, BOXES, 4 + CLASSES)));
            Exporter.Settings settings = Exporter.Settings.DEFAULT.withCheck(Exporter.Check.NONE);
            Path raw = folder.resolve("raw.onnx");
            Path file = folder.resolve("file.onnx");
            Exporter.write(block, example, raw, settings);
            Exporter.write(block, example, file, settings.withOptions(OnnxOptions.DEFAULT.withSelection(rule)));
            try (SelectionCheck check = SelectionCheck.of(raw, example, List.of(), false)) {
                assertThat(check.require(file, rule)).isPositive();
                // of fewer pairs than are to be above it, the least score lets all come
                assertThat(check.telling(rule).scoreThreshold()).isBetween(0., .01);
                BoxSelection all = rule.withScoreThreshold(0);
                assertThat(check.telling(all)).isEqualTo(all);
                assertThatThrownBy(() -> check.require(file, rule.withMost(5)))
                        .isInstanceOf(DataException.class)
                        .hasMessageContaining("boxes of image 0 of a batch, expected 5");
                assertThatThrownBy(() -> check.require(file, rule.withIouThreshold(.1)))
                        .isInstanceOf(DataException.class)
                        .hasMessageContaining("ONNX Runtime selects");
            }
        }
    }

    private static float[] corners(float[] values) {
        float[] boxes = new float[BOXES * 4];
        for (int i = 0; i < boxes.length; i++) {
            int at = i / 4 * (4 + CLASSES) + i % 4;
            boxes[i] = values[at] + (i % 4 < 2 ? 0 : values[at - 2]);
        }
        return boxes;
    }

    private static float[] scores(float[] values) {
        float[] scores = new float[BOXES * CLASSES];
        for (int i = 0; i < scores.length; i++) {
            scores[i] = values[i / CLASSES * (4 + CLASSES) + 4 + i % CLASSES];
        }
        return scores;
    }

    @Test
    void whatCannotBeSelectedFromIsRefused() {
        BoxSelection rule = new BoxSelection(.25, 1000, .5, 300);
        assertThatThrownBy(() -> OnnxOptions.DEFAULT.withSelection(rule).withSoftmax())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("got both");
        try (NDManager manager = PyTorch.newManager()) {
            Given block = new Given();
            block.initialize(manager, DataType.FLOAT32, new Shape(1, BOXES, 4 + CLASSES));
            NDList example = new NDList(manager.create(images(1), new Shape(1, BOXES, 4 + CLASSES)));
            Exporter.Settings settings = Exporter.Settings.DEFAULT.withOptions(
                    OnnxOptions.DEFAULT.withSelection(rule.withLevels(List.of(1, 2))));
            assertThatThrownBy(() -> Exporter.write(block, example, folder.resolve("a.onnx"), settings))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("expected a selection of 40 boxes, got one of the levels [1, 2]");
            assertThatThrownBy(() -> Exporter.write(block, example, folder.resolve("a.pt"), settings))
                    .hasMessageContaining("a selection of boxes");
            NDList narrow = new NDList(manager.create(new float[8], new Shape(1, 2, 4)));
            assertThatThrownBy(() -> Exporter.write(
                            block,
                            narrow,
                            folder.resolve("a.onnx"),
                            Exporter.Settings.DEFAULT.withOptions(OnnxOptions.DEFAULT.withSelection(rule))))
                    .isInstanceOf(Exception.class);
        }
        assertThat(folder.resolve("a.onnx")).doesNotExist();
    }
}
