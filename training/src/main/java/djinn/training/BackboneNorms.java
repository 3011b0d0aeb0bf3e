package djinn.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.ParameterStore;
import djinn.data.Batch;
import djinn.data.Batches;
import djinn.data.Feed;
import djinn.ops.Autograd;
import djinn.ops.PyTorch;
import djinn.zoo.Trunk;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.NormRenewal;
import java.util.function.BiFunction;

/** The batch norms of a classifier that a model is built on. */
public final class BackboneNorms {

    private BackboneNorms() {}

    /**
     * Gives them the statistics of images; the classifier computes what it did. See {@link NormRenewal}.
     *
     * @param model the initialised model
     * @param data the images, once
     * @param images makes the model's input of a batch: (N, C, H, W)
     * @param <B> what a batch is
     * @return a line about what was done
     * @throws IllegalArgumentException if the model is built on no classifier of the table
     */
    public static <B extends Batch> String renew(
            NamedBlock model, Feed<B> data, BiFunction<B, NDManager, NDArray> images) {
        Trunk trunk = Trunk.of(model)
                .orElseThrow(() -> new IllegalArgumentException(
                        "model.renew_norms: expected a model that is built on a classifier as its backbone"));
        NormRenewal renewal = new NormRenewal(trunk);
        try (Autograd.Scope off = Autograd.withoutGradients();
                Batches<B> batches = data.batches(0, 0)) {
            while (batches.hasNext()) {
                try (NDManager owner = PyTorch.newManager();
                        B batch = batches.next()) {
                    if (batch.size() > 0) {
                        trunk.forward(new ParameterStore(owner, false), new NDList(images.apply(batch, owner)), false);
                    }
                }
            }
        }
        return renewal.renew() + " batch norms renewed from the training images";
    }
}
