package djinn.data;

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

    /** Draws how a batch is mixed. */
    Mixture draw(int height, int width, int[] labels, RandomGenerator random) {
        return choices.isEmpty()
                ? Mixture.NONE
                : choices.get(random.nextInt(choices.size())).draw(height, width, labels, classes, random);
    }
}
