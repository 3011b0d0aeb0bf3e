package djinn.zoo;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Block;
import ai.djl.util.Pair;
import djinn.zoo.nn.Backbone;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A classifier's feature maps of some strides, without its classifier: the children are the classifier's own, by their
 * names, but for the one its head is in, so that a classifier's weights fit.
 */
public final class Trunk extends NamedBlock implements ClassifierTrunk {

    private final String classifier;
    private final int channels;
    private final Backbone backbone;
    private final List<Integer> positions = new ArrayList<>();
    private final List<Backbone.FeatureMap> maps = new ArrayList<>();

    /**
     * A trunk.
     *
     * @param name of the classifier, as the table of models has it
     * @param strides of the maps wanted, the finest first; of several maps of a stride the last
     * @throws IllegalArgumentException if there is no such classifier, or others cannot build on it, or it has no map of
     *     a stride
     */
    public Trunk(String name, List<Integer> strides) {
        this(name, 3, strides);
    }

    /**
     * A trunk for images of other channels.
     *
     * @param name of the classifier, as the table of models has it
     * @param channels C of the images
     * @param strides of the maps wanted, the finest first; of several maps of a stride the last
     * @throws IllegalArgumentException if there is no such classifier, or others cannot build on it, or it has no map of
     *     a stride
     */
    public Trunk(String name, int channels, List<Integer> strides) {
        this(name, channels, backbone(name, channels), strides);
    }

    private Trunk(String name, int channels, Backbone backbone, List<Integer> strides) {
        classifier = name;
        this.channels = channels;
        this.backbone = backbone;
        List<String> head = backbone.headChildren();
        for (Pair<String, Block> child : backbone.getChildren()) {
            if (!head.contains(child.getKey())) {
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
     * A trunk with a map of every stride that the classifier has, of several the last.
     *
     * @param name of the classifier, as the table of models has it
     * @param channels C of the images
     * @throws IllegalArgumentException if there is no such classifier, or others cannot build on it
     */
    public static Trunk ofAllStrides(String name, int channels) {
        Backbone backbone = backbone(name, channels);
        List<Integer> strides = backbone.featureMaps().stream()
                .map(Backbone.FeatureMap::stride)
                .distinct()
                .sorted()
                .toList();
        return new Trunk(name, channels, backbone, strides);
    }

    private static Backbone backbone(String name, int channels) {
        if (Models.named(name).build(new ModelOptions(1, channels)) instanceof Backbone backbone) {
            return backbone;
        }
        throw new IllegalArgumentException(
                "expected a backbone that tells its feature maps, got '" + name + "'; resnet50 and mobilenet_v2 do");
    }

    /** Finds the trunk within a network; empty if it is built on no classifier of the table. */
    public static Optional<Trunk> of(Block network) {
        if (network instanceof Trunk trunk) {
            return Optional.of(trunk);
        }
        return network.getChildren().values().stream()
                .map(Trunk::of)
                .flatMap(Optional::stream)
                .findFirst();
    }

    @Override
    public String classifier() {
        return classifier;
    }

    @Override
    public int channels() {
        return channels;
    }

    @Override
    public Optional<String> nameInClassifier(String own) {
        return Optional.of(own);
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
