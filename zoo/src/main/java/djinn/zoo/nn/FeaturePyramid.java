package djinn.zoo.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.pooling.Pool;
import djinn.ops.Resize;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A feature pyramid: what coarse maps know is added to the fine ones, step by step from the top (Lin et al. 2017, figure
 * 3).
 *
 * <p>Maps (N, C, H, W), the finest first, each half the one before, become as many of (N, out, H, W), and the extra ones
 * on top. Names are those of torchvision's {@code FeaturePyramidNetwork}.
 */
public final class FeaturePyramid extends NamedBlock {

    /** What is put on top. */
    public enum Extra {
        /** Nothing. */
        NONE,
        /** Every second position of the coarsest map, as Faster R-CNN has it. */
        POOL,
        /** Two further maps by convolutions of stride 2 (Lin et al. 2017, "Focal loss", section 4). */
        P6P7
    }

    private final List<Sequential> inner = new ArrayList<>();
    private final List<Sequential> outer = new ArrayList<>();
    private final Extra extra;
    private final Conv2d p6;
    private final Conv2d p7;

    /**
     * A pyramid.
     *
     * @param in C of the maps, the finest first
     * @param out C of what becomes of them
     * @param extra what is put on top
     */
    public FeaturePyramid(List<Integer> in, int out, Extra extra) {
        this.extra = extra;
        in.forEach(channels -> {
            inner.add(Sequential.of(convolution(channels, out, Window.of(1))));
            outer.add(Sequential.of(convolution(out, out, Window.of(3).padding(1))));
        });
        child("inner_blocks", new LayerList<>(inner));
        child("layer_blocks", new LayerList<>(outer));
        p6 = convolution(out, out, Window.of(3).stride(2).padding(1));
        p7 = convolution(out, out, Window.of(3).stride(2).padding(1));
        if (extra == Extra.P6P7) {
            Map<String, ArrayBlock> convolutions = new LinkedHashMap<>();
            convolutions.put("p6", p6);
            convolutions.put("p7", p7);
            child("extra_blocks", new Sequential(convolutions));
        }
    }

    private static Conv2d convolution(int in, int out, Window window) {
        return new Conv2d(
                in,
                out,
                window,
                1,
                true,
                new Initialization.HeUniform(Initialization.Fan.FAN_IN, Initialization.Gain.LEAKY_RELU, 1));
    }

    @Override
    public NDList forward(NDList maps, Pass pass) {
        NDList outputs = new NDList();
        NDArray top = null;
        for (int i = maps.size() - 1; i >= 0; i--) {
            NDArray lateral = inner.get(i).forward(maps.get(i), pass); // (N, out, H, W)
            Shape shape = lateral.getShape();
            top = top == null ? lateral : lateral.add(Resize.nearest(top, shape.get(2), shape.get(3)));
            outputs.add(0, outer.get(i).forward(top, pass)); // (N, out, H, W)
        }
        NDArray coarsest = outputs.get(outputs.size() - 1);
        switch (extra) {
            case NONE -> {}
            case POOL ->
                outputs.add(Pool.maxPool2d(
                        coarsest, new Shape(1, 1), new Shape(2, 2), new Shape(0, 0), false)); // (N, out, H/2, W/2)
            case P6P7 -> {
                NDArray sixth = p6.forward(coarsest, pass); // (N, out, H/2, W/2)
                outputs.add(sixth);
                outputs.add(p7.forward(Activation.relu(sixth), pass)); // (N, out, H/4, W/4)
            }
        }
        return outputs;
    }
}
