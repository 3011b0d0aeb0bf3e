package djinn.ops;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.function.Supplier;

/**
 * The gradients of a loss, one for each of a list of parameters and in their order, as values: what changes them makes
 * new ones, in a single call of the engine.
 *
 * <p>They are handed over as the backward pass computed them. Nothing is added to an array of zeros first, and nothing is
 * set to zero afterwards, as it would be with gradients stored beside the parameters. Nothing is written to in place,
 * either: the gradients of two parameters may share their memory.
 *
 * <p>To be closed when they were used; the arrays are freed together.
 */
public final class Gradients implements AutoCloseable {

    // of a parameter that took no part there is an empty array of integers
    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def of(target: Tensor, parameters: List[Tensor]) -> List[Tensor]:
              targets = annotate(List[Tensor], [])
              t0 = torch.append(targets, target)
              return self.filled(torch.autograd.grad(targets, parameters, None, None, False, True))

            def pull(targets: List[Tensor], gradients: List[Tensor], arrays: List[Tensor]) -> List[Tensor]:
              given = annotate(List[Optional[Tensor]], [])
              for i in range(torch.len(gradients)):
                g0 = torch.append(given, gradients[i])
              return self.filled(torch.autograd.grad(targets, arrays, given, None, False, True))

            def filled(gs: List[Optional[Tensor]]) -> List[Tensor]:
              out = annotate(List[Tensor], [])
              for i in range(torch.len(gs)):
                g = gs[i]
                if g is None:
                  a0 = torch.append(out, torch.empty([0], dtype=4))
                else:
                  a1 = torch.append(out, unchecked_cast(Tensor, g))
              return out

            def learns(x: Tensor) -> bool:
              return ops.prim.requires_grad(x)

            def present(gs: List[Tensor]) -> List[Tensor]:
              out = annotate(List[Tensor], [])
              for i in range(torch.len(gs)):
                if torch.is_floating_point(gs[i]):
                  a0 = torch.append(out, gs[i])
              return out

            def merged(gs: List[Tensor], changed: List[Tensor]) -> List[Tensor]:
              out = annotate(List[Tensor], [])
              at = 0
              for i in range(torch.len(gs)):
                if torch.is_floating_point(gs[i]):
                  a0 = torch.append(out, changed[at])
                  at = torch.add(at, 1)
                else:
                  a1 = torch.append(out, gs[i])
              return out

            def plus(xs: List[Tensor], ys: List[Tensor]) -> List[Tensor]:
              out = annotate(List[Tensor], [])
              for i in range(torch.len(xs)):
                if torch.is_floating_point(xs[i]):
                  if torch.is_floating_point(ys[i]):
                    a0 = torch.append(out, torch.add(xs[i], ys[i]))
                  else:
                    a1 = torch.append(out, xs[i])
                else:
                  a2 = torch.append(out, ys[i])
              return out

            def norm(gs: List[Tensor]) -> Tensor:
              some = self.present(gs)
              if torch.eq(torch.len(some), 0):
                total = torch.zeros([], dtype=6)
              else:
                total = torch.linalg_vector_norm(torch.stack(torch._foreach_norm(some, 2), 0), 2)
              return total

            def clip_norm(gs: List[Tensor], max_norm: float) -> List[Tensor]:
              scale = torch.clamp(torch.reciprocal(torch.div(torch.add(self.norm(gs), 1e-06), max_norm)), None, 1.)
              some = self.present(gs)
              if torch.gt(torch.len(some), 0):
                some = torch._foreach_mul(some, scale)
              return self.merged(gs, some)

            def clip_values(gs: List[Tensor], limit: float) -> List[Tensor]:
              some = self.present(gs)
              if torch.gt(torch.len(some), 0):
                some = torch._foreach_clamp_max(torch._foreach_clamp_min(some, torch.neg(limit)), limit)
              return self.merged(gs, some)

            def plus_signs(gs: List[Tensor], parameters: List[Tensor], factors: List[float]) -> List[Tensor]:
              out = annotate(List[Tensor], [])
              for i in range(torch.len(gs)):
                if torch.is_floating_point(gs[i]):
                  a0 = torch.append(out, torch.add(gs[i], torch.sign(parameters[i]), alpha=factors[i]))
                else:
                  a1 = torch.append(out, gs[i])
              return out

            def unit_norms(x: Tensor) -> Tensor:
              if torch.le(torch.dim(x), 1):
                norms = torch.linalg_vector_norm(x, 2)
              else:
                norms = torch.linalg_vector_norm(torch.flatten(x, 1, -1), 2, [1])
                for i in range(torch.sub(torch.dim(x), 1)):
                  norms = torch.unsqueeze(norms, -1)
              return norms

