package djinn.inference;

import djinn.data.Interpolation;
import djinn.data.Preprocessing;
import djinn.ops.DataException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/**
 * What the model of a file takes.
 *
 * @param pixels whether that is images of bytes, (N, H, W, C) from 0 to 255, which the file itself normalises; otherwise
 *     it is normalised images, (N, C, H, W), float32
 * @param batch N, or 0 where any is taken
 * @param anySize whether H and W may be others than the preprocessing's
 */
public record ModelInput(boolean pixels, long batch, boolean anySize) {

    /** Normalised images, any number of them, of the preprocessing's size. */
    public static final ModelInput USUAL = new ModelInput(false, 0, false);

    private static final String PIXELS_LAYOUT = "NHWC";

    /** What metadata call it. */
    static final String KEY = "djinn.input";

    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * Returns what the metadata of a file say of its model's input.
     *
     * @param metadata as {@link ModelCard#toMetadata(ModelInput)} makes them
     * @param file for the message
     * @return {@link #USUAL} if they say nothing
     * @throws DataException if they cannot be read
     */
    public static ModelInput of(Map<String, String> metadata, Path file) {
        if (!metadata.containsKey(KEY)) {
            return USUAL;
        }
        try {
            JsonNode words = JSON.readTree(metadata.get(KEY));
            JsonNode shape = words.path("shape");
            boolean pixels = words.path("layout").asString("").equals(PIXELS_LAYOUT);
            return new ModelInput(
                    pixels, shape.path(0).asLong(0), shape.path(pixels ? 1 : 2).isString());
        } catch (JacksonException e) {
            throw new DataException(file + ": its description of the model's input cannot be read", e);
        }
    }

    /** The input in the field's words, for whoever prepares images by other means. */
    Map<String, Object> describe(Preprocessing images) {
        Map<String, Object> words = new LinkedHashMap<>();
        words.put("layout", pixels ? PIXELS_LAYOUT : "NCHW");
        words.put("shape", shape(images));
        words.put("dtype", pixels ? "uint8" : "float32");
        words.put("color_order", images.channels() == 3 ? "RGB" : "grayscale");
        words.put("orientation", "upright: turned as the Exif tag says");
        words.put("resize", resize(images));
        words.put("interpolation", images.interpolation().name().toLowerCase(Locale.ROOT));
        words.put("antialias", images.interpolation() != Interpolation.NEAREST);
        words.put("crop", crop(images));
        if (images.fit() == Preprocessing.Fit.LETTERBOX) {
            words.put("padding", "with the mean, the resized image in the center");
        }
        words.put("crop_fraction", images.cropFraction());
        words.put(
                "value_range",
                pixels
                        ? "0 to 255; the model itself computes (value / 255 - mean) / std"
                        : "(value / 255 - mean) / std of bytes from 0 to 255");
        words.put("mean", images.mean());
        words.put("std", images.std());
        return words;
    }

    private List<Object> shape(Preprocessing images) {
        List<Object> shape = new ArrayList<>();
        shape.add(batch == 0 ? "N" : batch);
        shape.add(images.channels());
        boolean ownSizes = anySize || images.fit() == Preprocessing.Fit.SHORTER_SIDE;
        shape.add(ownSizes ? "H" : images.height());
        shape.add(ownSizes ? "W" : images.width());
        if (pixels) {
            shape.add(shape.remove(1));
        }
        return shape;
    }

    private static String resize(Preprocessing images) {
        String size = images.height() + "x" + images.width() + " (height x width)";
        return switch (images.fit()) {
            case STRETCH -> "to " + size + ", whatever the proportions";
            case LETTERBOX -> "until it just fits into " + size + ", keeping the proportions";
            case SHORTER_SIDE ->
                "the shorter side to " + images.height() + ", or to less so that the longer is at most "
                        + images.width() + ", keeping the proportions";
            case CROP -> {
                long height = Math.round(Math.rint(images.height() / images.cropFraction()));
                long width = Math.round(Math.rint(images.width() / images.cropFraction()));
                yield height == width
                        ? "the shorter side to " + height + ", keeping the proportions"
                        : "until " + height + "x" + width
                                + " (height x width) is just covered, keeping the proportions";
            }
        };
    }

    private static String crop(Preprocessing images) {
        return images.fit() == Preprocessing.Fit.CROP
                ? "the center " + images.height() + "x" + images.width() + " of the resized image; crop_fraction is"
                        + " what is cropped over what was resized to, in each direction"
                : "none";
    }
}
