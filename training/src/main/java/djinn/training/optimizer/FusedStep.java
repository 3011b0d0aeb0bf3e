package djinn.training.optimizer;

import ai.djl.ndarray.NDList;
import djinn.ops.TorchScript;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A rule's step over many parameters as one function of the engine.
 *
 * <p>The rule writes the lines that do the work, over lists of equal length: {@code ps}, the parameters that have a
 * gradient, {@code gs}, their gradients, which it must not write to, and each slot under its own name, empty where the
 * rule's settings leave that slot out. The numbers are {@code lr}, {@code weight_decay} and the rule's settings. {@code
 * self.vector(xs)} makes a float64 vector of scalars, {@code self.each(v)} the scalars of a vector, {@code
 * self.norms(xs)} a vector of Euclidean norms.
 *
 * <p>Where a parameter is laid out channels last, it comes as (N, H, W, C), with its elements in the order of memory, and
 * so do its gradient and its slots: the fused operations copy what is not in order.
 */
final class FusedStep {

    /** Adds an L2 penalty to the gradients. */
    static final String L2 = """
        if torch.ne(weight_decay, 0.):
          gs = torch._foreach_add(gs, ps, alpha=weight_decay)
        """;

    /** Decay as {@code decoupled} says: off the parameters, or an L2 penalty. */
    static final String DECAY = """
        if torch.ne(weight_decay, 0.):
          if decoupled:
            torch._foreach_mul_(ps, torch.sub(1., torch.mul(lr, weight_decay)))
          else:
            gs = torch._foreach_add(gs, ps, alpha=weight_decay)
        """;

    /** Counts the step and moves Adam's averages. */
    static final String MOMENTS = """
        torch._foreach_add_(step, 1)
        t = self.vector(step)
        torch._foreach_lerp_(exp_avg, gs, torch.sub(1., beta1))
        torch._foreach_mul_(exp_avg_sq, beta2)
        torch._foreach_addcmul_(exp_avg_sq, gs, gs, torch.sub(1., beta2))
        correction1 = torch.rsub(torch.pow(beta1, t), 1)
        correction2 = torch.rsub(torch.pow(beta2, t), 1)
        """;

    private static final String COMMON = """
        def in_order(x: Tensor, like: Tensor) -> Tensor:
          y = x
          if torch.eq(torch.dim(like), 4):
            if torch.eq(torch.dim(x), 4):
              if not torch.is_contiguous(like):
                y = torch.permute(x, [0, 2, 3, 1])
          return y

        def vector(xs: List[Tensor]) -> Tensor:
          return torch.to(torch.stack(xs, 0), 7)

        def each(v: Tensor) -> List[Tensor]:
          return torch.unbind(torch.to(v, 6), 0)

        def norms(xs: List[Tensor]) -> Tensor:
          return self.vector(torch._foreach_norm(xs, 2))

        """;

    private final List<String> slots;
    private final TorchScript script;

    /**
     * Compiles a step for the life of the process.
     *
     * @param slots the names of all slots the lines may use
     * @param settings the rule's settings as TorchScript arguments, such as {@code "beta1: float, amsgrad: bool"}
     * @param lines what is done once there is a parameter with a gradient
     */
    FusedStep(List<String> slots, String settings, String lines) {
        this.slots = List.copyOf(slots);
        script = TorchScript.compileForProcess(COMMON + text(slots, settings, lines));
    }

    /**
     * Runs the step.
     *
     * @param arrays those of a group
     * @param numbers the learning rate, the weight decay and the settings
     */
    void run(GroupArrays arrays, Object... numbers) {
        List<Object> arguments = new ArrayList<>();
        arguments.add(arrays.parameters());
        arguments.add(arrays.gradients());
        slots.forEach(slot -> arguments.add(arrays.slots().getOrDefault(slot, new NDList())));
        arguments.addAll(List.of(numbers));
        script.callForEffect("step", arguments.toArray());
    }

    private static String text(List<String> slots, String settings, String lines) {
        return """
            def step(params: List[Tensor], grads: List[Tensor], %s, lr: float, weight_decay: float, %s) -> int:
              ps = annotate(List[Tensor], [])
              gs = annotate(List[Tensor], [])
            %s  for i in range(torch.len(params)):
                g = grads[i]
                # what stands for the gradient of a parameter that took no part is no float
                if torch.is_floating_point(g):
                  a0 = torch.append(ps, self.in_order(params[i], params[i]))
                  a1 = torch.append(gs, self.in_order(g, params[i]))
            %s  if torch.gt(torch.len(ps), 0):
            %s  # a write to elements of a list that nothing comes of would be dropped as dead code
              written = torch.len(ps)
            %s  return written
            """.formatted(
                slots.stream().map(slot -> "all_" + slot + ": List[Tensor]").collect(Collectors.joining(", ")),
                settings,
                forEach(slots, "SLOT = annotate(List[Tensor], [])\n").indent(2),
                forEach(slots, """
                    if torch.gt(torch.len(all_SLOT), 0):
                      a_SLOT = torch.append(SLOT, self.in_order(all_SLOT[i], params[i]))
                    """).indent(6),
                lines.indent(4),
                forEach(slots, "written = torch.add(written, torch.len(SLOT))\n")
                        .indent(2));
    }

    private static String forEach(List<String> slots, String line) {
        return slots.stream().map(slot -> line.replace("SLOT", slot)).collect(Collectors.joining());
    }
}
