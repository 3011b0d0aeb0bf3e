package djinn.data;

import java.util.Arrays;

/**
 * Changes of brightness and colour, to the last bit those of Pillow's {@code ImageEnhance}, {@code ImageOps} and HSV
 * mode, which torchvision calls for its PIL images.
 *
 * <p>Grey images have no saturation and no hue: these two leave them as they are.
 */
final class PhotometricOps {

    private static final int LEVELS = 256;

    private PhotometricOps() {}

    /** Mixes with black: 0 gives black, 1 the image, more is brighter. */
    static Pixels brightness(Pixels image, double factor) {
        return awayFrom(0, image, (float) factor);
    }

    /** Mixes with the mean luma, rounded: 0 gives that grey, 1 the image, more has stronger contrast. */
    static Pixels contrast(Pixels image, double factor) {
        byte[] luma = image.withChannels(1).values();
        long sum = 0;
        for (byte value : luma) {
            sum += value & 0xFF;
        }
        return awayFrom((int) ((double) sum / luma.length + 0.5), image, (float) factor);
    }

    /** Mixes with luma: 0 gives grey, 1 the image, more is more colourful. */
    static Pixels saturation(Pixels image, double factor) {
        return awayFrom(grey(image), image, (float) factor);
    }

    /**
     * Mixes with the image smoothed by a 3x3 mean whose centre counts fivefold; the outermost pixels, and images of
     * fewer than three rows or columns, stay. 0 gives the smooth image, 1 the image itself, more is sharper.
     */
    static Pixels sharpness(Pixels image, double factor) {
        return awayFrom(smooth(image), image, (float) factor);
    }

    /** Takes the colours out, keeping the number of channels. */
    static Pixels grey(Pixels image) {
        return image.withChannels(1).withChannels(image.channels());
    }

    /**
     * Turns the hue by a share of the circle, -0.5 to 0.5, in steps of 1/255 (rounded towards 0): a third turns red to
     * green. No step leaves the image as it is, where Pillow's way through 8-bit HSV and back loses the last bit.
     */
    static Pixels hue(Pixels image, double turn) {
        int steps = (int) (turn * 255) & 0xFF;
        if (steps == 0 || image.channels() == 1) {
            return image;
        }
        byte[] from = image.values();
        byte[] to = new byte[from.length];
        for (int i = 0; i < from.length; i += 3) {
            int red = from[i] & 0xFF;
            int green = from[i + 1] & 0xFF;
            int blue = from[i + 2] & 0xFF;
            int value = Math.max(red, Math.max(green, blue));
            int range = value - Math.min(red, Math.min(green, blue));
            if (range == 0) {
                Arrays.fill(to, i, i + 3, (byte) value);
                continue;
            }
            int saturation = (int) ((float) range / value * 255.0);
            int hue = (hueOf(red, green, blue, value, range) + steps) & 0xFF;
            putHsv(hue, saturation, value, to, i);
        }
        return new Pixels(image.height(), image.width(), 3, to);
    }

    /** Keeps the upper bits, 0 to 8, of every value. */
    static Pixels posterize(Pixels image, int bits) {
        int[] table = new int[LEVELS];
        for (int v = 0; v < LEVELS; v++) {
            table[v] = v & (0xFF << (8 - bits));
        }
        return lookUp(image, table);
    }

    /** Inverts the values that are not below a threshold. */
    static Pixels solarize(Pixels image, double threshold) {
        int[] table = new int[LEVELS];
        for (int v = 0; v < LEVELS; v++) {
            table[v] = v < threshold ? v : 255 - v;
        }
        return lookUp(image, table);
    }

    /** Inverts every value. */
    static Pixels invert(Pixels image) {
        return solarize(image, 0);
    }

    /** Stretches each channel so that its least value becomes 0 and its greatest 255; a constant channel stays. */
    static Pixels autocontrast(Pixels image) {
        int[][] tables = new int[image.channels()][];
        for (int c = 0; c < tables.length; c++) {
            int[] counts = histogram(image, c);
            int least = 0;
            while (counts[least] == 0) {
                least++;
            }
            int greatest = 255;
            while (counts[greatest] == 0) {
                greatest--;
            }
            tables[c] = identity();
            double scale = 255.0 / (greatest - least);
            double offset = -least * scale;
            for (int v = 0; v < LEVELS && least < greatest; v++) {
                tables[c][v] = clip((int) (v * scale + offset));
            }
        }
        return lookUp(image, tables);
    }

    /** Spreads the values of each channel so that all are about equally frequent; of very few pixels, they stay. */
    static Pixels equalize(Pixels image) {
        int[][] tables = new int[image.channels()][];
        for (int c = 0; c < tables.length; c++) {
            int[] counts = histogram(image, c);
            int greatest = 255;
            while (counts[greatest] == 0) {
                greatest--;
            }
            tables[c] = identity();
            int step = (image.height() * image.width() - counts[greatest]) / 255;
            int below = step / 2;
            for (int v = 0; v < LEVELS && step > 0; v++) {
                tables[c][v] = clip(below / step);
                below += counts[v];
            }
        }
        return lookUp(image, tables);
    }