            def clip_units(gs: List[Tensor], parameters: List[Tensor], which: List[bool], clipping: float, eps: float) -> List[Tensor]:
              out = annotate(List[Tensor], [])
              for i in range(torch.len(gs)):
                g = gs[i]
                if which[i]:
                  if torch.is_floating_point(g):
                    limit = torch.mul(torch.clamp_min(self.unit_norms(parameters[i]), eps), clipping)
                    ratio = torch.div(limit, torch.clamp_min(self.unit_norms(g), 1e-06))
                    g = torch.mul(g, torch.clamp_max(ratio, 1.))
                a0 = torch.append(out, g)
              return out
            """);

    /** The least norm of a unit in adaptive clipping, so that what is zero can learn. */
    private static final double LEAST_UNIT = 1e-3;

    private final NDManager manager;
    private final NDList arrays;

    private Gradients(NDManager owner, NDList arrays) {
        this.manager = owner.newSubManager();
        this.arrays = arrays;
        arrays.attach(manager);
    }

    /**
     * Runs a scalar's backward pass, which frees what was recorded for it.
     *
     * @param target a scalar that depends on at least one of the parameters
     * @param parameters arrays that require a gradient
     * @param owner the manager the gradients live under until they are closed
     * @return the gradients
     * @throws ai.djl.engine.EngineException if nothing was recorded, or the target is no scalar
     */
    public static Gradients of(NDArray target, NDList parameters, NDManager owner) {
        return new Gradients(owner, SCRIPT.callForList("of", target, parameters));
    }

    /** Pulls the gradient of a scalar back to arrays. */
    static NDList pull(NDArray target, NDList arrays, NDManager owner) {
        NDList pulled = SCRIPT.callForList("of", target, arrays);
        pulled.attach(owner);
        return pulled;
    }

    /**
     * Pulls gradients back to arrays.
     *
     * @param targets what they are of; one that is among the arrays adds its own to what comes there, as the first
     * @param gradients one for each target
     */
    static NDList pull(NDList targets, NDList gradients, NDList arrays, NDManager owner) {
        NDList pulled = SCRIPT.callForList("pull", targets, gradients, arrays);
        pulled.attach(owner);
        return pulled;
    }

    /** Whether what an array was computed of learns. */
    static boolean reach(NDArray array) {
        return SCRIPT.callForBoolean("learns", array);
    }

    /** Adds gradients to sums. */
    static NDList plus(NDList sums, NDList more, NDManager owner) {
        try (Autograd.Scope off = Autograd.withoutGradients()) {
            NDList both = SCRIPT.callForList("plus", sums, more);
            both.attach(owner);
            return both;
        }
    }

    /**
     * Returns those by no parameters.
     *
     * @param owner the manager they live under until {@link #close()}
     */
    public static Gradients none(NDManager owner) {
        return new Gradients(owner, new NDList());
    }

    /** Takes arrays over. */
    static Gradients holding(NDList arrays, NDManager owner) {
        return new Gradients(owner, arrays);
    }

    /**
     * Returns the gradients themselves, not copies.
     *
     * @return an array of each parameter's shape; of a parameter that took no part, an empty one of integers
     */
    public NDList arrays() {
        return arrays;
    }

    /**
     * Returns the sums with the gradients of another loss.
     *
     * @param other the gradients by the same parameters
     */
    public Gradients plus(Gradients other) {
        return changed(() -> SCRIPT.callForList("plus", arrays, other.arrays));
    }

    /**
     * Hands them over to another owner, brought to its device; these are closed.
     *
     * @param owner the manager they live under from now on
     * @return the same gradients
     */
    public Gradients handedTo(NDManager owner) {
        try (this) {
            NDList moved = new NDList();
            arrays.forEach(array -> moved.add(array.toDevice(owner.getDevice(), false)));
            return new Gradients(owner, moved);
        }
    }

    /** Returns the Euclidean norm over all of them; 0 if there is none. */
    public double norm() {
        try (Autograd.Scope off = Autograd.withoutGradients();
                NDArray norm = SCRIPT.call("norm", arrays)) {
            return norm.getFloat();
        }
    }

    /**
     * Returns them scaled down so that their global norm is at most the given one, as {@code
     * torch.nn.utils.clip_grad_norm_}: by {@code min(1, maxNorm / (norm + 1e-6))}.
     *
     * @param maxNorm the largest norm, above 0
     */
    public Gradients clipNorm(double maxNorm) {
        return changed(() -> SCRIPT.callForList("clip_norm", arrays, maxNorm));
    }

    /**
     * Returns them with every element clamped, as {@code torch.nn.utils.clip_grad_value_}.
     *
     * @param limit the largest size of an element, above 0
     */
    public Gradients clipValues(double limit) {
        return changed(() -> SCRIPT.callForList("clip_values", arrays, limit));
    }

    /**
     * Returns them scaled down where they are large for their parameter: adaptive gradient clipping (Brock et al. 2021,
     * equation 3).
     *
     * <p>Unit by unit, the gradient is multiplied by {@code min(1, clipping max(|w|, 1e-3) / |g|)}. A unit is a row of
     * the first dimension, all that leads to one output of a linear layer or convolution; an array of at most one
     * dimension is a single unit.
     *
     * @param parameters the parameters
     * @param which for each, whether its gradient is clipped
     * @param clipping the largest ratio of the norms, above 0; 0.01 in the paper at batches of 4096
     * @throws IllegalArgumentException if there is not one parameter and one choice for each gradient
     */
    public Gradients clipUnits(NDList parameters, boolean[] which, double clipping) {
        requireOneEach(parameters.size(), which.length);
        return changed(() -> SCRIPT.callForList("clip_units", arrays, parameters, which, clipping, LEAST_UNIT));
    }

    /**
     * Returns them with a multiple of the parameters' signs added: the gradient of an L1 penalty.
     *
     * @param parameters the parameters
     * @param factors for each, the penalty's factor
     * @throws IllegalArgumentException if there is not one parameter and one factor for each gradient
     */
    public Gradients plusSigns(NDList parameters, double[] factors) {
        requireOneEach(parameters.size(), factors.length);
        return changed(() -> SCRIPT.callForList("plus_signs", arrays, parameters, factors));
    }

    private Gradients changed(Supplier<NDList> change) {
        try (Autograd.Scope off = Autograd.withoutGradients()) {
            return new Gradients(manager.getParentManager(), change.get());
        }
    }

    private void requireOneEach(int parameters, int settings) {
        if (parameters != arrays.size() || settings != arrays.size()) {
            throw new IllegalArgumentException("expected a parameter and a setting for each of " + arrays.size()
                    + " gradients, got " + parameters + " and " + settings);
        }
    }

    /** Frees the arrays. */
    @Override
    public void close() {
        manager.close();
    }
}
