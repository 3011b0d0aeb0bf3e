package djinn.training;

import djinn.metrics.Metrics;
import djinn.zoo.nn.NamedBlock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** What happens in a run, in the order {@link Trainer} documents. */
public sealed interface TrainingEvent {

    /**
     * How fast it goes.
     *
     * @param perSecond examples in a second
     * @param examples what they are called, in the plural
     */
    record Speed(double perSecond, String examples) {}

    /**
     * The run begins or goes on.
     *
     * @param epoch the epoch it begins with, from 0 on
     * @param step the steps done before
     * @param epochs the epochs in all, of which a limit of time may let fewer be done
     * @param batches those of an epoch that are trained on
     * @param heldOut those that are validated on
     * @param maxTime how long the run may take, if there is a limit
     * @param parameters the model's trainable values
     */
    record Started(
            int epoch, long step, int epochs, int batches, int heldOut, Optional<Duration> maxTime, long parameters)
            implements TrainingEvent {}

    /**
     * A batch was trained on.
     *
     * @param epoch from 0 on
     * @param epochs in all
     * @param batch the batches of the epoch done
     * @param batches of the epoch
     * @param figures the epoch's figures so far; whoever asks for them waits for the device
     * @param speed in this epoch
     * @param secondsLeft of the whole run, estimated
     */
    record BatchEnded(
            int epoch,
            int epochs,
            int batch,
            int batches,
            Supplier<Map<String, Double>> figures,
            Speed speed,
            double secondsLeft)
            implements TrainingEvent {}

    /**
     * What was lowered since the last look was read, as it is every few batches and before anything is saved.
     *
     * @param step the steps done
     * @param lr the learning rate of the last
     * @param losses of each batch, by the name of the turn, which is empty if there is one alone
     */
    record LossesRead(long step, double lr, Map<String, List<Double>> losses) implements TrainingEvent {}

    /**
     * An epoch's weights as they were validated, to be looked at while this is told; the epoch's end is told next.
     *
     * @param step the steps done
     * @param model all networks
     */
    record EpochWeights(long step, NamedBlock model) implements TrainingEvent {}

    /**
     * An epoch was trained, and validated where the recipe says so. The epoch in which the time was over ends earlier;
     * should the run go on, it ends once more.
     *
     * @param epoch from 0 on
     * @param epochs in all
     * @param step the steps done
     * @param lr the learning rate of its last step
     * @param train figures while training
     * @param validation figures on the held-out data; empty if the epoch was not validated
     * @param speed of the training part
     * @param seconds of both parts
     * @param best whether it is the best so far by the figure of the goal; never where none tells
     */
    record EpochEnded(
            int epoch,
            int epochs,
            long step,
            double lr,
            Map<String, Double> train,
            Map<String, Double> validation,
            Speed speed,
            double seconds,
            boolean best)
            implements TrainingEvent {}

    /**
     * Something worth a line.
     *
     * @param message one line
     */
    record Noted(String message) implements TrainingEvent {}

    /**
     * Something the user should know of.
     *
     * @param message one line
     */
    record Warned(String message) implements TrainingEvent {}

    /**
     * The run ended.
     *
     * @param ending why
     * @param bestEpoch the best epoch, from 0 on, or -1
     * @param step the steps done
     * @param validation the best weights' figures on the held-out data, measured anew; null if the run was interrupted
     */
    record Ended(Ending ending, int bestEpoch, long step, Metrics validation) implements TrainingEvent {}

    /** Why a run ended. */
    enum Ending {
        /** All epochs are done. */
        COMPLETED,
        /** The figure of the goal did not get better for too long. */
        STOPPED_EARLY,
        /** It took as long as it may, and can be resumed with more time. */
        TIME_OVER,
        /** It was asked to stop, and can be resumed. */
        INTERRUPTED
    }
}
