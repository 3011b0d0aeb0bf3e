package djinn.training.optimizer;

import ai.djl.ndarray.NDList;
import djinn.ops.Default;
import djinn.ops.TorchScript;
import java.util.List;

/**
 * Stochastic gradient descent, as {@code torch.optim.SGD} without dampening (Sutskever et al. 2013).
 *
 * <p>{@code g += weightDecay p; b = momentum b + g; p -= lr (nesterov ? g + momentum b : b)}. The learning rate is not
 * part of the buffer b, so that a schedule acts at once.
 *
 * @param lr learning rate, at least 0
 * @param momentum share of the buffer kept, from 0 to below 1
 * @param nesterov whether to look ahead along the buffer; needs momentum
 * @param weightDecay the L2 penalty's factor, at least 0
 */
public record Sgd(
        double lr,
        @Default("0") double momentum,
        @Default("false") boolean nesterov,
        @Default("0") double weightDecay) implements OptimizerRule {

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def sgd(params: List[Tensor], buffers: List[Tensor], lr: float, momentum: float, nesterov: bool, weight_decay: float) -> int:
              ps = annotate(List[Tensor], [])
              gs = annotate(List[Tensor], [])
              bs = annotate(List[Tensor], [])
              for i in range(torch.len(params)):
                g = params[i].grad
                # the gradient of what took no part is undefined, and no float
                if torch.is_floating_point(g):
                  a0 = torch.append(ps, params[i])
                  a1 = torch.append(gs, g)
                  if torch.gt(torch.len(buffers), 0):
                    a2 = torch.append(bs, buffers[i])
              if torch.gt(torch.len(ps), 0):
                torch._fused_sgd_(ps, gs, bs, weight_decay=weight_decay, momentum=momentum, lr=lr, dampening=0., nesterov=nesterov, maximize=False, is_first_step=False, grad_scale=None, found_inf=None)
              # an effect nothing comes of would be dropped as dead code
              return torch.len(ps)
            """);

    /** Checks the ranges. */
    public Sgd {
        Ranges.atLeastZero("lr", lr);
        Ranges.share("momentum", momentum);
        Ranges.atLeastZero("weight_decay", weightDecay);
        if (nesterov && momentum == 0) {
            throw new IllegalArgumentException("expected momentum above 0 with nesterov, got 0");
        }
    }

    @Override
    public List<String> slots() {
        return momentum == 0 ? List.of() : List.of("momentum_buffer");
    }

    @Override
    public boolean countsSteps() {
        return false;
    }

    @Override
    public void update(NDList parameters, List<NDList> slots, NDList steps, double stepLr) {
        NDList buffers = slots.isEmpty() ? new NDList() : slots.get(0);
        SCRIPT.callForEffect("sgd", parameters, buffers, stepLr, momentum, nesterov, weightDecay);
    }
}
