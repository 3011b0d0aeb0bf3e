package djinn.predict.detection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import djinn.data.Preprocessing;
import djinn.inference.ImageCodec;
import djinn.inference.ModelCard;
import djinn.inference.Tensor;
import djinn.ops.Box;
import djinn.ops.BoxSelection;
import djinn.ops.DataException;
import djinn.ops.MaskClasses;
import djinn.ops.NotFiniteException;
import djinn.ops.PyTorch;
import djinn.ops.RunLengthMask;
import djinn.ops.Suppression;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What arrays of a detector mean in the pixels of the image that it was asked about. */
class DetectionReadingTest {

    private static final Preprocessing LETTERBOX =
            new Preprocessing(64, 64, 3, List.of(.4, .4, .4), List.of(.25, .25, .25), Preprocessing.Fit.LETTERBOX, 1);
    private static final DetectionCard CARD =
            new DetectionCard(new ModelCard("yolov5n", List.of("disc", "square"), LETTERBOX), Optional.empty());
    private static final DetectionCard MASKS = new DetectionCard(
            new ModelCard("mask_rcnn", List.of("disc", "square"), LETTERBOX),
            Optional.of("resnet18"),
            List.of(),
            Optional.empty(),
            MaskClasses.SOFTMAX,
            Optional.empty());

    private static List<Detections> read(double least, float[] boxes, float[] scores, int height, int width) {
        DetectionReading reading = new DetectionReading(CARD, new BoxSelection(least, 100, .5, 100), Set.of());
        try (NDManager manager = PyTorch.newManager()) {
            NDArray places = manager.create(boxes, new Shape(1, boxes.length / 4, 4));
            NDArray values = manager.create(scores, new Shape(1, scores.length / 2, 2));
            return reading.answers(
                    List.of(Tensor.of(places), Tensor.of(values)),
                    List.of(new ImageCodec.Asked("photo.png", height, width)),
                    "model.onnx");
        }
    }

    @Test
    void boxesComeBackToTheImagesOwnPixels() {
        // 128 columns by 64 rows became 64 by 32, with 16 rows filled up above and below
        List<Detections> answers =
                read(.25, new float[] {10, 26, 20, 36, -5, 10, 70, 60}, new float[] {.1f, .9f, .6f, .2f}, 64, 128);
        assertThat(answers).hasSize(1);
        List<DetectedObject> objects = answers.get(0).objects();
        assertThat(objects).extracting(DetectedObject::label).containsExactly("square", "disc");
        assertThat(objects)
                .extracting(DetectedObject::box)
                .containsExactly(new Box(20, 20, 20, 20), new Box(0, 0, 128, 64));
        assertThat(answers.get(0).line()).isEqualTo("1 square (90.00%)  1 disc (60.00%)");
        assertThat(new Detections(List.of(), 64, 128).line()).isEqualTo("nothing");
    }

    @Test
    void answersThatAreNoneAreRefused() {
        assertThatThrownBy(() -> read(.2, new float[] {Float.NaN, 0, 1, 1}, new float[] {.5f, .5f}, 64, 64))
                .isInstanceOf(NotFiniteException.class)
                .hasMessageContaining("photo.png");
        assertThatThrownBy(() -> read(.2, new float[] {0, 0, 1, 1, 0, 0, 1, 1}, new float[] {.5f, .5f}, 64, 64))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("model.onnx: answers (1, 2, 4) and (1, 1, 2)");
    }

    /** Two squares that overlap by 0.9: of variances 1 and 4 of the left side, and the nearness 1 and exp(-0.01 / 0.02). */
    @Test
    void aPredictionIsMovedByTheNetworksVariances() {
        Preprocessing shape =
                new Preprocessing(64, 64, 3, List.of(.4, .4, .4), List.of(.25, .25, .25), Preprocessing.Fit.STRETCH, 1);
        DetectionCard card = new DetectionCard(new ModelCard("softer_rcnn", List.of("disc"), shape), Optional.empty());
        BoxSelection rule = new BoxSelection(.1, 100, .5, 100).withSuppression(new Suppression.BoxVoting(.02));
        DetectionReading reading = new DetectionReading(card, rule, Set.of());
        try (NDManager manager = PyTorch.newManager()) {
            NDArray boxes = manager.create(new float[] {10, 10, 30, 30, 12, 10, 30, 30}, new Shape(1, 2, 1, 4));
            NDArray scores = manager.create(new float[] {.9f, .8f}, new Shape(1, 2, 1));
            NDArray variances = manager.create(new float[] {1, 1, 1, 1, 4, 1, 1, 1}, new Shape(1, 2, 1, 4));
            Detections found = reading.answers(
                            new NDList(boxes, scores, variances)
                                    .stream().map(Tensor::of).toList(),
                            List.of(new ImageCodec.Asked("photo.png", 64, 64)),
                            "a model")
                    .get(0);
            assertThat(found.objects()).hasSize(1);
            double p = Math.exp(-.01 / .02) / 4;
            assertThat(found.objects().get(0).box().x()).isCloseTo((10 + 12 * p) / (1 + p), within(1e-4));
        }
    }

