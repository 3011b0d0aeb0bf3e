package djinn.zoo.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import djinn.ops.Autograd;
import djinn.ops.TorchScript;
import djinn.zoo.nn.Linear;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;

/**
 * Tells which of the boxes of an object is the one to be told, in place of suppression (Hu et al. 2018, section 4.3): the
 * best boxes of a class by their ranks and features, which look at each other, to logits, one for each overlap from which a
 * box counts as an object's.
 */
final class DuplicateRemoval extends NamedBlock {

    /** The overlaps 0.5, 0.6 ... 0.9. */
    static final int OVERLAPS = 5;

    /** The logit of a box that is not among the best: it counts as a duplicate. */
    static final double LEFT_OUT = -100;

    private static final int WIDTH = 128;
    private static final int RELATIONS = 16;
    private static final int KEYS = 64;

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def djinn_ranking(scores: Tensor) -> Tensor:
              falling, rows = torch.sort(torch.transpose(scores, 0, 1), stable=True, dim=1, descending=True)
              return rows

            def best(order: Tensor, most: int) -> Tensor:
              return torch.slice(order, 1, 0, most)

            def pick(x: Tensor, rows: Tensor) -> Tensor:
              return torch.reshape(torch.index_select(x, 0, torch.flatten(rows)), [torch.size(rows, 0), torch.size(rows, 1), -1])

            def pick_of_class(boxes: Tensor, rows: Tensor) -> Tensor:
              index = torch.expand(torch.unsqueeze(rows, 2), [-1, -1, 4])
              return torch.gather(torch.transpose(boxes, 0, 1), 1, index)

            def judged(logits: Tensor, order: Tensor, left_out: float) -> Tensor:
              empty = torch.unsqueeze(torch.full_like(torch.type_as(order, logits), left_out), 2)
              all = torch.cat([logits, torch.expand(empty, [-1, -1, torch.size(logits, 2)])], 1)
              rows, ranks = torch.sort(order, 1, False)
              index = torch.expand(torch.unsqueeze(ranks, 2), [-1, -1, torch.size(logits, 2)])
              return torch.transpose(torch.gather(all, 1, index), 0, 1)

            def chance(logits: Tensor) -> Tensor:
              return torch.mean(torch.sigmoid(logits), [-1])
            """);

    private final int most;
    private final Linear rank;
    private final Linear feature;
    private final Relation relation;
    private final Linear verdict;

    /**
     * A network for boxes of all classes.
     *
     * @param width of the regions' features
     * @param most so many boxes of each class are looked at, the best
     */
    DuplicateRemoval(int width, int most) {
        this.most = most;
        rank = child("rank", new Linear(WIDTH, WIDTH));
        feature = child("feature", new Linear(width, WIDTH));
        relation = child("relation", new Relation(WIDTH, RELATIONS, KEYS));
        verdict = child("verdict", new Linear(WIDTH, OVERLAPS));
    }

    @Override
    protected NDList forward(NDList inputs, Pass pass) {
        throw new UnsupportedOperationException("what removes duplicates is run by its detector");
    }

    /**
     * Judges boxes.
     *
     * @param hidden (R, width), features of the regions
     * @param boxes (R, K, 4)
     * @param scores (R, K), which decide the ranks
     * @param rows which regions are of which image
     * @return (R, K, 5) logits, of boxes that are not among the best {@link #LEFT_OUT}
     */
    NDArray forward(NDArray hidden, NDArray boxes, NDArray scores, ImageRows rows, Pass pass) {
        NDList judged = new NDList();
        NDArray features = feature.forward(hidden, pass); // (R, 128)
        for (int i = 0; i < rows.images(); i++) {
            long count = rows.count(i);
            if (count == 0) {
                continue;
            }
            long looked = Math.min(most, count); // M
            NDArray order;
            NDArray best;
            NDArray geometry;
            NDArray ranks;
            try (Autograd.Scope off = Autograd.withoutGradients()) {
                order = SCRIPT.call("djinn_ranking", rows.of(scores, i)); // (K, R_i)
                best = SCRIPT.call("best", order, most); // (K, M)
                geometry = Relation.geometry(SCRIPT.call("pick_of_class", rows.of(boxes, i), best)); // (K, M, M, 64)
                // behind what has M rows: in a trace, a number is that of what was made last
                ranks = Relation.ranks(hidden, looked, WIDTH); // (M, 128)
            }
            NDArray x = SCRIPT.call("pick", rows.of(features, i), best).add(rank.forward(ranks, pass)); // (K, M, 128)
            x = Activation.relu(x.add(relation.forward(x, geometry, pass)));
            judged.add(SCRIPT.call("judged", verdict.forward(x, pass), order, LEFT_OUT)); // (R_i, K, 5)
        }
        Shape none = new Shape(0, boxes.getShape().get(1), OVERLAPS);
        return judged.isEmpty() ? hidden.getManager().zeros(none, hidden.getDataType()) : rows.together(judged);
    }

    /** (R, K, 5) logits to (R, K), the mean chance that a box is the one to be told. */
    static NDArray chance(NDArray logits) {
        return SCRIPT.call("chance", logits);
    }
}
