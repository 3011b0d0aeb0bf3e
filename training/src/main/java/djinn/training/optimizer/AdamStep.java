package djinn.training.optimizer;

import ai.djl.ndarray.NDList;
import djinn.ops.TorchScript;
import java.util.List;

/** The step Adam and AdamW share; they differ in where the decay goes. */
final class AdamStep {

    private static final String BODY = """
            def NAME(params: List[Tensor], averages: List[Tensor], squares: List[Tensor], largest: List[Tensor], steps: List[Tensor], lr: float, beta1: float, beta2: float, eps: float, weight_decay: float) -> int:
              amsgrad = torch.gt(torch.len(largest), 0)
              ps = annotate(List[Tensor], [])
              gs = annotate(List[Tensor], [])
              ms = annotate(List[Tensor], [])
              vs = annotate(List[Tensor], [])
              xs = annotate(List[Tensor], [])
              ts = annotate(List[Tensor], [])
              for i in range(torch.len(params)):
                g = params[i].grad
                # the gradient of what took no part is undefined, and no float
                if torch.is_floating_point(g):
                  a0 = torch.append(ps, params[i])
                  a1 = torch.append(gs, g)
                  a2 = torch.append(ms, averages[i])
                  a3 = torch.append(vs, squares[i])
                  a4 = torch.append(ts, steps[i])
                  if amsgrad:
                    a5 = torch.append(xs, largest[i])
              if torch.gt(torch.len(ps), 0):
                torch._foreach_add_(ts, 1)
                torch._fused_NAME_(ps, gs, ms, vs, xs, ts, lr=lr, beta1=beta1, beta2=beta2, weight_decay=weight_decay, eps=eps, amsgrad=amsgrad, maximize=False, grad_scale=None, found_inf=None)
              # an effect nothing comes of would be dropped as dead code
              return torch.len(ps)
            """;

    private static final TorchScript SCRIPT =
            TorchScript.compileForProcess(BODY.replace("NAME", "adam") + "\n" + BODY.replace("NAME", "adamw"));

    private AdamStep() {}

    static List<String> slots(boolean amsgrad) {
        return amsgrad ? List.of("exp_avg", "exp_avg_sq", "max_exp_avg_sq") : List.of("exp_avg", "exp_avg_sq");
    }

    static void check(double lr, List<Double> betas, double eps, double weightDecay) {
        Ranges.atLeastZero("lr", lr);
        if (betas.size() != 2) {
            throw new IllegalArgumentException("expected two betas, got " + betas);
        }
        betas.forEach(beta -> Ranges.share("betas", beta));
        Ranges.atLeastZero("eps", eps);
        Ranges.atLeastZero("weight_decay", weightDecay);
    }

    static void apply(
            String function,
            NDList parameters,
            List<NDList> slots,
            NDList steps,
            double lr,
            List<Double> betas,
            double eps,
            double weightDecay) {
        NDList largest = slots.size() > 2 ? slots.get(2) : new NDList();
        SCRIPT.callForEffect(
                function,
                parameters,
                slots.get(0),
                slots.get(1),
                largest,
                steps,
                lr,
                betas.get(0),
                betas.get(1),
                eps,
                weightDecay);
    }
}