    /** An image of 32x64 in the middle rows of 64x64: a box from row 20 to 44 is at rows 4 to 28 of the image. */
    @Test
    void masksComeBackToTheImageWhereTheirBoxesDo() {
        DetectionReading reading = new DetectionReading(MASKS, new BoxSelection(.1, 100, .5, 100), Set.of());
        float[] shares = new float[2 * 784];
        for (int i = 0; i < 784; i++) {
            shares[i] = i % 28 < 14 ? 1 : 0;
        }
        Arrays.fill(shares, 784, 2 * 784, .9f);
        try (NDManager manager = PyTorch.newManager()) {
            NDList answers = new NDList(
                    manager.create(new float[] {10, 20, 40, 44, -8, 0, 20, 30}, new Shape(1, 2, 4)),
                    manager.create(new float[] {.8f, .6f}, new Shape(1, 2)),
                    manager.create(new long[] {1, 0}, new Shape(1, 2)),
                    manager.create(new long[] {2}),
                    manager.create(shares, new Shape(1, 2, 28, 28)));
            Detections found = reading.answers(
                            answers.stream().map(Tensor::of).toList(),
                            List.of(new ImageCodec.Asked("photo.png", 32, 64)),
                            "a model")
                    .get(0);
            RunLengthMask left = found.objects().get(0).mask().orElseThrow();
            assertThat(List.of(left.height(), left.width())).containsExactly(32, 64);
            assertThat(left.box().x()).isCloseTo(10, within(1.));
            assertThat(left.box().y()).isCloseTo(4, within(1.));
            assertThat(left.box().width()).isCloseTo(15, within(1.5));
            assertThat(left.box().height()).isCloseTo(24, within(1.5));
            // of the other what lies beyond the image is cut off
            RunLengthMask corner = found.objects().get(1).mask().orElseThrow();
            assertThat(List.of(corner.box().x(), corner.box().y())).containsExactly(0., 0.);
            assertThat(corner.box().width()).isCloseTo(20, within(1.5));
            assertThat(corner.box().height()).isCloseTo(14, within(1.5));
            answers.set(4, manager.zeros(new Shape(1, 2, 28, 14)));
            List<Tensor> wrong = answers.stream().map(Tensor::of).toList();
            List<ImageCodec.Asked> asked = List.of(new ImageCodec.Asked("photo.png", 32, 64));
            assertThatThrownBy(() -> reading.answers(wrong, asked, "a model")).isInstanceOf(DataException.class);
        }
    }

    /** A region whose box as a disc is elsewhere than its box as a square. */
    @Test
    void eachClassHasItsOwnBox() {
        Preprocessing shape =
                new Preprocessing(64, 64, 3, List.of(.4, .4, .4), List.of(.25, .25, .25), Preprocessing.Fit.STRETCH, 1);
        DetectionCard card =
                new DetectionCard(new ModelCard("faster_rcnn", List.of("disc", "square"), shape), Optional.empty());
        DetectionReading reading = new DetectionReading(card, new BoxSelection(.1, 100, .5, 100), Set.of());
        try (NDManager manager = PyTorch.newManager()) {
            NDArray boxes = manager.create(new float[] {0, 0, 10, 10, 20, 20, 40, 40}, new Shape(1, 1, 2, 4));
            NDArray scores = manager.create(new float[] {.3f, .6f}, new Shape(1, 1, 2));
            Detections found = reading.answers(
                            new NDList(boxes, scores).stream().map(Tensor::of).toList(),
                            List.of(new ImageCodec.Asked("photo.png", 64, 64)),
                            "a model")
                    .get(0);
            assertThat(found.objects()).extracting(DetectedObject::label).containsExactly("square", "disc");
            assertThat(found.objects())
                    .extracting(object -> object.box().width())
                    .containsExactly(20., 10.);
        }
    }
}
