package djinn.zoo.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import djinn.zoo.Trunk;
import djinn.zoo.nn.Backbone;
import djinn.zoo.nn.FeaturePyramid;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;
import java.util.List;
import java.util.stream.Stream;

/** A classifier's maps of strides 8, 16 and 32 under a pyramid up to stride 128: {@code body} and {@code fpn}. */
final class PyramidTrunk extends NamedBlock {

    private final Trunk body;
    private final FeaturePyramid fpn;

    /**
     * A trunk.
     *
     * @param name the classifier, as the table of models names it
     * @param width C of the pyramid
     */
    PyramidTrunk(String name, int width) {
        body = child("body", new Trunk(name, List.of(8, 16, 32)));
        List<Integer> channels =
                body.maps().stream().map(Backbone.FeatureMap::channels).toList();
        fpn = child("fpn", new FeaturePyramid(channels, width, FeaturePyramid.Extra.P6P7));
    }

    /** The grids of strides 8 to 128. */
    static List<Grid> grids(int height, int width) {
        return Stream.of(8, 16, 32, 64, 128)
                .map(stride -> Grid.of(height, width, stride))
                .toList();
    }

    @Override
    protected NDList forward(NDList inputs, Pass pass) {
        return forward(inputs.get(0), pass);
    }

    NDList forward(NDArray images, Pass pass) {
        NDList maps = body.forward(images, pass);
        Shape shape = images.getShape();
        Grid.require(maps, grids((int) shape.get(2), (int) shape.get(3)), body.classifier());
        return fpn.forward(maps, pass); // (N, width, H/8, W/8) to (N, width, H/128, W/128)
    }
}
