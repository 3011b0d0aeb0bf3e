package djinn.predict.detection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import djinn.data.Preprocessing;
import djinn.inference.ImageCodec;
import djinn.inference.ModelCard;
import djinn.inference.Tensor;
import djinn.ops.BoxSelection;
import djinn.ops.DataException;
import djinn.ops.NotFiniteException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a file answers that selects boxes itself is not believed blindly. */
class SelectedReadingTest {

    private static final DetectionCard CARD = new DetectionCard(
            new ModelCard(
                    "yolov5n",
                    List.of("cat", "dog"),
                    new Preprocessing(
                            64, 64, 3, List.of(0.0, 0.0, 0.0), List.of(1.0, 1.0, 1.0), Preprocessing.Fit.STRETCH, 1)),
            Optional.empty());
    private static final DetectionReading READING =
            new DetectionReading(CARD, new BoxSelection(.25, 100, .45, 100, true), Set.of());

    private static Tensor floats(Shape shape, float... values) {
        ByteBuffer bytes = ByteBuffer.allocateDirect(4 * values.length).order(ByteOrder.nativeOrder());
        bytes.asFloatBuffer().put(values);
        return new Tensor(bytes, shape, DataType.FLOAT32);
    }

    private static Tensor longs(Shape shape, long... values) {
        ByteBuffer bytes = ByteBuffer.allocateDirect(8 * values.length).order(ByteOrder.nativeOrder());
        bytes.asLongBuffer().put(values);
        return new Tensor(bytes, shape, DataType.INT64);
    }

    /** Room for two objects in an image. */
    private static List<Detections> read(float edge, long label, long count) {
        return READING.answers(
                List.of(
                        floats(new Shape(1, 2, 4), 0, 0, 32, edge, 0, 0, 0, 0),
                        floats(new Shape(1, 2), .5f, 0),
                        longs(new Shape(1, 2), label, 0),
                        longs(new Shape(1), count)),
                List.of(new ImageCodec.Asked("photo.jpg", 128, 64)),
                "model.onnx");
    }

    @Test
    void whatFitsIsTold() {
        DetectedObject object = read(16, 1, 1).get(0).objects().get(0);
        assertThat(object.label()).isEqualTo("dog");
        // rows are stretched to twice as many
        assertThat(object.box().height()).isEqualTo(32);
        assertThat(read(16, 1, 0).get(0).objects()).isEmpty();
    }

    @Test
    void countsAndClassesThatCannotBeAreRefused() {
        assertThatThrownBy(() -> read(16, 1, 3))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("model.onnx: answers 3 objects in photo.jpg, expected 0 to 2");
        assertThatThrownBy(() -> read(16, 1, -1)).hasMessageContaining("answers -1 objects");
        assertThatThrownBy(() -> read(16, 2, 1))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("answers an object of class 2 in photo.jpg, expected 0 to 1");
        assertThatThrownBy(() -> read(Float.NaN, 1, 1)).isInstanceOf(NotFiniteException.class);
    }
}
