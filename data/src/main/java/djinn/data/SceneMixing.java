package djinn.data;

import java.util.List;
import java.util.random.RandomGenerator;

/**
 * A random change of a training batch of scenes that puts several together. Equal states of the random generator give
 * equal batches.
 */
public sealed interface SceneMixing permits Mosaic, SceneMixup, CopyPaste {

    /**
     * Mixes the scenes of a batch.
     *
     * @param scenes of one size; left as they are
     * @param model what the model does to an image
     * @param random drawn from
     * @return as many, of that size, each with the origin of its own scene
     * @throws IllegalArgumentException if sizes or channels differ
     */
    List<Scene> mixed(List<Scene> scenes, Preprocessing model, RandomGenerator random);

    /**
     * Returns what mixes scenes and then makes a batch of them.
     *
     * @param mixings in order
     * @param model what the model does to an image
     * @param collate makes the batch
     * @param <B> what a batch is
     */
    static <B extends Batch> Collate<Scene, B> then(
            List<SceneMixing> mixings, Preprocessing model, Collate<Scene, B> collate) {
        List<SceneMixing> all = List.copyOf(mixings);
        if (all.isEmpty()) {
            return collate;
        }
        return (scenes, random) -> {
            List<Scene> mixed = scenes.toList();
            for (SceneMixing mixing : all) {
                mixed = mixing.mixed(mixed, model, random);
            }
            return collate.batch(mixed.stream(), random);
        };
    }

    /** Checks that scenes can be put together. */
    static void requireOneSize(List<Scene> scenes) {
        for (Scene scene : scenes) {
            Pixels first = scenes.get(0).image();
            Pixels image = scene.image();
            if (image.height() != first.height()
                    || image.width() != first.width()
                    || image.channels() != first.channels()) {
                throw new IllegalArgumentException("expected images of one size to mix, got " + first + " and " + image
                        + "; use a fit of crop, stretch or letterbox");
            }
        }
    }
}
