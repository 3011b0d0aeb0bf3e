package djinn.zoo.detection;

import ai.djl.ndarray.NDList;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;

/**
 * Layers that their parent runs, under the numbers that they have in a YOLO network's own description: layers without
 * state count there too, so that there are gaps.
 */
final class NumberedLayers extends NamedBlock {

    /** Adds a layer under its number; numbers rise. */
    <B extends NamedBlock> B at(int number, B layer) {
        return child(Integer.toString(number), layer);
    }

    @Override
    protected NDList forward(NDList inputs, Pass pass) {
        throw new UnsupportedOperationException("numbered layers are run by their parent, layer by layer");
    }
}
