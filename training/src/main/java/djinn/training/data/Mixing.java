package djinn.training.data;

import ai.djl.ndarray.types.Shape;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * How the batches of a training are mixed: by one of several ways, drawn for each batch, all equally likely.
 *
 * @param choices the ways; empty for none, and labels stay labels
 * @param classes K
 */
public record Mixing(List<BatchAugmentation> choices, int classes) {

    /** Leaves batches as they are. */
    public static final Mixing NONE = new Mixing(List.of(), 0);

    /** Copies the list. */
    public Mixing {
        choices = List.copyOf(choices);
    }

    /** Mixes a batch in place and returns its targets, (N, K); none where batches are left as they are. */
    float[] apply(FloatBuffer pixels, Shape shape, int[] labels, RandomGenerator random) {
        return choices.isEmpty()
                ? new float[0]
                : choices.get(random.nextInt(choices.size())).apply(pixels, shape, labels, classes, random);
    }
}
