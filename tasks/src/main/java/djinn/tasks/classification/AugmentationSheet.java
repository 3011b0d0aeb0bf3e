package djinn.tasks.classification;

import djinn.data.ContactSheet;
import djinn.data.Dataset;
import djinn.data.ImageFiles;
import djinn.data.Pixels;
import djinn.data.Preprocessing;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What a recipe's augmentations make of an image.
 *
 * @param image what the image is called
 * @param picture a {@link ContactSheet}
 */
public record AugmentationSheet(String image, BufferedImage picture) {

    /**
     * Draws a sheet.
     *
     * @param recipe the augmentations, and what the model does to an image
     * @param photo an image file; without one, the first training image of the recipe's data is taken
     * @param rows draws of each augmentation, at least 1
     * @param seed decides the draws
     * @return the sheet
     * @throws IllegalArgumentException if the recipe has no augmentations or there are no rows
     * @throws djinn.ops.DataException if the image cannot be read
     */
    public static AugmentationSheet of(ClassificationRecipe recipe, Optional<Path> photo, int rows, long seed) {
        if (recipe.data().augment().isEmpty()) {
            throw new IllegalArgumentException(
                    "expected data.augment, a list of augmentations to show, but the recipe has none");
        }
        Preprocessing preprocessing = ClassificationTask.preprocessing(recipe);
        int channels = preprocessing.channels();
        String name;
        Pixels image;
        if (photo.isPresent()) {
            name = photo.get().toString();
            image = ImageFiles.read(photo.get(), channels);
        } else {
            Dataset images = ClassificationTask.of(recipe).splits().train();
            name = images.name(0);
            image = images.image(0, channels);
        }
        return new AugmentationSheet(
                name, ContactSheet.of(image, preprocessing, recipe.data().augment(), rows, seed));
    }
}
