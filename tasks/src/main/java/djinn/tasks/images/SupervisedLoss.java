package djinn.tasks.images;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import djinn.losses.CrossEntropy;
import djinn.losses.LossFunction;
import djinn.losses.SoftmaxFocal;
import djinn.ops.Scalars;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.AuxiliaryHeads;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One loss of a network's logits, and in training of those of its auxiliary heads, if it has any.
 *
 * @param loss of logits and targets
 */
public record SupervisedLoss(LossFunction loss) {

    /**
     * Returns a loss with weights of classes.
     *
     * @param loss cross entropy or softmax focal loss, without weights of its own
     * @param weights one per class
     * @throws IllegalArgumentException if it is another loss
     */
    public static LossFunction weighted(LossFunction loss, List<Double> weights) {
        if (loss instanceof CrossEntropy plain && plain.weight().isEmpty()) {
            return new CrossEntropy(weights, plain.labelSmoothing(), plain.ignoreIndex(), plain.reduction());
        }
        if (loss instanceof SoftmaxFocal focal && focal.alpha().isEmpty()) {
            return new SoftmaxFocal(focal.gamma(), weights, focal.ignoreIndex(), focal.reduction());
        }
        throw new IllegalArgumentException(
                "train.class_weights: expected a loss cross_entropy or softmax_focal without weights of its own, got "
                        + loss);
    }

    /**
     * Computes the logits.
     *
     * @param model the network
     * @param images (N, C, H, W)
     * @param pass the pass
     * @param share of each auxiliary head's loss; with 0 they are not computed
     * @return the network's own, then those of auxiliary heads
     */
    public static NDList logits(NamedBlock model, NDArray images, Pass pass, double share) {
        return pass.training() && share > 0 && model instanceof AuxiliaryHeads heads
                ? heads.forwardWithAuxiliaries(images, pass)
                : new NDList(((ArrayBlock) model).forward(images, pass));
    }

    /** Returns the share of each auxiliary head's loss that a network says itself; 0 of one without. */
    public static double ownShare(NamedBlock model) {
        return model instanceof AuxiliaryHeads heads ? heads.auxiliaryWeight() : 0;
    }

    /**
     * Computes what is lowered.
     *
     * @param logits as {@link #logits} gives them
     * @param targets as the loss has them
     * @param share of each auxiliary head's loss
     * @return {@code loss}, and {@code auxiliary1} and so on
     * @throws IllegalArgumentException if the loss is not one value
     */
    public Map<String, NDArray> terms(NDList logits, NDArray targets, double share) {
        NDArray value = loss.apply(logits.get(0), targets);
        if (value.getShape().dimension() > 0) {
            throw new IllegalArgumentException("loss: expected one value for a batch, got " + value.getShape()
                    + "; a loss that is trained on cannot have reduction: none");
        }
        Map<String, NDArray> terms = new LinkedHashMap<>();
        terms.put("loss", value);
        for (NDArray other : logits.subList(1, logits.size())) {
            terms.put("auxiliary" + terms.size(), Scalars.mul(loss.apply(other, targets), share));
        }
        return terms;
    }
}
