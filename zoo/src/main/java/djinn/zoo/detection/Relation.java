package djinn.zoo.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.training.initializer.Initializer;
import djinn.ops.Autograd;
import djinn.ops.TorchScript;
import djinn.zoo.nn.Initializers;
import djinn.zoo.nn.Linear;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;

/**
 * Objects that look at each other: each gets from all of a set a sum of their features, weighted by how these fit its own
 * and by where they lie, several times over (Hu et al. 2018, "Relation networks for object detection", section 3.1,
 * equations 1 to 6). The weight of object m for object n is {@code relu(W_G E_G) exp(W_K f_m W_Q f_n / sqrt(d_k))}, of sum
 * 1 over m. As in the authors' code the sums stand beside each other, and there are no weights below 1e-6.
 */
final class Relation extends NamedBlock {

    /** Values of the embedding of two boxes: four measures, each by eight sines and cosines. */
    static final int GEOMETRY = 64;

    private static final int MEASURES = 4;
    private static final double LONGEST = 1000;
    private static final double STRETCH = 100;
    private static final float SMALL = .01f;

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def waves(x: Tensor, waves: int, longest: float) -> Tensor:
              steps = torch.div(torch.arange(waves, dtype=7), waves)
              angles = torch.div(torch.unsqueeze(x, -1), torch.type_as(torch.pow(longest, steps), x))
              return torch.cat([torch.sin(angles), torch.cos(angles)], -1)

            def ranks(like: Tensor, count: int, waves: int, longest: float) -> Tensor:
              return self.waves(torch.type_as(torch.arange(count, dtype=7), like), waves, longest)

            def geometry(boxes: Tensor, waves: int, stretch: float, longest: float) -> Tensor:
              low = torch.slice(boxes, -1, 0, 2)
              high = torch.slice(boxes, -1, 2, 4)
              sides = torch.clamp_min(torch.sub(high, low), 1.)
              centres = torch.mul(torch.add(low, high), 0.5)
              apart = torch.abs(torch.sub(torch.unsqueeze(centres, 2), torch.unsqueeze(centres, 1)))
              near = torch.log(torch.clamp_min(torch.div(apart, torch.unsqueeze(sides, 1)), 0.001))
              size = torch.log(torch.div(torch.unsqueeze(sides, 2), torch.unsqueeze(sides, 1)))
              measures = torch.mul(torch.cat([near, size], -1), stretch)
              return torch.flatten(self.waves(measures, waves, longest), 3)

            def parts(x: Tensor, relations: int) -> Tensor:
              return torch.permute(torch.reshape(x, [torch.size(x, 0), torch.size(x, 1), relations, -1]), [0, 2, 1, 3])

            def relate(keys: Tensor, queries: Tensor, values: Tensor, places: Tensor, relations: int, scale: float) -> Tensor:
              fit = torch.matmul(self.parts(queries, relations), torch.transpose(self.parts(keys, relations), 2, 3))
              place = torch.log(torch.clamp_min(torch.permute(places, [0, 3, 1, 2]), 1e-6))
              weights = torch.softmax(torch.add(torch.mul(fit, scale), place), -1)
              sums = torch.matmul(weights, self.parts(values, relations))
              return torch.flatten(torch.permute(sums, [0, 2, 1, 3]), 2)
            """);

    private final int relations;
    private final double scale;
    private final Linear key;
    private final Linear query;
    private final Linear place;
    private final Linear value;

    /**
     * Relations between objects.
     *
     * @param width D of their features, a multiple of the relations
     * @param relations how many there are
     * @param keys d_k, the values by which features are compared in each relation
     */
    Relation(int width, int relations, int keys) {
        this.relations = relations;
        scale = 1 / Math.sqrt(keys);
        Initializer small = Initializers.normal(SMALL);
        key = child("key", new Linear(width, relations * keys, false, small));
        query = child("query", new Linear(width, relations * keys, false, small));
        place = child("geometry", new Linear(GEOMETRY, relations, false, small));
        value = child("value", new Linear(width, width, false, small));
    }

    /**
     * Tells how boxes lie to each other, under no gradients: of each two the logarithms of the distances of their centres
     * in the sides of the second, and of how much larger the first is, as waves of lengths up to 1000. A side below a pixel
     * counts as one.
     *
     * @param boxes (B, M, 4) x1, y1, x2, y2
     * @return (B, M, M, 64): of object n, to object m
     */
    static NDArray geometry(NDArray boxes) {
        try (Autograd.Scope off = Autograd.withoutGradients()) {
            return SCRIPT.call("geometry", boxes, GEOMETRY / MEASURES / 2, STRETCH, LONGEST);
        }
    }

    /**
     * The ranks 0, 1 ... as waves of lengths up to 1000.
     *
     * @param like of the same type and device
     * @param count M
     * @param width how many values each has
     * @return (M, width)
     */
    static NDArray ranks(NDArray like, long count, int width) {
        try (Autograd.Scope off = Autograd.withoutGradients()) {
            return SCRIPT.call("ranks", like, count, width / 2, LONGEST);
        }
    }

    /** (B, M, D) and (B, M, M, 64) to (B, M, D). */
    @Override
    protected NDList forward(NDList inputs, Pass pass) {
        return new NDList(forward(inputs.get(0), inputs.get(1), pass));
    }

    /**
     * Sums up what the objects of each set tell each other.
     *
     * @param x (B, M, D)
     * @param geometry (B, M, M, 64) as the method of that name gives it
     * @return (B, M, D), to be added to x
     */
    NDArray forward(NDArray x, NDArray geometry, Pass pass) {
        NDArray places = place.forward(geometry, pass); // (B, M, M, relations)
        return SCRIPT.call(
                "relate",
                key.forward(x, pass),
                query.forward(x, pass),
                value.forward(x, pass),
                places,
                relations,
                scale); // (B, M, D)
    }
}
