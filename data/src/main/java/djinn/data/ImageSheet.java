package djinn.data;

import java.util.List;

/**
 * A picture of images of one size side by side, with a black margin around each, that is filled image by image: beside it
 * nothing is kept of them.
 */
public final class ImageSheet {

    /** Larger ones take long to open, and Java's memory to make: 150 MB of colours, twice. */
    private static final int MOST_PIXELS = 50_000_000;

    private final int count;
    private final int columns;
    private final int margin;
    private Pixels first;
    private Pixels picture;
    private int placed;

    /**
     * An empty sheet.
     *
     * @param count how many images it is for, at least 1
     * @param columns images in a row, at least 1
     * @param margin pixels around the images and between them
     * @throws IllegalArgumentException if the numbers are out of range
     */
    public ImageSheet(int count, int columns, int margin) {
        if (count < 1 || columns < 1 || margin < 0) {
            throw new IllegalArgumentException("expected images, columns of at least 1 and a margin of at least 0, got "
                    + count + " images, " + columns + " and " + margin);
        }
        this.count = count;
        this.columns = columns;
        this.margin = margin;
    }

    /**
     * Places an image: row by row, in a row from the left.
     *
     * @param image of the size and channels of those before
     * @throws IllegalArgumentException if it is of another, there is no place left, or so many images of its size make a
     *     picture of more than 50 million pixels
     */
    public void add(Pixels image) {
        if (picture == null) {
            first = image;
            picture = empty();
        }
        if (!image.toString().equals(first.toString())) {
            throw new IllegalArgumentException(
                    "expected images of one size, got " + first + " and, at " + placed + ", " + image);
        } else if (placed == count) {
            throw new IllegalArgumentException("expected " + count + " images, got another");
        }
        int top = margin + placed / columns * (first.height() + margin);
        int left = margin + placed % columns * (first.width() + margin);
        placed++;
        int length = image.width() * image.channels();
        for (int y = 0; y < image.height(); y++) {
            System.arraycopy(
                    image.values(),
                    y * length,
                    picture.values(),
                    ((top + y) * picture.width() + left) * image.channels(),
                    length);
        }
    }

    private Pixels empty() {
        List<Integer> size = require(count, columns, margin, first.height(), first.width());
        int channels = first.channels();
        return new Pixels(size.get(0), size.get(1), channels, new byte[size.get(0) * size.get(1) * channels]);
    }

    /**
     * Requires that a sheet of so many images is none too large, before there are any.
     *
     * @param count how many images
     * @param columns images in a row
     * @param margin pixels around the images and between them
     * @param height of an image
     * @param width of an image
     * @return height and width of the picture
     * @throws IllegalArgumentException if it would be of more than 50 million pixels
     */
    public static List<Integer> require(int count, int columns, int margin, int height, int width) {
        long rows = ((long) count + columns - 1) / columns;
        long down = margin + rows * (height + margin);
        long across = margin + (long) columns * (width + margin);
        if (down > MOST_PIXELS / across) {
            throw new IllegalArgumentException("expected a sheet of at most " + MOST_PIXELS + " pixels, got " + count
                    + " images of " + width + "x" + height + ", which make " + across + "x" + down
                    + "; take fewer, or a file for each");
        }
        return List.of((int) down, (int) across);
    }

    /**
     * Returns the picture, of {@code margin + rows (height + margin)} rows and as many columns in the same way; places
     * without an image are black.
     *
     * @throws IllegalStateException if there are no images
     */
    public Pixels picture() {
        if (picture == null) {
            throw new IllegalStateException("expected an image on the sheet, there is none");
        }
        return picture;
    }
}
