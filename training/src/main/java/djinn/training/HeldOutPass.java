package djinn.training;

import ai.djl.ndarray.NDManager;
import ai.djl.training.ParameterStore;
import djinn.data.Batch;
import djinn.data.Batches;
import djinn.data.Feed;
import djinn.ops.Autograd;
import djinn.ops.PyTorch;
import djinn.ops.Randomness;
import djinn.zoo.nn.Pass;

/** One pass over held-out data, without gradients. */
public final class HeldOutPass {

    private static final long VALIDATION = -3;

    private HeldOutPass() {}

    /**
     * Looks at batches.
     *
     * @param <B> what a batch is
     */
    public interface Visitor<B extends Batch> {

        /**
         * Looks at a batch.
         *
         * @param batch of at least one example; closed after the call
         * @param owner of the arrays that are made of it; closed after the call
         * @param pass in which nothing is learnt
         */
        void visit(B batch, NDManager owner, Pass pass);
    }

    /**
     * Goes through data, but for batches all of whose examples were skipped. The engine's generator is seeded from a batch's
     * place alone before each: where a task draws at random, it draws the same in every pass.
     *
     * @param data the examples
     * @param visitor shown each batch
     * @param <B> what a batch is
     * @throws djinn.ops.DataException if an example cannot be read and is not to be skipped
     */
    public static <B extends Batch> void over(Feed<B> data, Visitor<B> visitor) {
        try (NDManager manager = PyTorch.newManager();
                Autograd.Scope off = Autograd.withoutGradients();
                Batches<B> batches = data.batches(0, 0)) {
            Pass pass = new Pass(new ParameterStore(manager, false), false);
            for (int index = 0; batches.hasNext(); index++) {
                Randomness.seed(Randomness.mix(VALIDATION, index));
                try (B batch = batches.next();
                        NDManager step = manager.newSubManager()) {
                    if (batch.size() > 0) {
                        visitor.visit(batch, step, pass);
                    }
                }
            }
        }
    }
}
