package djinn.zoo.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import djinn.ops.Resize;
import java.util.List;

/**
 * A backbone without its classifier, a head on its last feature map and, for training, an auxiliary head on an earlier
 * one: (N, C, H, W) to logits (N, K, H, W), the heads' own enlarged bilinearly.
 *
 * <p>State: {@code backbone}, {@code classifier} and {@code aux_classifier}, as torchvision's segmenters have it. The
 * auxiliary logits have the shape of the main ones.
 */
public abstract class Segmenter extends ArrayBlock implements AuxiliaryHeads, Headed {

    private final Backbone backbone;
    private final int middle;
    private final ArrayBlock classifier;
    private final FcnHead auxClassifier;

    /**
     * A segmenter.
     *
     * @param backbone computes the feature maps; not itself a child
     * @param layers what of the backbone is a child, under the name {@code backbone}: all of it but its classifier
     * @param middle the feature map the auxiliary head takes, by its position
     * @param classifier the main head
     * @param classes K of the logits
     */
    protected Segmenter(Backbone backbone, ArrayBlock layers, int middle, ArrayBlock classifier, int classes) {
        this.backbone = backbone;
        this.middle = middle;
        child("backbone", layers);
        this.classifier = child("classifier", classifier);
        int channels = backbone.featureMaps().get(middle).channels();
        auxClassifier = child("aux_classifier", new FcnHead(channels, classes));
    }

    @Override
    public NDArray forward(NDArray x, Pass pass) {
        NDList maps = backbone.forwardFeatures(x, pass);
        NDArray logits = classifier.forward(maps.get(maps.size() - 1), pass); // (N, K, H/stride, W/stride)
        return enlarge(logits, x); // (N, K, H, W)
    }

    @Override
    public NDList forwardWithAuxiliaries(NDArray x, Pass pass) {
        NDList maps = backbone.forwardFeatures(x, pass);
        NDArray logits = classifier.forward(maps.get(maps.size() - 1), pass); // (N, K, H/stride, W/stride)
        NDArray auxiliary = auxClassifier.forward(maps.get(middle), pass); // (N, K, H/stride, W/stride)
        return new NDList(enlarge(logits, x), enlarge(auxiliary, x)); // (N, K, H, W) each
    }

    /** The last layer of the auxiliary head, which stands behind the main one. */
    @Override
    public String head() {
        return "aux_classifier.4";
    }

    @Override
    public List<String> auxiliaryNames() {
        return List.of("aux_classifier");
    }

    /** Returns one half, the share of torchvision's training scripts. */
    @Override
    public double auxiliaryWeight() {
        return .5;
    }

    private static NDArray enlarge(NDArray logits, NDArray x) {
        return Resize.bilinear(logits, x.getShape().get(2), x.getShape().get(3), false);
    }
}
