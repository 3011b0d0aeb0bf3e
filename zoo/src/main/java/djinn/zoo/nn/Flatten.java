package djinn.zoo.nn;

import ai.djl.ndarray.NDArray;

/** (N, ...) to (N, D). No state. */
public final class Flatten extends ArrayBlock {

    @Override
    public NDArray forward(NDArray x, Pass pass) {
        long batch = x.getShape().get(0);
        return x.reshape(batch, x.getShape().size() / batch);
    }
}
