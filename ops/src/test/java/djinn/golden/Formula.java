package djinn.golden;

import static java.nio.charset.StandardCharsets.UTF_8;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;

/** Weights and inputs that both sides compute rather than store: splitmix64 seeded by the tensor's name. */
public final class Formula {

    private Formula() {}

    /** The element's value in [0, 1). */
    public static double unit(String saltedName, long index) {
        return unit(fnv1a64(saltedName), index);
    }

    private static double unit(long hash, long index) {
        long z = hash + (index + 1) * 0x9E3779B97F4A7C15L;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        z ^= z >>> 31;
        return (z >>> 40) / (double) (1L << 24);
    }

    /** A parameter or running statistic, its range chosen by the last part of its name and its dimensions. */
    public static NDArray weight(NDManager manager, String salt, String name, Shape shape) {
        String leaf = name.substring(name.lastIndexOf('.') + 1);
        boolean matrix = shape.dimension() >= 2;
        double bound = matrix ? Math.sqrt(6 / ((double) shape.size() / shape.get(0))) : 0;
        boolean positive = leaf.equals("running_var") || (!matrix && leaf.equals("weight"));
        long hash = fnv1a64(salt + name);
        float[] values = new float[Math.toIntExact(shape.size())];
        for (int i = 0; i < values.length; i++) {
            double u = unit(hash, i);
            values[i] = (float) (positive ? 0.5 + u : (matrix ? (2 * u - 1) * bound : 0.2 * (u - 0.5)));
        }
        return manager.create(values, shape);
    }

    /** An input in [-1, 1). */
    public static NDArray input(NDManager manager, String name, Shape shape) {
        long hash = fnv1a64(name);
        float[] values = new float[Math.toIntExact(shape.size())];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (2 * unit(hash, i) - 1);
        }
        return manager.create(values, shape);
    }

    private static long fnv1a64(String text) {
        long hash = 0xcbf29ce484222325L;
        for (byte b : text.getBytes(UTF_8)) {
            hash = (hash ^ (b & 0xff)) * 0x100000001b3L;
        }
        return hash;
    }
}
