package djinn.data;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.DataBufferByte;
import java.awt.image.PixelInterleavedSampleModel;
import java.awt.image.Raster;
import java.util.Arrays;

/**
 * An image of unsigned bytes, grey or RGB, its rows from top to bottom and the channels of a pixel side by side.
 *
 * <p>Treated as immutable: nothing in this package writes to the values of an image it was given.
 */
public final class Pixels {

    private final int height;
    private final int width;
    private final int channels;
    private final byte[] values;

    /**
     * Creates an image over an array, which is kept and not copied.
     *
     * @param height rows, at least 1
     * @param width columns, at least 1
     * @param channels 1 (grey) or 3 (red, green, blue)
     * @param values height x width x channels unsigned bytes
     * @throws IllegalArgumentException if the sizes are out of range, or the array has another length
     */
    public Pixels(int height, int width, int channels, byte[] values) {
        if (height < 1 || width < 1) {
            throw new IllegalArgumentException(
                    "expected a height and a width of at least 1, got " + height + "x" + width);
        }
        checkChannels(channels);
        long expected = (long) height * width * channels;
        if (values.length != expected) {
            throw new IllegalArgumentException("expected " + expected + " values for " + height + "x" + width + "x"
                    + channels + ", got " + values.length);
        }
        this.height = height;
        this.width = width;
        this.channels = channels;
        this.values = values;
    }

    /**
     * Takes over the stored values of an image, as Pillow's {@code convert("RGB")} and {@code convert("L")} do.
     *
     * <p>A colour profile is ignored, an alpha channel is dropped without compositing, of 16 bits the upper 8 are kept;
     * four inks, 0 for none, become the colour that they leave of white.
     *
     * @param image any image
     * @param channels 1 (grey) or 3 (red, green, blue)
     * @throws IllegalArgumentException if the number of channels is neither 1 nor 3
     */
    public static Pixels of(BufferedImage image, int channels) {
        checkChannels(channels);
        ColorModel model = image.getColorModel();
        int type = model.getColorSpace().getType();
        boolean stored = model instanceof ComponentColorModel
                && !model.isAlphaPremultiplied()
                && (type == ColorSpace.TYPE_GRAY || type == ColorSpace.TYPE_RGB)
                && (isOf(model, 8, DataBuffer.TYPE_BYTE) || isOf(model, 16, DataBuffer.TYPE_USHORT));
        if (type == ColorSpace.TYPE_CMYK && isOf(model, 8, DataBuffer.TYPE_BYTE)) {
            return ofInks(image.getRaster()).withChannels(channels);
        }
        return (stored ? ofRaster(image.getRaster(), model.getNumColorComponents()) : ofColours(image))
                .withChannels(channels);
    }

    private static boolean isOf(ColorModel model, int bits, int transferType) {
        return model.getTransferType() == transferType && model.getComponentSize(0) == bits;
    }

    /** Reads the raster itself: getRGB would put grey, taken for linear, through the gamma of sRGB. */
    private static Pixels ofRaster(Raster raster, int channels) {
        int height = raster.getHeight();
        int width = raster.getWidth();
        int bands = raster.getNumBands();
        byte[] values = new byte[Math.multiplyExact(Math.multiplyExact(height, width), channels)];
        if (raster.getDataBuffer() instanceof DataBufferByte buffer
                && raster.getSampleModel() instanceof PixelInterleavedSampleModel model) {
            ofBytes(raster, buffer, model, channels, values);
            return new Pixels(height, width, channels, values);
        }
        Object row = null;
        int to = 0;
        for (int y = 0; y < height; y++) {
            row = raster.getDataElements(raster.getMinX(), raster.getMinY() + y, width, 1, row);
            if (row instanceof short[] wide) {
                for (int x = 0; x < width; x++) {
                    for (int c = 0; c < channels; c++) {
                        values[to++] = (byte) (wide[x * bands + c] >> 8);
                    }
                }
            } else if (bands == channels) {
                System.arraycopy(row, 0, values, to, width * channels);
                to += width * channels;
            } else {
                byte[] narrow = (byte[]) row;
                for (int x = 0; x < width; x++) {
                    for (int c = 0; c < channels; c++) {
                        values[to++] = narrow[x * bands + c];
                    }
                }
            }
        }
        return new Pixels(height, width, channels, values);
    }

