package djinn.data;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;

/**
 * GIF files, of which the first picture counts, on the file's canvas.
 *
 * <p>As in Pillow, what the picture leaves free has the colour that is marked as transparent, or else the first of the
 * picture's palette.
 */
final class Gif extends ImageFormat {

    private static final int NONE = -1;

    private int picture = NONE;
    private int transparent = NONE;

    Gif(byte[] bytes, String file) {
        super(bytes, file);
    }

    /** Walks the blocks up to the empty one that ends the first picture. */
    @Override
    void check() {
        byte[] bytes = bytes();
        int at = bytes.length < 13 ? bytes.length : 13 + colourTable(bytes[10]);
        while (at < bytes.length) {
            int block = bytes[at++];
            if (block == ',') {
                picture = at;
                if (at + 9 > bytes.length) {
                    break;
                }
                at += 9 + colourTable(bytes[at + 8]) + 1;
            } else if (block == '!') {
                boolean control = at + 6 <= bytes.length && bytes[at] == (byte) 0xF9 && bytes[at + 1] == 4;
                if (control) {
                    transparent = (bytes[at + 2] & 1) == 0 ? NONE : bytes[at + 5] & 0xFF;
                }
                at++;
            } else {
                break;
            }
            while (at < bytes.length && bytes[at] != 0) {
                at += 1 + (bytes[at] & 0xFF);
            }
            if (at >= bytes.length) {
                break;
            }
            at++;
            if (block == ',') {
                return;
            }
        }
        throw cut("GIF", "end of the first picture");
    }

    private static int colourTable(byte flags) {
        return (flags & 0x80) == 0 ? 0 : 3 << ((flags & 0x07) + 1);
    }

    private int number(int at) {
        return (bytes()[at] & 0xFF) | (bytes()[at + 1] & 0xFF) << 8;
    }

    @Override
    Pixels stored(int channels) {
        int left = number(picture);
        int top = number(picture + 2);
        int width = Math.max(number(6), left + number(picture + 4));
        int height = Math.max(number(8), top + number(picture + 6));
        Decoder.requireSize(height, width, file());
        BufferedImage image = Decoder.of("gif").image(contents(), file());
        Pixels own = Pixels.of(image, channels);
        return own.on(Pixels.filled(height, width, fill(image)).withChannels(channels), top, left);
    }

    private int fill(BufferedImage image) {
        int index = Math.max(0, transparent);
        return image.getColorModel() instanceof IndexColorModel palette && index < palette.getMapSize()
                ? palette.getRGB(index)
                : 0;
    }
}
