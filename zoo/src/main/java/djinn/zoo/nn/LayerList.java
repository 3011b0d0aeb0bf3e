package djinn.zoo.nn;

import ai.djl.ndarray.NDList;
import java.util.Iterator;
import java.util.List;

/**
 * Layers named 0, 1, 2 ... that their parent runs, as {@code nn.ModuleList}: for layers of several inputs.
 *
 * @param <B> the layers' type
 */
public final class LayerList<B extends NamedBlock> extends NamedBlock implements Iterable<B> {

    private final List<B> layers;

    /**
     * A list of layers.
     *
     * @param layers the layers in order
     */
    public LayerList(List<? extends B> layers) {
        this.layers = List.copyOf(layers);
        for (int i = 0; i < this.layers.size(); i++) {
            child(Integer.toString(i), this.layers.get(i));
        }
    }

    /** Goes through the layers in order. */
    @Override
    public Iterator<B> iterator() {
        return layers.iterator();
    }

    @Override
    protected NDList forward(NDList inputs, Pass pass) {
        throw new UnsupportedOperationException("a list of layers is run by its parent, layer by layer");
    }
}
