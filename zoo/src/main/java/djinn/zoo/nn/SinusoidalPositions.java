package djinn.zoo.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;

/**
 * Adds waves of the position to a sequence (Vaswani et al. 2017, section 3.5): sin(p / 10000^(2i/d)) at the even places
 * 2i, the cosine at the odd ones behind them; (N, L, d), the shape stays. No state.
 */
public final class SinusoidalPositions extends ArrayBlock {

    @Override
    public NDArray forward(NDArray x, Pass pass) {
        Shape shape = x.getShape();
        if (shape.dimension() != 3) {
            throw new IllegalArgumentException("expected a sequence (N, L, d), got " + shape);
        }
        try (NDManager scope = x.getManager().newSubManager()) {
            NDArray table = table(scope, Math.toIntExact(shape.get(1)), Math.toIntExact(shape.get(2)));
            return x.add(table.toDevice(x.getDevice(), false).toType(x.getDataType(), false));
        }
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
            double frequency = Math.pow(10000, -(i - i % 2) / (double) width);
            for (int p = 0; p < length; p++) {
                double angle = p * frequency;
                values[p * width + i] = (float) (i % 2 == 0 ? Math.sin(angle) : Math.cos(angle));
            }
        }
        return manager.create(values, new Shape(length, width));
    }
}