    private static int hueOf(int red, int green, int blue, int value, int range) {
        float fromRed = (float) (value - red) / range;
        float fromGreen = (float) (value - green) / range;
        float fromBlue = (float) (value - blue) / range;
        // single and double precision as in Pillow: the last bit decides which of 256 hues it is
        float sixths;
        if (red == value) {
            sixths = fromBlue - fromGreen;
        } else if (green == value) {
            sixths = (float) (2.0 + fromRed - fromBlue);
        } else {
            sixths = (float) (4.0 + fromGreen - fromRed);
        }
        float circle = (float) ((sixths / 6.0 + 1.0) % 1.0);
        return clip((int) (circle * 255.0));
    }

    private static void putHsv(int hue, int saturation, int value, byte[] to, int at) {
        if (saturation == 0) {
            Arrays.fill(to, at, at + 3, (byte) value);
            return;
        }
        int sixth = (int) (hue * 6.0 / 255.0);
        float beyond = (float) (hue * 6.0 / 255.0 - sixth);
        float share = (float) (saturation / 255.0);
        byte high = (byte) value;
        byte low = (byte) Math.round(value * (1.0 - share));
        byte falling = (byte) Math.round(value * (1.0 - share * beyond));
        byte rising = (byte) Math.round(value * (1.0 - share * (1.0 - beyond)));
        switch (sixth % 6) {
            case 0 -> put(to, at, high, rising, low);
            case 1 -> put(to, at, falling, high, low);
            case 2 -> put(to, at, low, high, rising);
            case 3 -> put(to, at, low, falling, high);
            case 4 -> put(to, at, rising, low, high);
            default -> put(to, at, high, low, falling);
        }
    }

    private static void put(byte[] to, int at, byte red, byte green, byte blue) {
        to[at] = red;
        to[at + 1] = green;
        to[at + 2] = blue;
    }

    private static Pixels smooth(Pixels image) {
        int channels = image.channels();
        int row = image.width() * channels;
        byte[] from = image.values();
        byte[] to = from.clone();
        for (int y = 1; y < image.height() - 1; y++) {
            for (int i = y * row + channels; i < (y + 1) * row - channels; i++) {
                int sum = 4 * (from[i] & 0xFF);
                for (int near = i - row; near <= i + row; near += row) {
                    sum += (from[near - channels] & 0xFF) + (from[near] & 0xFF) + (from[near + channels] & 0xFF);
                }
                // sum / 13 to the nearest whole number; of 13 there are no halves
                to[i] = (byte) ((2 * sum + 13) / 26);
            }
        }
        return new Pixels(image.height(), image.width(), channels, to);
    }

    /** Goes from another image, at factor 0, through this one, at 1, and beyond. */
    private static Pixels awayFrom(Pixels other, Pixels image, float factor) {
        if (factor == 1) {
            return image;
        }
        byte[] base = other.values();
        byte[] own = image.values();
        byte[] to = new byte[own.length];
        for (int i = 0; i < to.length; i++) {
            to[i] = (byte) mixed(base[i] & 0xFF, own[i] & 0xFF, factor);
        }
        return new Pixels(image.height(), image.width(), image.channels(), to);
    }

    private static Pixels awayFrom(int base, Pixels image, float factor) {
        if (factor == 1) {
            return image;
        }
        int[] table = new int[LEVELS];
        for (int v = 0; v < LEVELS; v++) {
            table[v] = mixed(base, v, factor);
        }
        return lookUp(image, table);
    }

    /** Cut off, not rounded: Pillow's blend. */
    private static int mixed(int base, int own, float factor) {
        return clip((int) (base + factor * (own - base)));
    }

    private static int clip(int value) {
        return Math.max(0, Math.min(255, value));
    }

    private static int[] identity() {
        int[] table = new int[LEVELS];
        Arrays.setAll(table, v -> v);
        return table;
    }

    private static int[] histogram(Pixels image, int channel) {
        int[] counts = new int[LEVELS];
        byte[] values = image.values();
        for (int i = channel; i < values.length; i += image.channels()) {
            counts[values[i] & 0xFF]++;
        }
        return counts;
    }

    /** Looks every value up: in the table of its channel, or in the only one. */
    private static Pixels lookUp(Pixels image, int[]... tables) {
        int channels = image.channels();
        byte[] from = image.values();
        byte[] to = new byte[from.length];
        for (int c = 0; c < channels; c++) {
            int[] table = tables[tables.length == 1 ? 0 : c];
            for (int i = c; i < from.length; i += channels) {
                to[i] = (byte) table[from[i] & 0xFF];
            }
        }
        return new Pixels(image.height(), image.width(), channels, to);
    }
}
