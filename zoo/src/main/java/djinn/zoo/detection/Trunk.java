package djinn.zoo.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Block;
import ai.djl.util.Pair;
import djinn.zoo.ModelOptions;
import djinn.zoo.Models;
import djinn.zoo.nn.Backbone;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;
import java.util.ArrayList;
import java.util.List;

/**
 * A classifier's feature maps of some strides, without its classifier: the children are the classifier's own, by their
 * names, but for the one its head is in, so that a classifier's weights fit.
 */
public final class Trunk extends NamedBlock {

    private final Backbone backbone;
    private final List<Integer> positions = new ArrayList<>();
    private final List<Backbone.FeatureMap> maps = new ArrayList<>();

    /**
     * A trunk.
     *
     * @param backbone computes the maps
     * @param strides of the maps wanted, the finest first; of several maps of a stride the last
     * @throws IllegalArgumentException if the backbone has no map of a stride
     */
    public Trunk(Backbone backbone, List<Integer> strides) {
        this.backbone = backbone;
        String head = backbone.head();
        String classifier = head.contains(".") ? head.substring(0, head.indexOf('.')) : head;
        for (Pair<String, Block> child : backbone.getChildren()) {
            if (!child.getKey().equals(classifier)) {
                child(child.getKey(), child.getValue());
            }
        }
        List<Backbone.FeatureMap> all = backbone.featureMaps();
        for (int stride : strides) {
            int position = all.size() - 1;
            while (position >= 0 && all.get(position).stride() != stride) {
                position--;
            }
            if (position < 0 || backbone.getDirectParameters().size() > 0) {
                throw new IllegalArgumentException("expected a backbone with a feature map of stride " + stride
                        + " that others can build on, got "
                        + backbone.getClass().getSimpleName() + " with " + all);
            }
            positions.add(position);
            maps.add(all.get(position));
        }
    }

    /**
     * Builds a classifier of colour images to take over.
     *
     * @param name as the table of models has it
     * @return the classifier
     * @throws IllegalArgumentException if there is none, or others cannot build on it
     */
    static Backbone backbone(String name) {
        return backbone(name, 3);
    }

    /**
     * Builds a classifier to take over.
     *
     * @param name as the table of models has it
     * @param channels C of the images
     * @return the classifier
     * @throws IllegalArgumentException if there is none, or others cannot build on it
     */
    public static Backbone backbone(String name, int channels) {
        if (Models.named(name).build(new ModelOptions(1, channels)) instanceof Backbone backbone) {
            return backbone;
        }
        throw new IllegalArgumentException(
                "expected a backbone that tells its feature maps, got '" + name + "'; resnet50 and mobilenet_v2 do");
    }

    /** Describes the maps. */
    public List<Backbone.FeatureMap> maps() {
        return maps;
    }

    @Override
    protected NDList forward(NDList inputs, Pass pass) {
        return forward(inputs.get(0), pass);
    }

    /** (N, C, H, W) to the maps, the finest first. */
    public NDList forward(NDArray x, Pass pass) {
        NDList all = backbone.forwardFeatures(x, pass);
        NDList wanted = new NDList();
        positions.forEach(position -> wanted.add(all.get(position)));
        return wanted;
    }
}
