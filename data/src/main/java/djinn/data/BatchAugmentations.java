package djinn.data;

import java.util.List;
import java.util.random.RandomGenerator;

/**
 * How the batches of a training are mixed: by one of several ways, drawn for each batch, all equally likely.
 *
 * @param choices the ways; empty for none, and labels stay labels
 * @param classes K
 */
public record BatchAugmentations(List<BatchAugmentation> choices, int classes) {

    /** Leaves batches as they are. */
    public static final BatchAugmentations NONE = new BatchAugmentations(List.of(), 0);

    /** Copies the list. */
    public BatchAugmentations {
        choices = List.copyOf(choices);
    }

    /** Draws how a batch is mixed. */
    BatchChange draw(int height, int width, int[] labels, RandomGenerator random) {
        return choices.isEmpty()
                ? BatchChange.NONE
                : choices.get(random.nextInt(choices.size())).draw(height, width, labels, classes, random);
    }
}
