package djinn.data;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/**
 * Batches of a size that is drawn for each (Redmon and Farhadi 2017, "YOLO9000", multi-scale training): the scenes of a
 * batch are resized together.
 */
public final class SceneSizes implements Collate<Scene, SceneBatch> {

    private final List<Preprocessing> models = new ArrayList<>();
    private final List<Collate<Scene, SceneBatch>> collates = new ArrayList<>();

    /**
     * What makes such batches, in memory that is used again.
     *
     * @param sizes heights and widths of which one is drawn; at least one
     * @param model what the model does to an image
     * @param multiple what heights and widths of batches are multiples of, at least 1
     * @throws IllegalArgumentException if there is no size, or one is not a multiple
     */
    public SceneSizes(List<Integer> sizes, Preprocessing model, int multiple) {
        if (sizes.isEmpty()) {
            throw new IllegalArgumentException("expected sizes to draw from, got none");
        }
        for (int size : sizes) {
            if (size < 1 || size % multiple != 0) {
                throw new IllegalArgumentException(
                        "expected sizes that are multiples of " + multiple + ", got " + size);
            }
            Preprocessing other = new Preprocessing(
                    size,
                    size,
                    model.channels(),
                    model.mean(),
                    model.std(),
                    Preprocessing.Fit.STRETCH,
                    1,
                    model.interpolation());
            models.add(other);
            collates.add(SceneBatch.collate(other, multiple));
        }
    }

    @Override
    public SceneBatch batch(Stream<Scene> examples, RandomGenerator random) {
        int drawn = random.nextInt(models.size());
        Preprocessing model = models.get(drawn);
        return collates.get(drawn).batch(examples.map(scene -> scene.changed(model.fitted(scene.image()))), random);
    }
}