    /** What decoders make of most files, in whatever order of its channels: nothing to ask row by row. */
    private static void ofBytes(
            Raster raster, DataBufferByte buffer, PixelInterleavedSampleModel model, int channels, byte[] values) {
        byte[] from = buffer.getData();
        int[] offsets = model.getBandOffsets();
        int start = buffer.getOffset()
                + (raster.getMinY() - raster.getSampleModelTranslateY()) * model.getScanlineStride()
                + (raster.getMinX() - raster.getSampleModelTranslateX()) * model.getPixelStride();
        for (int y = 0; y < raster.getHeight(); y++) {
            int row = start + y * model.getScanlineStride();
            int to = y * raster.getWidth() * channels;
            if (channels == 3) {
                colours(from, row, model.getPixelStride(), offsets, values, to, raster.getWidth());
            } else {
                for (int x = 0; x < raster.getWidth(); x++) {
                    values[to + x] = from[row + x * model.getPixelStride() + offsets[0]];
                }
            }
        }
    }

    private static void colours(byte[] from, int row, int stride, int[] offsets, byte[] to, int start, int width) {
        int red = offsets[0];
        int green = offsets[1];
        int blue = offsets[2];
        if (stride == 3 && red == 0 && green == 1 && blue == 2) {
            System.arraycopy(from, row, to, start, 3 * width);
            return;
        }
        int pixel = row;
        for (int at = start; at < start + 3 * width; at += 3) {
            to[at] = from[pixel + red];
            to[at + 1] = from[pixel + green];
            to[at + 2] = from[pixel + blue];
            pixel += stride;
        }
    }

    private static Pixels ofColours(BufferedImage image) {
        int height = image.getHeight();
        int width = image.getWidth();
        byte[] values = new byte[Math.multiplyExact(Math.multiplyExact(height, width), 3)];
        int[] row = new int[width];
        int to = 0;
        for (int y = 0; y < height; y++) {
            image.getRGB(0, y, width, 1, row, 0, width);
            for (int argb : row) {
                values[to++] = (byte) (argb >> 16);
                values[to++] = (byte) (argb >> 8);
                values[to++] = (byte) argb;
            }
        }
        return new Pixels(height, width, 3, values);
    }

    /** As Pillow: each ink takes its share of what black leaves of white. */
    private static Pixels ofInks(Raster raster) {
        int height = raster.getHeight();
        int width = raster.getWidth();
        byte[] values = new byte[Math.multiplyExact(Math.multiplyExact(height, width), 3)];
        int[] row = new int[Math.multiplyExact(width, raster.getNumBands())];
        int to = 0;
        for (int y = 0; y < height; y++) {
            raster.getPixels(raster.getMinX(), raster.getMinY() + y, width, 1, row);
            for (int x = 0; x < width; x++) {
                int pixel = x * raster.getNumBands();
                int left = 255 - row[pixel + 3];
                for (int ink = 0; ink < 3; ink++) {
                    int product = row[pixel + ink] * left + 128;
                    values[to++] = (byte) (left - (((product >> 8) + product) >> 8));
                }
            }
        }
        return new Pixels(height, width, 3, values);
    }

    private static void checkChannels(int channels) {
        if (channels != 1 && channels != 3) {
            throw new IllegalArgumentException("expected 1 or 3 channels, got " + channels);
        }
    }

    /** Returns the number of rows. */
    public int height() {
        return height;
    }

    /** Returns the number of columns. */
    public int width() {
        return width;
    }

    /** Returns 1 (grey) or 3 (red, green, blue). */
    public int channels() {
        return channels;
    }

    /** Returns the unsigned bytes themselves, not a copy: row by row, in a row pixel by pixel, channels innermost. */
    public byte[] values() {
        return values;
    }

