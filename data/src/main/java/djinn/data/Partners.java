package djinn.data;

import ai.djl.ndarray.NDArray;
import djinn.ops.TorchScript;
import java.util.Arrays;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;

/** Who in a batch is mixed with whom, and the ways to do it. */
final class Partners {

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def blended(x: Tensor, partners: Tensor, own: float, other: float) -> Tensor:
              return torch.add(torch.mul(x, own), torch.mul(torch.index_select(x, 0, partners), other))

            def replaced(x: Tensor, partners: Tensor, top: int, left: int, height: int, width: int) -> Tensor:
              part = torch.narrow(torch.narrow(x, 2, top, height), 3, left, width)
              written = torch.copy_(part, torch.index_select(part, 0, partners), False)
              return x
            """);

    private final int[] labels;
    private final int[] partner;

    private Partners(int[] labels, int[] partner) {
        this.labels = labels;
        this.partner = partner;
    }

    /** Checks the components that all mixing shares. */
    static void check(double alpha, double p) {
        if (!(alpha > 0 && Double.isFinite(alpha))) {
            throw new IllegalArgumentException("expected alpha above 0, got " + alpha);
        }
        if (!(p >= 0 && p <= 1)) {
            throw new IllegalArgumentException("expected p from 0 to 1, got " + p);
        }
    }

    /** Draws a partner for every image: a permutation. */
    static Partners draw(int[] labels, RandomGenerator random) {
        int[] partner = new int[labels.length];
        Arrays.setAll(partner, i -> i);
        Sampling.shuffle(partner, random);
        return new Partners(labels, partner);
    }

    /** Leaves images as they are. */
    BatchChange unmixed(int classes) {
        return new BatchChange(targets(classes, 1), UnaryOperator.identity());
    }

    /** Takes of every image a share, and of its partner the rest. */
    BatchChange blended(int classes, float share) {
        return new BatchChange(
                targets(classes, share),
                images -> SCRIPT.call("blended", images, indices(images), (double) share, (double) (1 - share)));
    }

    /** Puts a region of the partner into every image, which keeps a share. */
    BatchChange replaced(int classes, Region region, float share) {
        return new BatchChange(
                targets(classes, share),
                images -> SCRIPT.call(
                        "replaced",
                        images,
                        indices(images),
                        region.top(),
                        region.left(),
                        region.height(),
                        region.width()));
    }

    private NDArray indices(NDArray images) {
        if (images.getShape().dimension() != 4 || images.getShape().get(0) != labels.length) {
            throw new IllegalArgumentException(
                    "expected images (" + labels.length + ", C, H, W), got " + images.getShape());
        }
        return images.getManager().create(Arrays.stream(partner).asLongStream().toArray());
    }

    /** Returns (N, K): of the own label a share, of the partner's the rest. */
    private float[] targets(int classes, float share) {
        float[] targets = new float[Math.multiplyExact(labels.length, classes)];
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] < 0 || labels[i] >= classes) {
                throw new IllegalArgumentException("expected labels from 0 to " + (classes - 1) + " for " + classes
                        + " classes, got " + labels[i]);
            }
            targets[i * classes + labels[i]] += share;
            targets[i * classes + labels[partner[i]]] += 1 - share;
        }
        return targets;
    }
}
