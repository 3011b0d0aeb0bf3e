package djinn.losses;

import ai.djl.ndarray.NDArray;
import djinn.ops.Default;
import djinn.ops.TorchScript;

/**
 * The triplet loss on squared Euclidean distances (Schroff et al. 2015, FaceNet):
 * {@code mean max(0, |a - p|^2 - |a - n|^2 + margin)}.
 *
 * <p>The paper's embeddings have length 1; here they count as given. {@link Triplet} finds the triplets of a labelled
 * batch itself.
 *
 * @param margin by how much the negative should be farther, in squared distance, at least 0
 */
public record FacenetTriplet(@Default("0.2") double margin) {

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
        def facenet(anchor: Tensor, positive: Tensor, negative: Tensor, margin: float) -> Tensor:
          near = torch.sum(torch.square(torch.sub(anchor, positive)), [1])
          far = torch.sum(torch.square(torch.sub(anchor, negative)), [1])
          return torch.mean(torch.relu(torch.add(torch.sub(near, far), margin)))
        """);

    /** Checks the range. */
    public FacenetTriplet {
        if (!(margin >= 0)) {
            throw new IllegalArgumentException("expected a margin of at least 0, got " + margin);
        }
    }

    /** The paper's margin, 0.2. */
    public FacenetTriplet() {
        this(0.2);
    }

    /**
     * Computes the loss.
     *
     * @param anchor embeddings (N, D)
     * @param positive embeddings (N, D) of the anchors' classes
     * @param negative embeddings (N, D) of other classes
     * @return a scalar, owned by the anchors' manager
     * @throws IllegalArgumentException if the shapes are not one
     */
    public NDArray apply(NDArray anchor, NDArray positive, NDArray negative) {
        LabelledPairs.checkTriplets(anchor, positive, negative);
        return SCRIPT.call("facenet", anchor, positive, negative, margin);
    }
}
