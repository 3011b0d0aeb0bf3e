package djinn.losses.detection;

import ai.djl.ndarray.NDArray;
import djinn.ops.Autograd;
import djinn.ops.TorchScript;

/**
 * Chooses at random some boxes with an object and some of the background (Ren et al. 2015, section 3.1.3), as
 * torchvision's {@code BalancedPositiveNegativeSampler}. It draws from the engine's generator, which training seeds from
 * (seed, step) before each.
 *
 * @param most how many are chosen in all, fewer where there are no more
 * @param positives the largest share of those with an object; background takes the rest
 */
public record BalancedSampler(int most, double positives) {

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def some(rows: Tensor, most: int) -> Tensor:
              order = torch.argsort(torch.rand_like(torch.to(rows, 6)))
              return torch.slice(torch.index_select(rows, 0, order), 0, 0, most)

            def sample(matched: Tensor, most: int, positives: int) -> Tensor:
              objects = self.some(torch.flatten(torch.nonzero(torch.ge(matched, 0))), positives)
              left = torch.sub(most, torch.size(objects, 0))
              background = self.some(torch.flatten(torch.nonzero(torch.eq(matched, -1))), left)
              return torch.cat([objects, background])
            """);

    /** Checks the counts. */
    public BalancedSampler {
        if (most < 1 || !(positives >= 0 && positives <= 1)) {
            throw new IllegalArgumentException(
                    "expected at least one sample and a share of objects in [0, 1], got " + most + " and " + positives);
        }
    }

    /**
     * Samples, under no gradients.
     *
     * @param matched (A) int64 as {@link Matcher} gives it
     * @return (S) int64: rows, those with an object first
     */
    public NDArray sample(NDArray matched) {
        try (Autograd.Scope off = Autograd.withoutGradients()) {
            return SCRIPT.call("sample", matched, most, (int) (most * positives));
        }
    }
}
