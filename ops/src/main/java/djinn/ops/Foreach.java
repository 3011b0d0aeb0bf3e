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

            def clip_values(xs: List[Tensor], limit: float) -> int:
              gs = self.gradients(xs)
              if torch.gt(torch.len(gs), 0):
                torch._foreach_clamp_min_(gs, torch.neg(limit))
                torch._foreach_clamp_max_(gs, limit)
              return torch.len(gs)

            def add_signs(xs: List[Tensor], factor: float) -> int:
              gs = self.gradients(xs)
              if torch.gt(torch.len(gs), 0):
                torch._foreach_add_(gs, torch._foreach_sign(self.graded(xs)), alpha=factor)
              return torch.len(gs)

            def graded(xs: List[Tensor]) -> List[Tensor]:
              ps = annotate(List[Tensor], [])
              for i in range(torch.len(xs)):
                if torch.is_floating_point(xs[i].grad):
                  a0 = torch.append(ps, xs[i])
              return ps

            def unit_norms(x: Tensor) -> Tensor:
              if torch.le(torch.dim(x), 1):
                norms = torch.linalg_vector_norm(x, 2)
              else:
                norms = torch.linalg_vector_norm(torch.flatten(x, 1, -1), 2, [1])
                for i in range(torch.sub(torch.dim(x), 1)):
                  norms = torch.unsqueeze(norms, -1)
              return norms

            def clip_adaptively(xs: List[Tensor], clipping: float, eps: float) -> int:
              gs = self.gradients(xs)
              ps = self.graded(xs)
              scales = annotate(List[Tensor], [])
              for i in range(torch.len(ps)):
                limit = torch.mul(torch.clamp_min(self.unit_norms(ps[i]), eps), clipping)
                ratio = torch.div(limit, torch.clamp_min(self.unit_norms(gs[i]), 1e-06))
                a0 = torch.append(scales, torch.clamp_max(ratio, 1.))
              if torch.gt(torch.len(gs), 0):
                torch._foreach_mul_(gs, scales)
              return torch.len(gs)
            """);

    /** The least norm of a unit in adaptive clipping, so that what is zero can learn. */
    private static final double LEAST_UNIT = 1e-3;

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

    /**
     * Clamps the elements of all gradients, as {@code torch.nn.utils.clip_grad_value_}.
     *
     * @param parameters the arrays whose gradients are clamped
     * @param limit the largest size of an element, above 0
     */
    public static void clipValues(NDList parameters, double limit) {
        withoutGradients(() -> SCRIPT.callForEffect("clip_values", parameters, limit));
    }

    /**
     * Scales gradients down where they are large for their parameter: adaptive gradient clipping (Brock et al. 2021,
     * equation 3).
     *
     * <p>Unit by unit, the gradient is multiplied by {@code min(1, clipping max(|w|, 1e-3) / |g|)}. A unit is a row of
     * the first dimension, all that leads to one output of a linear layer or convolution; an array of at most one
     * dimension is a single unit.
     *
     * @param parameters the arrays whose gradients are scaled
     * @param clipping the largest ratio of the norms, above 0; 0.01 in the paper at batches of 4096
     */
    public static void clipAdaptively(NDList parameters, double clipping) {
        withoutGradients(() -> SCRIPT.callForEffect("clip_adaptively", parameters, clipping, LEAST_UNIT));
    }

    /**
     * Adds a multiple of the parameters' signs to their gradients: the gradient of an L1 penalty.
     *
     * @param parameters the arrays whose gradients are added to, those without one left out
     * @param factor the penalty's factor
     */
    public static void addSigns(NDList parameters, double factor) {
        withoutGradients(() -> SCRIPT.callForEffect("add_signs", parameters, factor));
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
