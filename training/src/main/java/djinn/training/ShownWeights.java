package djinn.training;

import djinn.zoo.nn.NamedBlock;
import java.util.Optional;

/**
 * Which weights are validated: those that are trained, or their average.
 *
 * @param model the trained
 * @param average if there is one
 * @param plain what the names of the trained begin with in a checkpoint
 */
record ShownWeights(NamedBlock model, Optional<WeightAverage> average, String plain) {

    /**
     * Returns what is validated.
     *
     * @param epoch the epoch that was trained last, from 0 on
     * @param isWhole whether to its end; if not, it is not yet in an average of epochs
     */
    NamedBlock after(int epoch, boolean isWhole) {
        return standing(epoch, isWhole).map(WeightAverage::model).orElse(model);
    }

    /** Returns what a run's newest weights are validated as. */
    NamedBlock newest(Progress progress) {
        return progress.batch() > 0 ? after(progress.epoch(), false) : after(progress.epoch() - 1, true);
    }

    /** Returns what its names begin with in a checkpoint. */
    String prefix(int epoch, boolean isWhole) {
        return standing(epoch, isWhole).map(WeightAverage::prefix).orElse(plain);
    }

    private Optional<WeightAverage> standing(int epoch, boolean isWhole) {
        return average.filter(weights -> weights.stands(isWhole ? epoch : epoch - 1));
    }
}
