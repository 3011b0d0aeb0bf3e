package djinn.zoo.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;

/**
 * Adds a learned vector for each position to a sequence (Gehring et al. 2017): (N, L, d), the shape stays.
 *
 * <p>State: {@code weight} (longest, d). Starts normal with deviation 0.02, as BERT's.
 */
public final class LearnedPositions extends ArrayBlock {

    private final int longest;
    private final Parameter weight;

    /**
     * Learned positions.
     *
     * @param longest the greatest L
     * @param width d
     */
    public LearnedPositions(int longest, int width) {
        this.longest = longest;
        weight = parameter("weight", Parameter.Type.WEIGHT, Initializers.normal(.02f), longest, width);
    }

    /**
     * Computes the block's output.
     *
     * @throws IllegalArgumentException if the sequence is longer than there are positions
     */
    @Override
    public NDArray forward(NDArray x, Pass pass) {
        Shape shape = x.getShape();
        if (shape.dimension() != 3 || shape.get(1) > longest) {
            throw new IllegalArgumentException(
                    "expected a sequence (N, L, d) with L of at most " + longest + ", got " + shape);
        }
        return x.add(Pass.freedWith(pass.value(weight, x).get(new NDIndex("0:" + shape.get(1))), x));
    }
}
