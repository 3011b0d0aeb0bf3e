package djinn.data;

import java.nio.file.Path;
import java.util.Optional;

/** A recipe whose augmentations can be drawn: an optional part of a task, for {@code djinn augment}. */
public interface AugmentationDrawing {

    /**
     * Draws a sheet.
     *
     * @param photo an image file, of which nothing else is known, and the recipe's data is not looked at; without one, the
     *     first training image is taken, with what is told of it
     * @param rows draws of each augmentation, at least 1
     * @param seed decides the draws
     * @return the sheet
     * @throws IllegalArgumentException if the recipe has no augmentations or there are no rows
     * @throws djinn.ops.DataException if the image cannot be read
     */
    AugmentationSheet augmentationSheet(Optional<Path> photo, int rows, long seed);
}
