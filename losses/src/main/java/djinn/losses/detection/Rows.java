package djinn.losses.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import djinn.ops.Autograd;
import djinn.ops.Scalars;
import djinn.ops.TorchScript;
import java.util.List;

/** What the losses do with anchors and the rows of heads that are theirs. */
final class Rows {

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def of_image(regions: Tensor, i: int) -> Tuple[Tensor, Tensor]:
              rows = torch.flatten(torch.nonzero(torch.eq(torch.select(regions, 1, 0), i)))
              return (rows, torch.slice(torch.index_select(regions, 0, rows), 1, 1, 5))

            def image(x: Tensor, i: int) -> Tensor:
              return torch.select(x, 0, i)

            def with_object(matched: Tensor) -> Tensor:
              return torch.flatten(torch.nonzero(torch.ge(matched, 0)))

            def pick(x: Tensor, rows: Tensor) -> Tensor:
              return torch.index_select(x, 0, rows)

            def have_object(matched: Tensor, like: Tensor) -> Tensor:
              return torch.type_as(torch.reshape(torch.ge(matched, 0), torch.size(like)), like)

            def one_hot(like: Tensor, matched: Tensor, labels: Tensor) -> Tensor:
              rows = self.with_object(matched)
              classes = torch.index_select(labels, 0, torch.index_select(matched, 0, rows))
              places = torch.add(torch.mul(rows, torch.size(like, 1)), classes)
              return torch.reshape(torch.index_fill(torch.flatten(torch.zeros_like(like)), 0, places, 1.), torch.size(like))

            def labelled(matched: Tensor, labels: Tensor) -> Tensor:
              rows = self.with_object(matched)
              classes = torch.add(torch.index_select(labels, 0, torch.index_select(matched, 0, rows)), 1)
              return torch.index_copy(torch.zeros_like(matched), 0, rows, classes)

            def not_ignored(x: Tensor, matched: Tensor) -> Tensor:
              return torch.sum(torch.mul(x, torch.to(torch.unsqueeze(torch.ne(matched, -2), 1), 6)))

            def hardest(losses: Tensor, classes: Tensor, ratio: float) -> Tensor:
              object = torch.gt(classes, 0)
              background = torch.masked_fill(losses, object, -1e30)
              order = torch.argsort(background, 1, True)
              rank = torch.argsort(order, 1, False)
              allowed = torch.mul(torch.sum(object, [1], True), ratio)
              return torch.to(torch.logical_or(object, torch.lt(rank, allowed)), 6)
            """);

    private Rows() {}

    /** Refuses heads and targets that do not fit: heads (N, A, ...), anchors (A, 4), N targets. */
    static void requireFitting(NDList heads, NDArray anchors, List<BoxTargets> targets) {
        for (NDArray head : heads) {
            Shape shape = head.getShape();
            if (shape.dimension() != 3
                    || shape.get(0) != targets.size()
                    || shape.get(1) != anchors.getShape().get(0)
                    || targets.isEmpty()) {
                throw new IllegalArgumentException("expected heads (N, A, ...) for anchors " + anchors.getShape()
                        + " and " + targets.size() + " images, got " + shape);
            }
        }
    }

    /** The regions (R, 5) of an image: their rows (R_i), int64, and corners (R_i, 4). */
    static NDList ofImage(NDArray regions, int i) {
        return SCRIPT.callForList("of_image", regions, i);
    }

    /** (N, A, D) to (A, D). */
    static NDArray image(NDArray x, int i) {
        return SCRIPT.call("image", x, i);
    }

    /** The anchors that have an object: (F) int64. */
    static NDArray withObject(NDArray matched) {
        try (Autograd.Scope off = Autograd.withoutGradients()) {
            return SCRIPT.call("with_object", matched);
        }
    }

    /** Some rows. */
    static NDArray pick(NDArray x, NDArray rows) {
        return SCRIPT.call("pick", x, rows);
    }

    /** 1 where there is an object, otherwise 0, of the shape and type of another. */
    static NDArray haveObject(NDArray matched, NDArray like) {
        try (Autograd.Scope off = Autograd.withoutGradients()) {
            return SCRIPT.call("have_object", matched, like);
        }
    }

    /** (A, K): 1 at the class of an anchor's object, otherwise 0. */
    static NDArray oneHot(NDArray logits, NDArray matched, NDArray labels) {
        try (Autograd.Scope off = Autograd.withoutGradients()) {
            return SCRIPT.call("one_hot", logits, matched, labels);
        }
    }

    /** (A): the class of an anchor's object and 1, or 0 for background. */
    static NDArray labelled(NDArray matched, NDArray labels) {
        try (Autograd.Scope off = Autograd.withoutGradients()) {
            return SCRIPT.call("labelled", matched, labels);
        }
    }

    /** The sum of (A, K) without the rows of ignored anchors. */
    static NDArray sumOfNotIgnored(NDArray losses, NDArray matched) {
        return SCRIPT.call("not_ignored", losses, matched);
    }

    /** (N, A): 1 for anchors with an object and for the backgrounds of the largest losses. */
    static NDArray hardest(NDArray losses, NDArray classes, double ratio) {
        try (Autograd.Scope off = Autograd.withoutGradients()) {
            return SCRIPT.call("hardest", losses, classes, ratio);
        }
    }

    /** A sum over the count of objects' anchors, or over 1 if there is none. */
    static NDArray over(NDArray sum, long count) {
        return Scalars.div(sum, (double) Math.max(1, count));
    }

    /** The sum of scalars. */
    static NDArray sum(NDList scalars) {
        NDArray sum = scalars.get(0);
        for (NDArray scalar : scalars.subList(1, scalars.size())) {
            sum = sum.add(scalar);
        }
        return sum;
    }

    /** The mean of scalars. */
    static NDArray mean(NDList scalars) {
        return Scalars.div(sum(scalars), scalars.size());
    }
}
