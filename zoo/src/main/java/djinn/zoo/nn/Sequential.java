package djinn.zoo.nn;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Layers one after another, named 0, 1, 2 ... as {@code nn.Sequential} does, or by names of their own. */
public final class Sequential extends ArrayBlock {

    private final List<ArrayBlock> layers;

    /**
     * Named layers.
     *
     * @param layers the layers in order
     */
    public Sequential(Map<String, ? extends ArrayBlock> layers) {
        this.layers = List.copyOf(new ArrayList<>(layers.values()));
        layers.forEach(this::child);
    }

    /** Layers named by their positions. */
    public static Sequential of(ArrayBlock... layers) {
        return of(List.of(layers));
    }

    /** Layers named by their positions. */
    public static Sequential of(List<? extends ArrayBlock> layers) {
        Map<String, ArrayBlock> named = new LinkedHashMap<>();
        layers.forEach(layer -> named.put(Integer.toString(named.size()), layer));
        return new Sequential(named);
    }

    /**
     * A convolution without bias, batch norm and a function, named 0, 1, 2: torchvision's {@code
     * Conv2dNormActivation} and most papers' basic unit.
     *
     * @param in C of the input
     * @param out C of the output
     * @param window the kernel and how it moves
     * @param groups the number of channel groups
     * @param function what follows; {@link Nonlinearity#IDENTITY} for nothing at all
     * @return the three, or two, layers
     */
    public static Sequential convNorm(int in, int out, Window window, int groups, Nonlinearity function) {
        return convNorm(new Conv2d(in, out, window, groups, false), new BatchNorm2d(out), function);
    }

    /**
     * The same unit from a convolution and a batch norm that start or count in their own way.
     *
     * @param conv the convolution
     * @param norm the batch norm of its output
     * @param function what follows; {@link Nonlinearity#IDENTITY} for nothing at all
     * @return the three, or two, layers
     */
    public static Sequential convNorm(Conv2d conv, BatchNorm2d norm, Nonlinearity function) {
        return function == Nonlinearity.IDENTITY ? of(conv, norm) : of(conv, norm, function.layer());
    }

    /** Returns the layers in order. */
    public List<ArrayBlock> layers() {
        return Collections.unmodifiableList(layers);
    }

    @Override
    public NDArray forward(NDArray x, Pass pass) {
        return forward(x, pass, 0, layers.size());
    }

    /**
     * Runs some of the layers.
     *
     * @param x the input of the first of them
     * @param pass the pass
     * @param from the first layer's position
     * @param to the position behind the last
     * @return the output of the last of them
     */
    public NDArray forward(NDArray x, Pass pass, int from, int to) {
        NDArray y = x;
        for (ArrayBlock layer : layers.subList(from, to)) {
            y = layer.forward(y, pass);
        }
        return y;
    }
}
