package djinn.losses;

import ai.djl.ndarray.NDArray;
import djinn.ops.Default;
import djinn.ops.TorchScript;
import java.util.Locale;

/**
 * The triplet loss over the triplets found in a labelled batch: terms {@code max(0, margin + d(a, p) - d(a, n))} with
 * Euclidean distances d; {@link Mining} says which triplets, and what divides.
 *
 * <p>Shapes: embeddings (N, D), as given, and labels (N), whole numbers of any dtype. The result is a scalar; zero if
 * the batch holds no triplet. The gradient of a distance of zero is zero.
 *
 * @param margin by how much negatives should be farther, at least 0
 * @param mining which triplets count
 * @param squared whether d is the squared distance, as in FaceNet
 */
public record Triplet(
        @Default("0.2") double margin,
        @Default("batch_hard") Mining mining,
        @Default("false") boolean squared) implements LossFunction {

    /** Which triplets of a batch count. */
    public enum Mining {
        /**
         * Every triplet; the mean over those whose term is above zero (Hermans et al. 2017, In Defense of the Triplet
         * Loss, batch all). Takes N^3 memory.
         */
        BATCH_ALL,
        /**
         * For each anchor the farthest positive and the closest negative (Hermans et al. 2017, batch hard); the
         * mean over the anchors that have both.
         */
        BATCH_HARD,
        /**
         * For each anchor and positive the closest negative that is farther than the positive (Schroff et al. 2015,
         * FaceNet, 3.2), or the farthest negative if there is none, as TensorFlow Addons' {@code TripletSemiHardLoss};
         * the mean over the pairs of an anchor and a positive, for anchors that have a negative.
         */
        SEMI_HARD
    }

    private static final TorchScript SCRIPT = LabelledPairs.compile("""
        def distance(x: Tensor, squared: bool) -> Tensor:
          d = self.distances(x)
          if squared:
            d = torch.square(d)
          return d

        def batch_all(x: Tensor, y: Tensor, margin: float, squared: bool) -> Tensor:
          d = self.distance(x, squared)
          triplets = torch.logical_and(torch.unsqueeze(self.positives(y), 2), torch.unsqueeze(self.negatives(y), 1))
          gaps = torch.add(torch.sub(torch.unsqueeze(d, 2), torch.unsqueeze(d, 1)), margin)
          terms = self.only(torch.relu(gaps), triplets, 0.)
          return self.share(terms, torch.gt(terms, 0))

        def batch_hard(x: Tensor, y: Tensor, margin: float, squared: bool) -> Tensor:
          d = self.distance(x, squared)
          farthest = torch.amax(self.only(d, self.positives(y), -inf), [1])
          closest = torch.amin(self.only(d, self.negatives(y), inf), [1])
          # an anchor without either has a gap of minus infinity: a term and a gradient of zero
          gaps = torch.add(torch.sub(farthest, closest), margin)
          return self.share(torch.relu(gaps), torch.gt(gaps, -inf))

        def semi_hard(x: Tensor, y: Tensor, margin: float, squared: bool) -> Tensor:
          d = self.distance(x, squared)
          negative = self.negatives(y)
          ordered, order = torch.sort(self.only(d, negative, inf), 1)
          # the anchor itself is no negative, so each row ends in an infinity that stands for "none"
          next = torch.searchsorted(torch.detach(ordered), torch.detach(d), right=True)
          beyond = torch.gather(ordered, 1, torch.clamp_max(next, torch.size(d, 1) - 1))
          farthest = torch.amax(self.only(d, negative, -inf), [1], True)
          chosen = torch.where(torch.isinf(beyond), farthest, beyond)
          pairs = torch.logical_and(self.positives(y), torch.any(negative, 1, True))
          return self.share(self.only(torch.relu(torch.add(torch.sub(d, chosen), margin)), pairs, 0.), pairs)
        """);

    /** Checks the range. */
    public Triplet {
        if (!(margin >= 0)) {
            throw new IllegalArgumentException("expected a margin of at least 0, got " + margin);
        }
    }

    /** The hardest triplet of each anchor, margin 0.2. */
    public Triplet() {
        this(0.2, Mining.BATCH_HARD, false);
    }

    @Override
    public NDArray apply(NDArray embeddings, NDArray labels) {
        NDArray y = LabelledPairs.labels(embeddings, labels);
        return SCRIPT.call(mining.name().toLowerCase(Locale.ROOT), embeddings, y, margin, squared);
    }
}
