package djinn.tasks.autoencoder;

import ai.djl.ndarray.NDList;
import djinn.data.ImageBatch;
import djinn.metrics.Derived;
import djinn.metrics.Mean;
import djinn.metrics.Metric;
import djinn.metrics.Unread;
import djinn.training.Figures;
import djinn.training.Outcome;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What is told of an autoencoder, each the mean over images: {@code loss}, what is lowered, and {@code mse}, the squared
 * error of a pixel's brightness from 0 to 1; of a variational one {@code elbo}, the evidence lower bound, and what it is made
 * of, {@code reconstruction} (the negative log likelihood) and {@code kl} (the divergence from the standard normal
 * distribution, whatever beta), all in nats per image.
 *
 * <p>Values stay on the device until a figure is asked for, or some batches have come together.
 */
public final class AutoencoderFigures implements Figures<ImageBatch> {

    /** The figure of the goal. */
    static final String LOSS = "loss";

    static final String ELBO = "elbo";
    static final String RECONSTRUCTION = "reconstruction";
    static final String KL = "kl";
    static final String MSE = "mse";

    /** Values left on the device at most. */
    private static final int MOST_UNREAD = 64;

    private final boolean variational;
    private final Mean loss = new Mean();
    private final Mean reconstruction = new Mean();
    private final Mean kl = new Mean();
    private final Mean mse = new Mean();
    private final Unread unread = new Unread(MOST_UNREAD);

    /**
     * Figures of nothing yet.
     *
     * @param variational whether there are distributions of vectors
     */
    public AutoencoderFigures(boolean variational) {
        this.variational = variational;
    }

    /** Takes in the sum of the terms, the term {@code reconstruction}, and as answers the squared error and the divergence. */
    @Override
    public void add(ImageBatch batch, Outcome outcome) {
        int images = batch.size();
        NDList values = new NDList(outcome.total(), outcome.terms().get(RECONSTRUCTION));
        values.addAll(outcome.answers());
        unread.add(values, read -> {
            loss.add(read.get(0).getFloat(), images);
            reconstruction.add(read.get(1).getFloat(), images);
            mse.add(read.get(2).getFloat(), images);
            if (variational) {
                kl.add(read.get(3).getFloat(), images);
            }
        });
    }

    @Override
    public Map<String, Metric> byName() {
        unread.read();
        Map<String, Metric> all = new LinkedHashMap<>();
        all.put(LOSS, loss);
        if (variational) {
            all.put(ELBO, new Derived(() -> -reconstruction.value() - kl.value()));
            all.put(RECONSTRUCTION, reconstruction);
            all.put(KL, kl);
        }
        all.put(MSE, mse);
        return all;
    }

    @Override
    public List<String> figures() {
        return variational ? List.of(LOSS, ELBO, RECONSTRUCTION, KL, MSE) : List.of(LOSS, MSE);
    }

    @Override
    public void close() {
        unread.close();
    }
}
