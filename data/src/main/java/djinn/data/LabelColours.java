package djinn.data;

import java.awt.image.BufferedImage;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;

/**
 * A colour for each class of a {@link LabelMap}: black for class 0, then colours far from each other, white for what is
 * ignored.
 */
public final class LabelColours {

    private static final int LEVELS = 256;

    private LabelColours() {}

    /**
     * Returns the colour of a class.
     *
     * <p>The bits of the class are dealt out to red, green and blue in turn, the lowest to the highest place, as the
     * palette of the Pascal VOC masks has them.
     *
     * @param label 0 to 255
     * @return 0xRRGGBB
     */
    public static int of(int label) {
        if (label == LabelMap.IGNORED) {
            return 0xFFFFFF;
        }
        int red = 0;
        int green = 0;
        int blue = 0;
        for (int place = 7, bits = label; bits != 0; bits >>= 3, place--) {
            red |= (bits & 1) << place;
            green |= (bits >> 1 & 1) << place;
            blue |= (bits >> 2 & 1) << place;
        }
        return red << 16 | green << 8 | blue;
    }

    /** Returns all colours as a palette of 8 bits. */
    static IndexColorModel palette() {
        int[] colours = new int[LEVELS];
        for (int label = 0; label < LEVELS; label++) {
            colours[label] = of(label);
        }
        return new IndexColorModel(8, LEVELS, colours, 0, false, -1, DataBuffer.TYPE_BYTE);
    }

    /**
     * Lays the colours of a label map over its image; class 0 and what is ignored stay as they are.
     *
     * @param image grey or RGB
     * @param labels of the image's size
     * @param strength the colours' share, 0 to 1
     * @return an RGB picture
     * @throws IllegalArgumentException if the sizes differ, or the strength is out of its range
     */
    public static BufferedImage overlay(Pixels image, LabelMap labels, double strength) {
        if (image.height() != labels.height() || image.width() != labels.width()) {
            throw new IllegalArgumentException("expected a label map of the image's " + image.height() + "x"
                    + image.width() + ", got " + labels.height() + "x" + labels.width());
        }
        if (!(strength >= 0 && strength <= 1)) {
            throw new IllegalArgumentException("expected a strength from 0 to 1, got " + strength);
        }
        Pixels colours = image.withChannels(3);
        BufferedImage picture = new BufferedImage(image.width(), image.height(), BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < image.height(); y++) {
            for (int x = 0; x < image.width(); x++) {
                int label = labels.at(y, x);
                double share = label == 0 || label == LabelMap.IGNORED ? 0 : strength;
                int rgb = 0;
                for (int c = 0; c < 3; c++) {
                    int colour = of(label) >> (16 - 8 * c) & 0xFF;
                    int mixed = (int) Math.round((1 - share) * colours.value(y, x, c) + share * colour);
                    rgb = rgb << 8 | mixed;
                }
                picture.setRGB(x, y, rgb);
            }
        }
        return picture;
    }
}
