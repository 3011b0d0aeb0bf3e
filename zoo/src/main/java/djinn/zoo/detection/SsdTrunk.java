package djinn.zoo.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;
import java.util.List;
import java.util.OptionalInt;

/** What SSD's heads look at: maps that become coarser and coarser. */
abstract class SsdTrunk extends NamedBlock {

    /** C of the maps. */
    abstract List<Integer> widths();

    /** The maps' positions for images of a size. */
    abstract List<Grid> grids(int height, int width);

    /** What heights and widths of images are multiples of. */
    abstract int multiple();

    /** The one height and width it takes; empty if it takes all multiples. */
    OptionalInt onlySize() {
        return OptionalInt.empty();
    }

    /** (N, 3, H, W) to the maps, the finest first. */
    abstract NDList forward(NDArray images, Pass pass);

    @Override
    protected final NDList forward(NDList inputs, Pass pass) {
        return forward(inputs.get(0), pass);
    }
}
