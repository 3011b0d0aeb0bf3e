package example.regression;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import djinn.data.ImageFiles;
import djinn.data.Preprocessing;
import djinn.inference.ModelCard;
import djinn.inference.TensorModel;
import djinn.ops.DataException;
import djinn.ops.PyTorch;
import djinn.zoo.weights.Safetensors;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Tells the angle of a bar: {@code RegressionPredictor runs/bars/best.safetensors bar.png}. Needs the file alone. */
public final class RegressionPredictor implements AutoCloseable {

    private final Preprocessing preprocessing;
    private final AngleScale scale;
    private final TensorModel model;

    private RegressionPredictor(Preprocessing preprocessing, AngleScale scale, TensorModel model) {
        this.preprocessing = preprocessing;
        this.scale = scale;
        this.model = model;
    }

    /**
     * Opens weights that say what they are.
     *
     * @param weights the file {@code best.safetensors} of a run of this task
     * @return the predictor, to be closed
     * @throws DataException if the file is missing, damaged or of another task
     */
    public static RegressionPredictor open(Path weights) {
        Map<String, String> metadata;
        try (Safetensors file = Safetensors.open(weights)) {
            metadata = file.metadata();
        }
        String task = metadata.get(RegressionTask.KEY);
        ModelCard card = ModelCard.fromMetadata(metadata, weights)
                .filter(found -> RegressionExtension.TASK.equals(task))
                .orElseThrow(() -> new DataException(weights + ": expected weights of the task "
                        + RegressionExtension.TASK + ", got those of " + task + "; give a run's best.safetensors"));
        AngleScale scale = AngleScale.of(metadata, weights);
        return new RegressionPredictor(card.preprocessing(), scale, TensorModel.open(weights, Optional.empty()));
    }

    /**
     * Tells the angle on an image.
     *
     * @param image a file of any size and kind
     * @return degrees
     * @throws DataException if it cannot be read
     */
    public double predict(Path image) {
        int channels = preprocessing.channels();
        int height = preprocessing.height();
        int width = preprocessing.width();
        FloatBuffer values = FloatBuffer.allocate(channels * height * width);
        preprocessing.normalise(preprocessing.fit(ImageFiles.read(image, channels)), values);
        try (NDManager manager = PyTorch.newManager()) {
            NDArray input = manager.create(values.array(), new Shape(1, channels, height, width));
            return scale.degrees(model.forward(input).get(0).toFloatArray()[0]);
        }
    }

    @Override
    public void close() {
        model.close();
    }

    /**
     * Runs the example.
     *
     * @param args weights and an image
     */
    public static void main(String[] args) {
        try (RegressionPredictor predictor = open(Path.of(args[0]))) {
            System.out.printf(Locale.ROOT, "%.1f degrees%n", predictor.predict(Path.of(args[1])));
        }
    }
}
