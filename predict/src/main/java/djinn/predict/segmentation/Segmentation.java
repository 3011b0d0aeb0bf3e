package djinn.predict.segmentation;

import djinn.data.LabelColours;
import djinn.data.LabelMap;
import djinn.data.Pixels;
import djinn.inference.Answer;
import djinn.ops.AtomicFile;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The answer of a segmenter: a class for every pixel.
 *
 * @param labels of the image's own size; {@link LabelMap#IGNORED} where the model saw nothing, because it crops images
 * @param classes the names of the classes, by index
 */
public record Segmentation(LabelMap labels, List<String> classes) implements Answer {

    private static final double STRENGTH = 0.5;

    /** Copies the classes. */
    public Segmentation {
        classes = List.copyOf(classes);
    }

    /** Returns {@code shares}, the {@linkplain #shares() share} of every class. */
    @Override
    public Map<String, Object> fields() {
        return Map.of("shares", shares());
    }

    @Override
    public String line() {
        return shares().entrySet().stream()
                .map(share -> String.format(Locale.ROOT, "%s %.2f%%", share.getKey(), 100 * share.getValue()))
                .collect(Collectors.joining("  "));
    }

    /** Draws the {@code mask}, whose palette indices are the classes, and an {@code overlay} of colours on the image. */
    @Override
    public Map<String, BufferedImage> pictures(Pixels image) {
        Map<String, BufferedImage> pictures = new LinkedHashMap<>();
        pictures.put("mask", labels.toBufferedImage());
        pictures.put("overlay", LabelColours.overlay(image, labels, STRENGTH));
        return pictures;
    }

    /** Returns the share of the pixels that each class has, of those that the model saw; the classes in their order. */
    public Map<String, Double> shares() {
        long[] counts = labels.counts();
        long seen = labels.values().length - counts[LabelMap.IGNORED];
        Map<String, Double> shares = new LinkedHashMap<>();
        for (int label = 0; label < classes.size(); label++) {
            shares.put(classes.get(label), seen == 0 ? 0 : (double) counts[label] / seen);
        }
        return shares;
    }

    /**
     * Writes the classes as a PNG of 8 bits, whose palette indices are the classes.
     *
     * @param file is replaced if it exists
     * @throws djinn.ops.DataException if it cannot be written
     */
    public void writeMask(Path file) {
        AtomicFile.writePng(file, labels.toBufferedImage());
    }

    /**
     * Writes the image with the classes' colours over it as a PNG.
     *
     * @param image what was segmented
     * @param file is replaced if it exists
     * @throws IllegalArgumentException if the image has another size
     * @throws djinn.ops.DataException if it cannot be written
     */
    public void writeOverlay(Pixels image, Path file) {
        AtomicFile.writePng(file, LabelColours.overlay(image, labels, STRENGTH));
    }
}
