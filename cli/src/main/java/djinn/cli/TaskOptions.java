package djinn.cli;

import djinn.inference.Answering;
import djinn.inference.ImagePredictor;
import djinn.inference.Predictor;
import java.nio.file.Path;
import java.util.Optional;

/** The options of 'djinn predict' that models of one task have alone. */
interface TaskOptions {

    /**
     * A model that is to be opened.
     *
     * @param answering how models of its task answer
     * @param weights the options of weights
     * @param named the run or file, where there is no option of weights
     * @param settings how
     * @param mirrored whether the mirror image is looked at too
     */
    record Asked(
            Answering answering,
            WeightsOptions weights,
            Optional<Path> named,
            Predictor.Settings settings,
            boolean mirrored) {

        /** The file: of the weights, or that was named. */
        Path file() {
            return named.orElseGet(weights::file);
        }
    }

    /** Whether they are of the models that answer so. */
    boolean areOf(Answering answering);

    /** Whether one is given. */
    boolean given();

    /** What they are expected with: {@code --tile with a segmenter}. */
    String place();

    /** Opens a model as they say. */
    ImagePredictor<?> open(Asked asked);
}
