package djinn.data;

import djinn.ops.DataException;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;

/**
 * The class of every pixel of an image, 0 to 254; 255 is a pixel whose class is unknown and which counts for nothing.
 *
 * <p>Treated as immutable: nothing in this package writes to the values of a map it was given.
 */
public final class LabelMap {

    /** The value of pixels that count for nothing. */
    public static final int IGNORED = 255;

    /** What the values of a mask file mean. */
    public enum Coding {
        /** The class itself: an index into the palette, or a grey level; 255 is ignored. */
        CLASSES,
        /** Class 1 wherever the mask is not 0: of black and white masks, and of numbered objects. */
        NONZERO,
        /** What a table of colours says. */
        COLOURS
    }

    private final int height;
    private final int width;
    private final byte[] values;

    /**
     * Creates a map over an array, which is kept and not copied.
     *
     * @param height rows, at least 1
     * @param width columns, at least 1
     * @param values height x width classes as unsigned bytes, row by row
     * @throws IllegalArgumentException if a size is less than 1, or the array has another length
     */
    public LabelMap(int height, int width, byte[] values) {
        if (height < 1 || width < 1) {
            throw new IllegalArgumentException(
                    "expected a height and a width of at least 1, got " + height + "x" + width);
        }
        long expected = (long) height * width;
        if (values.length != expected) {
            throw new IllegalArgumentException(
                    "expected " + expected + " values for " + height + "x" + width + ", got " + values.length);
        }
        this.height = height;
        this.width = width;
        this.values = values;
    }

    /**
     * Reads a mask.
     *
     * @param file a PNG file with a palette or grey levels of up to 8 bits; with {@link Coding#NONZERO} of any kind
     * @param coding what its values mean
     * @throws DataException if the file is missing, damaged, no PNG, or of colours where classes are expected
     * @throws IllegalArgumentException if it is a mask of colours, which takes a table of them
     */
    public static LabelMap read(Path file, Coding coding) {
        if (coding == Coding.COLOURS) {
            throw new IllegalArgumentException("expected a table of colours with masks of colours, got none");
        }
        String name = file.toString();
        BufferedImage image = decoded(file);
        Raster raster = image.getRaster();
        boolean wide = image.getSampleModel().getSampleSize(0) > 8;
        boolean indexed = image.getColorModel() instanceof IndexColorModel;
        // an alpha channel says nothing of the class
        int bands = indexed ? 1 : image.getColorModel().getNumColorComponents();
        if (coding == Coding.CLASSES && (bands > 1 || wide)) {
            throw new DataException(
                    name + ": expected a mask whose palette indices or grey levels are the classes, got "
                            + (bands > 1 ? "colours" : "16 bits a pixel")
                            + "; save it with a palette, take what is not 0 for class 1 (masks: nonzero), or say"
                            + " what colours mean (masks: colours)");
        }
        int height = raster.getHeight();
        int width = raster.getWidth();
        byte[] values = new byte[Math.multiplyExact(height, width)];
        int[] row = new int[width];
        for (int band = 0; band < bands; band++) {
            for (int y = 0; y < height; y++) {
                raster.getSamples(0, y, width, 1, band, row);
                for (int x = 0; x < width; x++) {
                    if (coding == Coding.CLASSES) {
                        values[y * width + x] = (byte) row[x];
                    } else if (row[x] != 0) {
                        values[y * width + x] = 1;
                    }
                }
            }
        }
        return new LabelMap(height, width, values);
    }

    /**
     * Reads a mask of colours.
     *
     * @param file a PNG file
     * @param colours which colour stands for which class
     * @throws DataException if the file is missing, damaged or no PNG, or has a colour that stands for nothing
     */
    public static LabelMap read(Path file, MaskColours colours) {
        return colours.labels(decoded(file), file.toString());
    }

    private static BufferedImage decoded(Path file) {
        String name = file.toString();
        byte[] contents = ImageFiles.bytesOf(file, "a mask");
        ImageFormat format =
                contents.length == 0 ? null : ImageFormat.of(contents, name).orElse(null);
        if (!(format instanceof Png)) {
            throw new DataException(name + ": expected a mask as PNG, got "
                    + (format == null
                            ? "no image"
                            : "a " + format.getClass().getSimpleName().toUpperCase(Locale.ROOT) + " image")
                    + "; save it as a PNG with a palette or grey levels");
        }
        format.check();
        return Decoder.of("png").image(format.contents(), name);
    }

    /** Returns the number of rows. */
    public int height() {
        return height;
    }

    /** Returns the number of columns. */
    public int width() {
        return width;
    }

    /** Returns the classes as unsigned bytes, row by row: the map's own array, not to be written to. */
    public byte[] values() {
        return values;
    }

    /** Returns the class of a pixel, or {@link #IGNORED}. */
    public int at(int y, int x) {
        return values[y * width + x] & 0xFF;
    }

    /** Returns how many pixels have each of the values 0 to 255. */
    public long[] counts() {
        long[] counts = new long[256];
        for (byte value : values) {
            counts[value & 0xFF]++;
        }
        return counts;
    }

    /**
     * Returns the map as it looks after its image was moved: every pixel takes the class of the one that its centre comes
     * from.
     *
     * @param geometry of the map's size
     * @return a map of the size that it leads to, {@link #IGNORED} where there is nothing; this one if nothing moves
     * @throws IllegalArgumentException if the geometry is of another size
     */
    public LabelMap moved(Geometry geometry) {
        if (geometry.fromHeight() != height || geometry.fromWidth() != width) {
            throw new IllegalArgumentException("expected a geometry of the label map's " + height + "x" + width
                    + ", got one of " + geometry.fromHeight() + "x" + geometry.fromWidth());
        }
        if (geometry.isNone()) {
            return this;
        }
        byte[] to = new byte[Math.multiplyExact(geometry.height(), geometry.width())];
        int at = 0;
        for (int y = 0; y < geometry.height(); y++) {
            for (int x = 0; x < geometry.width(); x++) {
                double centreX = x + 0.5;
                double centreY = y + 0.5;
                double fromX = geometry.xx() * centreX + geometry.xy() * centreY + geometry.x0();
                double fromY = geometry.yx() * centreX + geometry.yy() * centreY + geometry.y0();
                boolean inside = fromX >= 0 && fromX < width && fromY >= 0 && fromY < height;
                int row = (int) fromY;
                int column = (int) fromX;
                to[at++] = inside ? values[row * width + column] : (byte) IGNORED;
            }
        }
        return new LabelMap(geometry.height(), geometry.width(), to);
    }

    /** Returns the map in another size, as Pillow's nearest filter gives it. */
    public LabelMap resized(int newHeight, int newWidth) {
        Pixels pixels = new Pixels(height, width, 1, values);
        return new LabelMap(
                newHeight,
                newWidth,
                Resampling.resize(pixels, newHeight, newWidth, Interpolation.NEAREST)
                        .values());
    }

    /** Returns the map as an image with a palette whose indices are the classes, in {@link LabelColours}. */
    public BufferedImage toBufferedImage() {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_BYTE_INDEXED, LabelColours.palette());
        image.getRaster().setDataElements(0, 0, width, height, values);
        return image;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof LabelMap that
                && height == that.height
                && width == that.width
                && Arrays.equals(values, that.values);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * height + width) + Arrays.hashCode(values);
    }

    @Override
    public String toString() {
        return "LabelMap[" + height + "x" + width + "]";
    }
}
