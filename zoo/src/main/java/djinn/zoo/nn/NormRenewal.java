package djinn.zoo.nn;

import ai.djl.nn.Block;
import java.util.ArrayList;
import java.util.List;

/**
 * Gives batch norms the statistics of the data at hand, and scales and shifts with which the network computes what it
 * did before.
 *
 * <p>For weights whose batch norms were folded into the convolutions, as files made for inference have them: mean 0,
 * variance 1. Trained so, every layer would be normalised that was not, and what the weights know would be lost.
 * Between construction and {@link #renew()} the network is run on the data in evaluation mode.
 */
public final class NormRenewal {

    private final List<BatchNorm2d> norms = new ArrayList<>();

    /**
     * Begins to watch.
     *
     * @param network whose batch norms are renewed, initialised
     */
    public NormRenewal(Block network) {
        collect(network);
        norms.forEach(BatchNorm2d::watch);
    }

    private void collect(Block block) {
        if (block instanceof BatchNorm2d norm) {
            norms.add(norm);
        }
        block.getChildren().values().forEach(this::collect);
    }

    /**
     * Renews what was watched, and ends watching.
     *
     * @return how many batch norms there are
     * @throws IllegalStateException if the network was not run
     */
    public int renew() {
        norms.forEach(BatchNorm2d::renew);
        return norms.size();
    }
}
