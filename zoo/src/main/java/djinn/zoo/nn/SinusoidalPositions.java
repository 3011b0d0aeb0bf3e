package djinn.zoo.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import djinn.ops.TorchScript;

/**
 * Adds waves of the position to a sequence (Vaswani et al. 2017, section 3.5): sin(p / 10000^(2i/d)) at the even places
 * 2i, the cosine at the odd ones behind them; (N, L, d), the shape stays. No state.
 */
public final class SinusoidalPositions extends ArrayBlock {

    /** Defines {@code self.waves(x, frequencies, before)}: x (N, L, d) and the waves of L positions behind others. */
    public static final String TEXT = """
            def waves(x: Tensor, frequencies: Tensor, before: int) -> Tensor:
              p = torch.add(torch.arange(torch.size(x, 1), dtype=7, device=ops.prim.device(x)), before)
              angles = torch.mul(torch.unsqueeze(p, 1), torch.unsqueeze(frequencies, 0))
              table = torch.flatten(torch.stack([torch.sin(angles), torch.cos(angles)], 2), 1)
              return torch.add(x, torch.type_as(torch.slice(table, 1, 0, torch.size(x, 2)), x))
            """;

    private static final TorchScript SCRIPT = TorchScript.compileForProcess(TEXT);

    @Override
    public NDArray forward(NDArray x, Pass pass) {
        return forward(x, 0);
    }

    /**
     * Goes on with a sequence.
     *
     * @param x (N, L, d)
     * @param before how many positions are before it
     * @return (N, L, d)
     */
    public NDArray forward(NDArray x, long before) {
        Shape shape = x.getShape();
        if (shape.dimension() != 3) {
            throw new IllegalArgumentException("expected a sequence (N, L, d), got " + shape);
        }
        int width = Math.toIntExact(shape.get(2));
        return SCRIPT.call("waves", x, frequencies(x.getManager(), width), before);
    }

    /**
     * Computes how fast the waves go round.
     *
     * @param manager owns the result
     * @param width d
     * @return radians a position, float64, (d / 2) rounded up
     */
    public static NDArray frequencies(NDManager manager, int width) {
        double[] frequencies = new double[(width + 1) / 2];
        for (int i = 0; i < frequencies.length; i++) {
            frequencies[i] = frequency(2 * i, width);
        }
        return manager.create(frequencies);
    }

    private static double frequency(int even, int width) {
        return Math.pow(10000, -even / (double) width);
    }

    /**
     * Computes the waves.
     *
     * @param manager owns the result
     * @param length the number of positions L
     * @param width d
     * @return (L, d)
     */
    public static NDArray table(NDManager manager, int length, int width) {
        float[] values = new float[length * width];
        for (int i = 0; i < width; i++) {
            double frequency = frequency(i - i % 2, width);
            for (int p = 0; p < length; p++) {
                double angle = p * frequency;
                values[p * width + i] = (float) (i % 2 == 0 ? Math.sin(angle) : Math.cos(angle));
            }
        }
        return manager.create(values, new Shape(length, width));
    }
}
