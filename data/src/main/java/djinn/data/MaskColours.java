package djinn.data;

import djinn.ops.DataException;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Which colour of a mask stands for which class.
 *
 * @param classes the colour of each class, by index, as {@code #rrggbb}
 * @param ignored colours of pixels that count for nothing
 */
public record MaskColours(List<String> classes, List<String> ignored) {

    /**
     * Copies the lists.
     *
     * @throws IllegalArgumentException if a colour cannot be read, or stands for two things
     */
    public MaskColours {
        classes = List.copyOf(classes);
        ignored = List.copyOf(ignored);
        List<String> all = new ArrayList<>(classes);
        all.addAll(ignored);
        if (all.stream().map(MaskColours::value).distinct().count() < all.size()) {
            throw new IllegalArgumentException("expected a colour of its own for each class, got " + all);
        }
    }

    private static int value(String colour) {
        if (!colour.matches("#[0-9a-fA-F]{6}")) {
            throw new IllegalArgumentException(
                    "expected colours as '#rrggbb', such as '#ff8000', got '" + colour + "'");
        }
        return Integer.parseInt(colour.substring(1), 16);
    }

    /** Returns the map of a mask's colours, an alpha channel aside. */
    LabelMap labels(BufferedImage image, String name) {
        Map<Integer, Byte> labels = new HashMap<>();
        ignored.forEach(colour -> labels.put(value(colour), (byte) LabelMap.IGNORED));
        for (int label = 0; label < classes.size(); label++) {
            labels.put(value(classes.get(label)), (byte) label);
        }
        // BufferedImage's own colours of grey images are brightened
        Pixels pixels = Pixels.of(image, 3);
        int height = pixels.height();
        int width = pixels.width();
        byte[] values = new byte[Math.multiplyExact(height, width)];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int found = colour(pixels, y, x);
                Byte label = labels.get(found);
                if (label == null) {
                    throw new DataException(String.format(
                            Locale.ROOT,
                            "%s: expected the colours %s%s, found #%06x at row %d, column %d; name all classes"
                                    + " (data.colours) and what is ignored (data.ignored_colours)",
                            name,
                            classes,
                            ignored.isEmpty() ? "" : " and, ignored, " + ignored,
                            found,
                            y,
                            x));
                }
                values[y * width + x] = label;
            }
        }
        return new LabelMap(height, width, values);
    }

    private static int colour(Pixels pixels, int y, int x) {
        int colour = 0;
        for (int channel = 0; channel < 3; channel++) {
            colour = colour << Byte.SIZE | pixels.value(y, x, channel);
        }
        return colour;
    }
}
