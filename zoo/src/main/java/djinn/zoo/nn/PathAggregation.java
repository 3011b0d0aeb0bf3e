package djinn.zoo.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * A path back up a pyramid: what fine maps know is added to the coarse ones, step by step from the bottom, behind {@link
 * FeaturePyramid}, which goes the other way (Liu et al. 2018, PANet, section 3.1).
 *
 * <p>Maps (N, C, H, W) of one width, the finest first, each half the one before with odd extents rounded up, become as many
 * of their shapes: the finest stays, every other is what a 3x3 convolution of stride 2 makes of the result before it, added
 * and followed by a 3x3 convolution; a ReLU follows each.
 *
 * <p>State: {@code down.0}, {@code down.1} ... of stride 2 and {@code out.0} ... behind the sums.
 */
public final class PathAggregation extends NamedBlock {

    private final int levels;
    private final LayerList<Conv2d> down;
    private final LayerList<Conv2d> out;

    /**
     * A path.
     *
     * @param width C of the maps
     * @param levels how many maps, at least 2
     * @throws IllegalArgumentException if there are fewer
     */
    public PathAggregation(int width, int levels) {
        if (levels < 2) {
            throw new IllegalArgumentException("expected at least two maps, got " + levels);
        }
        this.levels = levels;
        List<Conv2d> downs = new ArrayList<>();
        List<Conv2d> outs = new ArrayList<>();
        for (int level = 1; level < levels; level++) {
            downs.add(new Conv2d(width, width, Window.of(3).stride(2).padding(1)));
            outs.add(new Conv2d(width, width, Window.of(3).padding(1)));
        }
        down = child("down", new LayerList<>(downs));
        out = child("out", new LayerList<>(outs));
    }

    @Override
    public NDList forward(NDList maps, Pass pass) {
        if (maps.size() != levels) {
            throw new IllegalArgumentException("expected " + levels + " maps, the finest first, got " + maps.size());
        }
        NDArray finer = maps.get(0);
        NDList outputs = new NDList(finer);
        Iterator<Conv2d> outs = out.iterator();
        for (Conv2d halving : down) {
            NDArray lateral = maps.get(outputs.size());
            NDArray sum = lateral.add(Nonlinearity.RELU.apply(halving.forward(finer, pass))); // (N, C, H/2, W/2)
            finer = Nonlinearity.RELU.apply(outs.next().forward(sum, pass)); // (N, C, H/2, W/2)
            outputs.add(finer);
        }
        return outputs;
    }
}
