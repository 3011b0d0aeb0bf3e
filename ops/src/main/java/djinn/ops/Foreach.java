package djinn.ops;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;

/**
 * Operations over many arrays at once, each a single call of the engine.
 *
 * <p>None of them is recorded for differentiation.
 */
public final class Foreach {

    // what writes returns a count: an effect nothing comes of may be dropped as dead code
    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def copy(targets: List[Tensor], sources: List[Tensor]) -> int:
              for i in range(torch.len(targets)):
                t = torch.copy_(targets[i], sources[i], False)
              return torch.len(targets)

            def lerp(targets: List[Tensor], sources: List[Tensor], weight: float) -> int:
              torch._foreach_lerp_(targets, sources, weight)
              return torch.len(targets)

            def norms(arrays: List[Tensor]) -> Tensor:
              all = annotate(List[Tensor], [])
              norms = torch._foreach_norm(arrays, 2)
              for i in range(torch.len(norms)):
                all0 = torch.append(all, torch.to(norms[i], 6))
              return torch.stack(all)
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
     * Returns the Euclidean norm of each array: finite only if all its elements are.
     *
     * @param arrays at least one, none of them empty
     * @return one per array, float32, owned by the first one's manager; infinite where a square overflows, too
     */
    public static NDArray norms(NDList arrays) {
        try (Autograd.Scope off = Autograd.withoutGradients()) {
            return SCRIPT.call("norms", arrays);
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
