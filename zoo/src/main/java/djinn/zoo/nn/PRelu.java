package djinn.zoo.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Parameter;
import ai.djl.training.initializer.ConstantInitializer;
import djinn.ops.TorchScript;

/**
 * x, or a x below zero with a learned (He et al. 2015); the shape stays.
 *
 * <p>State: {@code weight} (count); starts at 0.25.
 */
public final class PRelu extends ArrayBlock {

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
        def prelu(x: Tensor, weight: Tensor) -> Tensor:
          return torch.prelu(x, weight)
        """);

    private final Parameter weight;

    /**
     * A parametric ReLU.
     *
     * @param count 1 for one slope in all, or C of the input (N, C, ...) for one per channel
     */
    public PRelu(int count) {
        weight = parameter("weight", Parameter.Type.WEIGHT, new ConstantInitializer(.25f), count);
    }

    @Override
    public NDArray forward(NDArray x, Pass pass) {
        return SCRIPT.call("prelu", x, pass.value(weight, x));
    }
}
