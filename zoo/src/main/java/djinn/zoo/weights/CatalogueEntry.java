package djinn.zoo.weights;

import java.net.URI;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * Public weights that fit a model of the zoo as they are.
 *
 * @param model the architecture, as the zoo names it
 * @param name which weights of that model, as their publisher tells them apart
 * @param url where the file is
 * @param sha256 the beginning of the file's SHA-256 in lower-case hexadecimal, at least 8 digits, or {@value #UNVERIFIED}
 * @param megabytes the size as published, in 10^6 bytes, rounded
 * @param licence what the publisher names: for timm the model card's, for torchvision that of its code. Both add that
 *     the terms of the training data may apply to weights, and ImageNet's are for research
 * @param data what the metrics were measured on
 * @param metrics in percent, as published, for the preprocessing below: {@code acc1} and {@code acc5}, {@code miou} and
 *     {@code pixel_acc}, or {@code box_map}, COCO's average precision
 * @param size H and W of the input; of a segmenter, and of RetinaNet and FCOS, the length of the shorter side
 * @param resize the length that the shorter side of an image is brought to before the middle is cut out
 * @param interpolation how: {@code bilinear} or {@code bicubic}
 * @param mean taken off each channel, of values from 0 to 1
 * @param std divides each channel
 * @param source the release that the facts were read in
 */
public record CatalogueEntry(
        String model,
        String name,
        URI url,
        String sha256,
        OptionalDouble megabytes,
        String licence,
        String data,
        Map<String, Double> metrics,
        int size,
        int resize,
        String interpolation,
        List<Double> mean,
        List<Double> std,
        String source) {

    /** Stands in place of a hash that no document tells. */
    public static final String UNVERIFIED = "unverified";

    /**
     * Copies the collections, and checks what a download relies on.
     *
     * @throws IllegalArgumentException if the hash is neither of the two, or a name would leave the cache's folder
     */
    public CatalogueEntry {
        if (!sha256.matches(UNVERIFIED + "|[0-9a-f]{8,64}")) {
            throw new IllegalArgumentException(
                    "expected 8 to 64 hexadecimal digits or '" + UNVERIFIED + "' as SHA-256, got '" + sha256 + "'");
        }
        if (!model.matches("\\w+") || !name.matches("\\w+")) {
            throw new IllegalArgumentException(
                    "expected names of letters, digits and underscores, got '" + model + "' and '" + name + "'");
        }
        metrics = Collections.unmodifiableMap(new LinkedHashMap<>(metrics));
        mean = List.copyOf(mean);
        std = List.copyOf(std);
    }

    /** Returns the full name: model/name. */
    public String id() {
        return model + "/" + name;
    }

    /** Whether something is known of the file's hash. */
    public boolean verifiable() {
        return !sha256.equals(UNVERIFIED);
    }

    /** Returns the names of the classes by index; empty if they are not known here, as a detector's, which its task knows. */
    public List<String> classes() {
        return switch (data) {
            case "ImageNet-1K" -> ImageNet.classes();
            case "COCO-val2017-VOC-labels" -> PascalVoc.classes();
            default -> List.of();
        };
    }

    /** Returns the share of the resized image that is cut out in each direction, as {@code size / resize}. */
    public double cropFraction() {
        return (double) size / resize;
    }

    /** Returns the name of the file in the cache: unlike those of the publishers, unique, and with their suffix. */
    public String fileName() {
        String last = url.getPath().substring(url.getPath().lastIndexOf('/') + 1);
        return model + "-" + name + (last.contains(".") ? last.substring(last.lastIndexOf('.')) : "");
    }
}
