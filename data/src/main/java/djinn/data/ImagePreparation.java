package djinn.data;

import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Brings images to a model's size and changes them at random; each change is drawn once and done to all of an example.
 *
 * @param model what the model does to an image
 * @param augmentations applied in order; a {@link RandomResizedCrop} must come first, and brings an image to the size by
 *     itself
 * @param <E> what an example is
 */
public record ImagePreparation<E extends ImageExample<E>>(Preprocessing model, List<Augmentation> augmentations)
        implements Preparation<E> {

    /**
     * Copies the list.
     *
     * @throws IllegalArgumentException if a resized crop follows another augmentation
     */
    public ImagePreparation {
        augmentations = List.copyOf(augmentations);
        RandomResizedCrop.requireFirst(augmentations);
    }

    @Override
    public E prepare(E read) {
        return RandomResizedCrop.leads(augmentations) ? read : read.changed(model.fitted(read.image()));
    }

    @Override
    public E change(E prepared, RandomGenerator random) {
        E changed = prepared;
        for (Augmentation augmentation : augmentations) {
            changed = changed.changed(augmentation.draw(changed, model, random));
        }
        return changed;
    }

    @Override
    public long bytes(E prepared) {
        return prepared.bytes();
    }
}
