package djinn.training.optimizer;

import java.util.List;

/** The step Adam and AdamW share; they differ in where the decay goes. */
final class AdamStep {

    /** The L2 penalty is part of the gradient. */
    static final FusedStep ADAM = step("adam");

    /** The decay is taken off the parameter. */
    static final FusedStep ADAMW = step("adamw");

    private AdamStep() {}

    static List<Slot> slots(boolean amsgrad) {
        return amsgrad
                ? List.of(Slot.zeros("exp_avg"), Slot.zeros("exp_avg_sq"), Slot.zeros("max_exp_avg_sq"), Slot.steps())
                : List.of(Slot.zeros("exp_avg"), Slot.zeros("exp_avg_sq"), Slot.steps());
    }

    private static FusedStep step(String name) {
        return new FusedStep(
                List.of("exp_avg", "exp_avg_sq", "max_exp_avg_sq", "step"),
                "beta1: float, beta2: float, eps: float, amsgrad: bool",
                """
                torch._foreach_add_(step, 1)
                torch._fused_NAME_(ps, gs, exp_avg, exp_avg_sq, max_exp_avg_sq, step, lr=lr, beta1=beta1, beta2=beta2, weight_decay=weight_decay, eps=eps, amsgrad=amsgrad, maximize=False, grad_scale=None, found_inf=None)
                """.replace("NAME", name));
    }
}
