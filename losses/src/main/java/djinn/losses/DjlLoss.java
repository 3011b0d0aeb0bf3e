package djinn.losses;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.training.loss.Loss;

/** Lets DJL's own trainer use a {@link LossFunction}: DJL hands labels first and accumulates by name. */
public final class DjlLoss extends Loss {

    private final LossFunction loss;

    /**
     * Adapts a loss.
     *
     * @param name the name DJL's metrics show
     * @param loss the loss, reduced to a scalar
     */
    public DjlLoss(String name, LossFunction loss) {
        super(name);
        this.loss = loss;
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalArgumentException if there is other than one label and one prediction
     */
    @Override
    public NDArray evaluate(NDList labels, NDList predictions) {
        if (labels.size() != 1 || predictions.size() != 1) {
            throw new IllegalArgumentException("expected one array of labels and one of predictions, got "
                    + labels.size() + " and " + predictions.size());
        }
        return loss.apply(predictions.singletonOrThrow(), labels.singletonOrThrow());
    }
}
