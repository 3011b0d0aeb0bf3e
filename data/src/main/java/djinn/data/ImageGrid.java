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
     * @throws IllegalArgumentException if there are no images, they differ, or the numbers are out of range
     */
    public static Pixels of(List<Pixels> images, int columns, int margin) {
        if (images.isEmpty() || columns < 1 || margin < 0) {
            throw new IllegalArgumentException("expected images, columns of at least 1 and a margin of at least 0, got "
                    + images.size() + " images, " + columns + " and " + margin);
        }
        Pixels first = images.get(0);
        int rows = (images.size() + columns - 1) / columns;
        int height = margin + rows * (first.height() + margin);
        int width = margin + columns * (first.width() + margin);
        int channels = first.channels();
        Pixels grid = new Pixels(
                height, width, channels, new byte[Math.multiplyExact(Math.multiplyExact(height, width), channels)]);
        for (int i = 0; i < images.size(); i++) {
            Pixels image = images.get(i);
            if (!image.toString().equals(first.toString())) {
                throw new IllegalArgumentException(
                        "expected images of one size, got " + first + " and, at " + i + ", " + image);
            }
            int top = margin + i / columns * (first.height() + margin);
            int left = margin + i % columns * (first.width() + margin);
            for (int y = 0; y < image.height(); y++) {
                int length = image.width() * channels;
                System.arraycopy(
                        image.values(), y * length, grid.values(), ((top + y) * width + left) * channels, length);
            }
        }
        return grid;
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
