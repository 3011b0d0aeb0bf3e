package djinn.zoo.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.util.ArrayList;
import java.util.List;

/** A classifier whose feature maps others build on: detectors, segmenters. */
public abstract class Backbone extends ArrayBlock implements Headed {

    /**
     * A feature map.
     *
     * @param channels its C
     * @param stride the input pixels from one of its positions to the next
     */
    public record FeatureMap(int channels, int stride) {}

    /** Describes what {@link #forwardFeatures} returns, the finest first. */
    public abstract List<FeatureMap> featureMaps();

    /**
     * Computes the feature maps.
     *
     * @param x (N, C, H, W)
     * @param pass the pass
     * @return (N, channels, H / stride, W / stride) each, the finest first; the last one is what the head takes
     */
    public abstract NDList forwardFeatures(NDArray x, Pass pass);

    /**
     * Computes the logits.
     *
     * @param features the last feature map
     * @param pass the pass
     * @return (N, K)
     */
    public abstract NDArray forwardHead(NDArray features, Pass pass);

    /**
     * Returns the names of the children that feature maps do without: those of the head, and auxiliary heads.
     *
     * @return names of children of this block
     */
    public List<String> headChildren() {
        List<String> names = new ArrayList<>(List.of(head().split("\\.", -1)[0]));
        if (this instanceof AuxiliaryHeads trained) {
            names.addAll(trained.auxiliaryNames());
        }
        return names;
    }

    @Override
    public NDArray forward(NDArray x, Pass pass) {
        NDList features = forwardFeatures(x, pass);
        return forwardHead(features.get(features.size() - 1), pass);
    }
}
