package djinn.tasks.exhibit;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import djinn.ops.PyTorch;
import djinn.ops.TorchScript;
import djinn.training.exhibit.Cloud;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A map of vectors: their two principal components, those directions in which they differ most (Pearson 1901). An axis is
 * turned so that what is farthest out on it is on the positive side.
 */
public final class PlaneMap {

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def components(x: Tensor) -> List[Tensor]:
              centred = torch.sub(x, torch.mean(x, [0], True))
              left, sizes, right = torch.linalg_svd(centred, False)
              return [torch.mul(left, sizes), torch.square(sizes)]
            """);

    private final List<float[]> vectors = new ArrayList<>();
    private final List<Name> names = new ArrayList<>();

    private record Name(String group, String name) {}

    /**
     * Adds a vector.
     *
     * @param vector finite, as long as all others
     * @param group what it belongs to; may be empty
     * @param name what it is of; may be empty
     */
    public void add(float[] vector, String group, String name) {
        vectors.add(vector);
        names.add(new Name(group, name));
    }

    /** Returns whether there are no vectors. */
    public boolean isEmpty() {
        return vectors.isEmpty();
    }

    /**
     * Returns the map.
     *
     * @param title what it is called
     * @param of what the vectors are, as the beginning of a sentence
     */
    public Cloud cloud(String title, String of) {
        double[][] places = new double[vectors.size()][2];
        double share = places(places);
        List<Cloud.Point> points = new ArrayList<>();
        for (int n = 0; n < places.length; n++) {
            points.add(new Cloud.Point(
                    places[n][0],
                    places[n][1],
                    names.get(n).group(),
                    names.get(n).name()));
        }
        return new Cloud(
                title,
                String.format(
                        Locale.ROOT,
                        "%s, brought to the plane by their two principal components (PCA), which hold %.1f %% of their"
                                + " variance",
                        of,
                        100 * share),
                points);
    }

    /** Writes where each vector is on the two axes; returns their share of the variance, 1 where there is none. */
    private double places(double[][] places) {
        if (vectors.isEmpty()) {
            return 1;
        }
        int width = vectors.get(0).length;
        double[] values = new double[vectors.size() * width];
        for (int n = 0; n < vectors.size(); n++) {
            for (int d = 0; d < width; d++) {
                values[n * width + d] = vectors.get(n)[d];
            }
        }
        try (NDManager owner = PyTorch.newManager()) {
            NDArray rows = owner.create(values, new Shape(vectors.size(), width));
            NDList found = SCRIPT.callForList("components", rows);
            double[] all = found.get(0).toDoubleArray();
            double[] variances = found.get(1).toDoubleArray();
            double held = 0;
            double sum = 0;
            for (int axis = 0; axis < variances.length; axis++) {
                sum += variances[axis];
                if (axis < 2) {
                    held += variances[axis];
                    write(all, axis, variances.length, places);
                }
            }
            return sum > 0 ? held / sum : 1;
        }
    }

    private static void write(double[] all, int axis, int axes, double[][] places) {
        double farthest = 0;
        for (int n = 0; n < places.length; n++) {
            double value = all[n * axes + axis];
            farthest = Math.abs(value) > Math.abs(farthest) ? value : farthest;
        }
        for (int n = 0; n < places.length; n++) {
            // 0 and not -0
            places[n][axis] = all[n * axes + axis] * Math.signum(farthest) + 0.0;
        }
    }
}
