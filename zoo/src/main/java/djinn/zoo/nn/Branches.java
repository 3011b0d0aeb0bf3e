package djinn.zoo.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import java.util.List;

/**
 * Blocks that take the same input and whose outputs are joined along the channels: (N, C, H, W) to (N, sum of their
 * channels, H', W').
 *
 * <p>State: {@code branch0}, {@code branch1} ..., or counted from another number.
 */
public final class Branches extends ArrayBlock {

    private final List<ArrayBlock> branches;

    private Branches(int first, List<ArrayBlock> branches) {
        this.branches = branches;
        for (int i = 0; i < branches.size(); i++) {
            child("branch" + (first + i), branches.get(i));
        }
    }

    /** Branches counted from 0. */
    public static Branches of(ArrayBlock... branches) {
        return from(0, branches);
    }

    /**
     * Branches counted from another number.
     *
     * @param first the number of the first
     * @param branches at least one
     * @return the block
     */
    public static Branches from(int first, ArrayBlock... branches) {
        return new Branches(first, List.of(branches));
    }

    @Override
    public NDArray forward(NDArray x, Pass pass) {
        NDList outputs = new NDList(branches.size());
        for (ArrayBlock branch : branches) {
            outputs.add(branch.forward(x, pass));
        }
        return NDArrays.concat(outputs, 1);
    }
}
