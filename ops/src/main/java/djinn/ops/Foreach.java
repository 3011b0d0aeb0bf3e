package djinn.ops;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;

/**
 * Operations over many arrays at once, in place, each a single call of the engine.
 *
 * <p>None of them is recorded for differentiation.
 */
public final class Foreach {

    // what writes returns a count: an effect nothing comes of may be dropped as dead code
    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def gradients(xs: List[Tensor]) -> List[Tensor]:
              gs = annotate(List[Tensor], [])
              for i in range(torch.len(xs)):
                g = xs[i].grad
                # the gradient of what took no part is undefined, and no float
                if torch.is_floating_point(g):
                  a0 = torch.append(gs, g)
              return gs

            def copy(targets: List[Tensor], sources: List[Tensor]) -> int:
              for i in range(torch.len(targets)):
                t = torch.copy_(targets[i], sources[i], False)
              return torch.len(targets)

            def lerp(targets: List[Tensor], sources: List[Tensor], weight: float) -> int:
              torch._foreach_lerp_(targets, sources, weight)
              return torch.len(targets)

            def norm(xs: List[Tensor]) -> Tensor:
              gs = self.gradients(xs)
              if torch.eq(torch.len(gs), 0):
                total = torch.zeros([], dtype=6)
              else:
                total = torch.linalg_vector_norm(torch.stack(torch._foreach_norm(gs, 2), 0), 2)
              return total

            def clip(xs: List[Tensor], max_norm: float) -> Tensor:
              gs = self.gradients(xs)
              total = self.norm(xs)
              scale = torch.clamp(torch.reciprocal(torch.div(torch.add(total, 1e-06), max_norm)), None, 1.)
              if torch.gt(torch.len(gs), 0):
                torch._foreach_mul_(gs, scale)
              return total

            def zero(xs: List[Tensor]) -> int:
              gs = self.gradients(xs)
              if torch.gt(torch.len(gs), 0):
                torch._foreach_zero_(gs)
              return torch.len(gs)
            """);

    private Foreach() {}

    /**
     * Copies values, converting dtypes where they differ.
     *
     * @param targets the arrays written to
     * @param sources as many arrays of the same shapes
     * @throws IllegalArgumentException if the lists differ in length
     */
    public static void copy(NDList targets, NDList sources) {
        requireSameSize(targets, sources);
        withoutGradients(() -> SCRIPT.callForEffect("copy", targets, sources));
    }

    /**
     * Moves targets towards sources: {@code target += weight (source - target)}.
     *
     * @param targets the arrays written to, float
     * @param sources as many arrays of the same shapes and dtypes
     * @param weight 0 leaves the targets, 1 copies the sources
     * @throws IllegalArgumentException if the lists differ in length
     */
    public static void lerp(NDList targets, NDList sources, double weight) {
        requireSameSize(targets, sources);
        withoutGradients(() -> SCRIPT.callForEffect("lerp", targets, sources, weight));
    }

    /**
     * The Euclidean norm over the gradients of all parameters, those without a gradient left out.
     *
     * @param parameters the arrays whose gradients are meant
     * @return the norm, 0 if none has a gradient
     */
    public static double gradientNorm(NDList parameters) {
        return scalar("norm", parameters);
    }

    /**
     * Scales all gradients down so that their global norm is at most the given one, as {@code
     * torch.nn.utils.clip_grad_norm_}: by {@code min(1, maxNorm / (norm + 1e-6))}.
     *
     * @param parameters the arrays whose gradients are scaled
     * @param maxNorm the largest norm, above 0
     * @return the norm before
     */
    public static double clipGradients(NDList parameters, double maxNorm) {
        return scalar("clip", parameters, maxNorm);
    }

    /**
     * Sets the gradients of all parameters to zero.
     *
     * @param parameters the arrays whose gradients are zeroed
     */
    public static void zeroGradients(NDList parameters) {
        withoutGradients(() -> SCRIPT.callForEffect("zero", parameters));
    }

    private static double scalar(String function, Object... arguments) {
        try (Autograd.Scope off = Autograd.withoutGradients();
                NDArray result = SCRIPT.call(function, arguments)) {
            return result.getFloat();
        }
    }

    private static void withoutGradients(Runnable call) {
        try (Autograd.Scope off = Autograd.withoutGradients()) {
            call.run();
        }
    }

    private static void requireSameSize(NDList targets, NDList sources) {
        if (targets.size() != sources.size()) {
            throw new IllegalArgumentException(
                    "expected as many sources as targets, got " + sources.size() + " for " + targets.size());
        }
    }
}
