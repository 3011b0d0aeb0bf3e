package djinn.zoo.language;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import djinn.ops.TorchScript;
import java.util.List;

/** States of recurrent layers, (layers, N, hidden), with the sequences first, as a {@link TokenDecoder} has them. */
final class RecurrentState {

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def swap(x: Tensor) -> Tensor:
              return torch.contiguous(torch.transpose(x, 0, 1))
            """);

    private RecurrentState() {}

    /** Brings the other of the first two axes to the front. */
    static NDList swapped(List<NDArray> states) {
        NDList swapped = new NDList();
        states.forEach(state -> swapped.add(SCRIPT.call("swap", state)));
        return swapped;
    }
}
