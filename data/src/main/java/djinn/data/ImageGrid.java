package djinn.data;

import djinn.ops.AtomicFile;
import java.nio.file.Path;
import java.util.List;

/** Images of one size side by side in one picture, with a black margin around each. */
public final class ImageGrid {

    private ImageGrid() {}

    /**
     * Lays images out row by row, from the top left.
     *
     * @param images of one size and number of channels; what they leave of the last row is black
     * @param columns images in a row
     * @param margin pixels around the images and between them
     * @return a picture of {@code margin + rows (height + margin)} rows and as many columns in the same way
     * @throws IllegalArgumentException as {@link ImageSheet}: if there are no images, they differ, or are too many
     */
    public static Pixels of(List<Pixels> images, int columns, int margin) {
        ImageSheet sheet = new ImageSheet(images.size(), columns, margin);
        images.forEach(sheet::add);
        return sheet.picture();
    }

    /**
     * Writes a picture as a PNG file.
     *
     * @param picture the picture
     * @param file its folder must exist
     * @throws djinn.ops.DataException if it cannot be written; what was there is then unchanged
     */
    public static void write(Pixels picture, Path file) {
        AtomicFile.writePng(file, picture.toBufferedImage());
    }
}
