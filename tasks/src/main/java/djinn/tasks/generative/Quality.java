package djinn.tasks.generative;

import java.util.OptionalInt;

/**
 * Who judges made images, whenever held-out ones are looked at.
 *
 * @param classifier the folder of a run of the task classification, or its weights: images are compared by its features
 *     and seen by its classes
 * @param images how many are made and judged, at least 4; as many as there are held-out ones if left out
 */
public record Quality(String classifier, OptionalInt images) {

    /** Below it, no image has the three neighbours that precision and recall look for. */
    private static final int LEAST = 4;

    /** Checks the number. */
    public Quality {
        if (images.isPresent() && images.getAsInt() < LEAST) {
            throw new IllegalArgumentException("expected images of at least " + LEAST + ", got " + images.getAsInt());
        }
    }
}
