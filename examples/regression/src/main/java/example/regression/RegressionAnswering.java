package example.regression;

import djinn.inference.Answering;
import djinn.inference.Card;
import djinn.inference.ImageCodec;
import djinn.inference.ImagePredictor;
import djinn.inference.ModelFile;
import djinn.inference.Predictor;
import djinn.inference.Tensor;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/** How trained models tell angles: to {@code djinn predict}, and from code. */
public final class RegressionAnswering implements Answering {

    /**
     * Opens a model that tells angles.
     *
     * @param model the folder of a run, or a safetensors, ONNX or TorchScript file of it
     * @return the predictor, to be closed
     * @throws djinn.ops.DataException if the file is missing, damaged or of another task
     */
    public static ImagePredictor<Angle> open(Path model) {
        return open(ModelFile.of(model, Optional.empty()), Predictor.Settings.USUAL);
    }

    private static ImagePredictor<Angle> open(ModelFile file, Predictor.Settings settings) {
        RegressionCard card = RegressionCard.of(file.metadata(), file.file());
        return new ImagePredictor<>(
                Predictor.open(
                        file,
                        card,
                        traits -> new ImageCodec<>(
                                card.model().preprocessing(),
                                traits.takesPixels(),
                                (outputs, asked) -> angles(outputs.get(0), card.scale(), asked.size())),
                        settings,
                        "predictor"),
                card.model().preprocessing());
    }

    private static List<Angle> angles(Tensor answers, AngleScale scale, int count) {
        FloatBuffer values = answers.floats();
        return IntStream.range(0, count)
                .mapToObj(n -> new Angle(scale.degrees(values.get(n))))
                .toList();
    }

    @Override
    public Card card(Map<String, String> metadata, Path file) {
        return RegressionCard.of(metadata, file);
    }

    @Override
    public Optional<ImagePredictor<?>> images(ModelFile file, Predictor.Settings settings) {
        return Optional.of(open(file, settings));
    }

    @Override
    public List<String> columns() {
        return List.of("degrees");
    }
}
