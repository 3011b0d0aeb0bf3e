package djinn.zoo.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import djinn.ops.TorchScript;

/**
 * The maxima of grids of several finenesses, side by side (He et al. 2014): (N, C, H, W) to (N, D) with D the sum of C
 * n n over the levels n, whatever H and W are. No state.
 */
public final class SpatialPyramidPool extends ArrayBlock {

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
        def pool(x: Tensor, size: List[int]) -> Tensor:
          y, indices = torch.adaptive_max_pool2d(x, size)
          return torch.flatten(y, 1)
        """);

    private final int[] levels;

    /**
     * A spatial pyramid pooling.
     *
     * @param levels the edges of the grids, in the order of the output; 4, 2, 1 in the paper's figure 3
     * @throws IllegalArgumentException if there is no level or one below 1
     */
    public SpatialPyramidPool(int... levels) {
        if (levels.length == 0) {
            throw new IllegalArgumentException("expected at least one level, got none");
        }
        for (int level : levels) {
            if (level < 1) {
                throw new IllegalArgumentException("expected levels of at least 1, got " + level);
            }
        }
        this.levels = levels.clone();
    }

    @Override
    public NDArray forward(NDArray x, Pass pass) {
        NDList grids = new NDList();
        for (int level : levels) {
            grids.add(SCRIPT.call("pool", x, new long[] {level, level})); // (N, C level level)
        }
        return NDArrays.concat(grids, 1);
    }
}