    /**
     * Returns one value, 0 to 255.
     *
     * @param y row from the top
     * @param x column from the left
     * @param c channel
     * @throws IndexOutOfBoundsException if there is no such row, column or channel
     */
    public int value(int y, int x, int c) {
        if (y < 0 || y >= height || x < 0 || x >= width || c < 0 || c >= channels) {
            throw new IndexOutOfBoundsException("expected an index within " + height + "x" + width + "x" + channels
                    + ", got " + y + ", " + x + ", " + c);
        }
        return values[(y * width + x) * channels + c] & 0xFF;
    }

    /**
     * Returns the image with that many channels, itself where it has them already.
     *
     * <p>Grey is repeated; RGB becomes luma (ITU-R BT.601) in the fixed point of Pillow's {@code convert("L")}.
     *
     * @param wanted 1 (grey) or 3 (red, green, blue)
     * @throws IllegalArgumentException if the number is neither 1 nor 3
     */
    public Pixels withChannels(int wanted) {
        checkChannels(wanted);
        if (wanted == channels) {
            return this;
        }
        int count = height * width;
        byte[] converted = new byte[Math.multiplyExact(count, wanted)];
        for (int i = 0; i < count; i++) {
            if (wanted == 3) {
                Arrays.fill(converted, 3 * i, 3 * i + 3, values[i]);
            } else {
                int red = values[3 * i] & 0xFF;
                int green = values[3 * i + 1] & 0xFF;
                int blue = values[3 * i + 2] & 0xFF;
                converted[i] = (byte) ((19595 * red + 38470 * green + 7471 * blue + 0x8000) >> 16);
            }
        }
        return new Pixels(height, width, wanted, converted);
    }

    /**
     * Cuts out a part; returns the image itself where that is all of it.
     *
     * @throws IllegalArgumentException if the region is empty or reaches over the edge
     */
    Pixels crop(Region region) {
        region.within(height, width);
        if (region.height() == height && region.width() == width) {
            return this;
        }
        int length = region.width() * channels;
        byte[] part = new byte[region.height() * length];
        for (int y = 0; y < region.height(); y++) {
            int start = ((region.top() + y) * width + region.left()) * channels;
            System.arraycopy(values, start, part, y * length, length);
        }
        return new Pixels(region.height(), region.width(), channels, part);
    }

    /** An image of one colour: red, green and blue in the lower three bytes. */
    static Pixels filled(int height, int width, int rgb) {
        byte[] values = new byte[Math.multiplyExact(Math.multiplyExact(height, width), 3)];
        for (int i = 0; i < values.length; i += 3) {
            values[i] = (byte) (rgb >> 16);
            values[i + 1] = (byte) (rgb >> 8);
            values[i + 2] = (byte) rgb;
        }
        return new Pixels(height, width, 3, values);
    }

    /** Lays the image over a canvas of as many channels, which is written to; returns the image itself where it is as large. */
    Pixels on(Pixels canvas, int top, int left) {
        if (canvas.height == height && canvas.width == width) {
            return this;
        }
        int length = width * channels;
        for (int y = 0; y < height; y++) {
            System.arraycopy(values, y * length, canvas.values, ((top + y) * canvas.width + left) * channels, length);
        }
        return canvas;
    }

    /** Returns a copy to show or to save: of one byte a pixel for grey, of three for colours. */
    public BufferedImage toBufferedImage() {
        int type = channels == 1 ? BufferedImage.TYPE_BYTE_GRAY : BufferedImage.TYPE_3BYTE_BGR;
        BufferedImage image = new BufferedImage(width, height, type);
        image.getRaster().setDataElements(0, 0, width, height, values);
        return image;
    }

    /** Returns whether the other is an image of the same size and values. */
    @Override
    public boolean equals(Object other) {
        return other instanceof Pixels that
                && height == that.height
                && width == that.width
                && channels == that.channels
                && Arrays.equals(values, that.values);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * (31 * height + width) + channels) + Arrays.hashCode(values);
    }

    /** Returns the size, as {@code 480x640x3}. */
    @Override
    public String toString() {
        return height + "x" + width + "x" + channels;
    }
}
