package djinn.ops;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;

/**
 * Differentiation beyond DJL's {@link ai.djl.training.GradientCollector}: per thread, without a global lock, and to
 * any order.
 */
public final class Autograd {

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def grad(outputs: List[Tensor], inputs: List[Tensor], create_graph: bool) -> List[Tensor]:
              gs = torch.autograd.grad(outputs, inputs, None, True, create_graph, False)
              out = annotate(List[Tensor], [])
              for i in range(torch.len(gs)):
                g = gs[i]
                if g is not None:
                  out0 = torch.append(out, unchecked_cast(Tensor, g))
              return out
            """);

    private Autograd() {}

    /**
     * Adds the gradient of a scalar to the gradient of every array it depends on that requires one.
     *
     * @param target a scalar, or an array whose elements are summed
     */
    public static void backward(NDArray target) {
        try (NDArray one = target.onesLike()) {
            JniUtils.backward((PtNDArray) target, (PtNDArray) one, false, false);
        }
    }

    /**
     * Returns the gradients of scalars with respect to inputs, without touching anything's stored gradient.
     *
     * @param outputs scalars
     * @param inputs arrays that require a gradient and that every output depends on
     * @param createGraph whether the result can be differentiated again, as a gradient penalty needs
     * @return one gradient per input, of the input's shape, owned by the first output's manager
     * @throws ai.djl.engine.EngineException if an input takes no part in the outputs
     */
    public static NDList gradients(NDList outputs, NDList inputs, boolean createGraph) {
        return SCRIPT.callForList("grad", outputs, inputs, createGraph);
    }

    /**
     * Switches gradients off for the calling thread until the scope is closed.
     *
     * @return the scope, which restores the mode it found
     */
    public static Scope withoutGradients() {
        return new Scope(false);
    }

    /**
     * Switches gradients on for the calling thread until the scope is closed.
     *
     * @return the scope, which restores the mode it found
     */
    public static Scope withGradients() {
        return new Scope(true);
    }

    /** A stretch of code under one grad mode; to be closed by the thread that opened it. */
    public static final class Scope implements AutoCloseable {

        private final boolean before;

        private Scope(boolean recording) {
            before = JniUtils.isGradMode();
            JniUtils.setGradMode(recording);
        }

        @Override
        public void close() {
            JniUtils.setGradMode(before);
        }
    }
}
