package djinn.tasks.detection;

import djinn.data.AugmentationSheet;
import djinn.data.ContactSheet;
import djinn.data.ImageFiles;
import djinn.data.ImageObjects;
import djinn.data.Pixels;
import djinn.data.Preprocessing;
import djinn.data.Scene;
import djinn.data.SceneDrawing;
import djinn.data.SceneMixing;
import djinn.data.detection.SceneLoader;
import djinn.data.detection.SceneSplits;
import djinn.ops.Randomness;
import djinn.zoo.detection.Detectors;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * Draws what a recipe's augmentations make of images and their objects.
 *
 * @param data the recipe's keys
 * @param shape what is done to every image
 * @param rows draws of each augmentation, at least 1
 * @param seed decides the draws
 */
record AugmentedScenes(DetectionRecipe.Data data, Preprocessing shape, int rows, long seed) {

    private static final int DRAWN = 256;
    private static final int LEAST_MIXED = 8;

    /**
     * Draws an image of which no object is known; no data is looked at.
     *
     * @param recipe the recipe
     * @param photo the image's file
     * @param rows draws of each augmentation, at least 1
     * @param seed decides the draws
     */
    static AugmentationSheet ofPhoto(DetectionRecipe recipe, Path photo, int rows, long seed) {
        DetectionRecipe.Data data = recipe.data();
        Preprocessing shape =
                data.preprocessing(Detectors.named(recipe.model().name()).size());
        Pixels image = ImageFiles.read(photo, shape.channels());
        Scene scene = new Scene(image, new ImageObjects(image.height(), image.width(), List.of(), 0));
        return new AugmentedScenes(data, shape, rows, seed)
                .sheet(scene, photo.toString(), List.of(), List.of(), List.of());
    }

    /**
     * Draws the first training image, and what mixings make of the first few.
     *
     * @param splits the data
     * @param loader reads the images to learn from, changed at random
     */
    AugmentationSheet ofData(SceneSplits splits, SceneLoader loader) {
        int mixed = Math.min(Math.max(rows, LEAST_MIXED), splits.train().size());
        List<Scene> others = data.mix().isEmpty()
                ? List.of()
                : IntStream.range(0, mixed)
                        .mapToObj(i -> loader.load(i, seed, 0))
                        .flatMap(Optional::stream)
                        .toList();
        return sheet(splits.train().example(0), splits.train().name(0), splits.classes(), data.mix(), others);
    }

    private AugmentationSheet sheet(
            Scene first, String name, List<String> classes, List<SceneMixing> mix, List<Scene> others) {
        Function<Scene, BufferedImage> drawing = scene -> SceneDrawing.of(scene, classes, DRAWN, DRAWN);
        List<ContactSheet.Column> columns =
                new ArrayList<>(ContactSheet.columns(first, shape, data.augment(), rows, seed, drawing));
        for (SceneMixing mixing : mix) {
            RandomGenerator random = new SplittableRandom(Randomness.mix(seed, columns.size()));
            columns.add(ContactSheet.Column.of(
                    (Record) mixing,
                    mixing.mixed(others, shape, random).stream()
                            .limit(rows)
                            .map(drawing)
                            .toList()));
        }
        return new AugmentationSheet(
                name, data.augment().size() + mix.size(), ContactSheet.of(columns, shape, rows, DRAWN));
    }
}
