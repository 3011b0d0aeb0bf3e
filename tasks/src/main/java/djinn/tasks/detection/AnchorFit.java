package djinn.tasks.detection;

import djinn.data.detection.AnchorClusters;
import djinn.zoo.detection.Detector;
import djinn.zoo.detection.Yolo;
import java.util.List;
import java.util.Optional;

/**
 * Anchors that fit the boxes a recipe trains on, as the model sees them: at its size, before augmentation.
 *
 * @param boxes how many there are
 * @param images in how many images
 * @param own the model's anchors on those boxes; empty if it has none that a recipe sets
 * @param fitted what fits better
 */
public record AnchorFit(int boxes, int images, Optional<AnchorClusters> own, AnchorClusters fitted) {

    private static final int USUAL = 9;

    /**
     * Fits anchors. All training images are read.
     *
     * @param recipe names the data, and what is done to an image
     * @param count how many; empty for as many as the model has, or 9
     * @param seed decides where the search starts
     * @throws djinn.ops.DataException if an image cannot be read
     * @throws IllegalArgumentException if there are fewer different boxes than anchors, or the model's maps cannot have
     *     equally many
     */
    public static AnchorFit of(DetectionRecipe recipe, Optional<Integer> count, long seed) {
        DetectionTask task = recipe.newTask();
        Detector model = task.newModel();
        Optional<List<AnchorClusters.Shape>> anchors = model instanceof Yolo yolo
                ? Optional.of(yolo.shapes().sizes().stream()
                        .map(size -> new AnchorClusters.Shape(size.get(0), size.get(1)))
                        .toList())
                : Optional.empty();
        int wanted = count.orElse(anchors.map(List::size).orElse(USUAL));
        int maps = model instanceof Yolo yolo ? yolo.shapes().levels().size() : 1;
        if (wanted % maps != 0) {
            throw new IllegalArgumentException("expected a count of anchors that is a multiple of " + maps
                    + ", the maps of " + recipe.modelName() + ", got " + wanted);
        }
        List<AnchorClusters.Shape> boxes = task.trainingShapes();
        AnchorClusters fitted = AnchorClusters.fitted(boxes, wanted, seed);
        return new AnchorFit(
                boxes.size(), task.trainingImages(), anchors.map(shapes -> AnchorClusters.of(shapes, boxes)), fitted);
    }
}
