package djinn.data.detection;

import djinn.data.Finding;
import djinn.data.OnError;
import djinn.data.detection.AnnotatedImage.Extent;
import djinn.ops.AtomicFile;
import djinn.ops.Box;
import djinn.ops.DataException;
import djinn.ops.TextFile;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A list of objects as COCO's instances are told (Lin et al. 2014, "Microsoft COCO"; format at cocodataset.org): images,
 * categories and annotations with a box (x, y, width, height), and perhaps outlines or run lengths.
 *
 * <p>Category numbers may have gaps: in their order they become the labels 0 to K - 1. Outlines, uncompressed and
 * compressed run lengths are all read; crowds are regions where answers are not counted. Text is UTF-8, with or without a
 * byte order mark; backslashes in names of files are taken for slashes.
 */
public final class CocoJson {

    private final Path json;
    private final List<Finding> findings = new ArrayList<>();
    private final BoxCheck boxes = new BoxCheck(findings);
    private final Strangers strangers;

    private CocoJson(Path json, OnError onUnknown) {
        this.json = json;
        this.strangers = new Strangers(onUnknown, findings);
    }

    /**
     * Reads a list; its images are not read yet.
     *
     * @param json the file
     * @param images the folder that names of images start from
     * @return the images in the list's order
     * @throws DataException if it is missing or no such list, numbers are not told apart, an annotation is of an image or a
     *     category that is not there, or a mask is of another size than its image
     */
    public static ObjectData read(Path json, Path images) {
        return read(json, images, OnError.FAIL);
    }

    /**
     * Reads a list; its images are not read yet.
     *
     * @param json the file
     * @param images the folder that names of images start from
     * @param onUnknown what becomes of an annotation of an image or a category that is not there, and of a mask of another
     *     size than its image: skipped, it is a finding
     * @return the images in the list's order
     * @throws DataException if it is missing or no such list, numbers are not told apart, or an annotation or a mask is not
     *     skipped
     */
    public static ObjectData read(Path json, Path images, OnError onUnknown) {
        return new CocoJson(json, onUnknown).data(images);
    }

    private ObjectData data(Path folder) {
        JsonNode root = root();
        TreeMap<Long, String> categories = new TreeMap<>();
        for (JsonNode category : list(root, "categories")) {
            long id = number(category, "id", "a category");
            String name = text(category, "name", "category " + id);
            if (categories.put(id, name) != null) {
                throw wrong("expected one category for each id, found " + id + " twice");
            }
        }
        Map<Long, Integer> labels = new LinkedHashMap<>();
        categories.keySet().forEach(id -> labels.put(id, labels.size()));
        Map<Long, AnnotatedImage> images = new LinkedHashMap<>();
        Map<Long, List<Annotation>> annotations = new LinkedHashMap<>();
        for (JsonNode node : list(root, "images")) {
            AnnotatedImage image = image(node, folder);
            if (images.put(image.id(), image) != null) {
                throw wrong("expected one image for each id, found " + image.id() + " twice, the second time for "
                        + image.name());
            }
            annotations.put(image.id(), new ArrayList<>());
        }
        for (JsonNode node : list(root, "annotations")) {
            String id = node.path("id").isMissingNode()
                    ? "without id"
                    : node.get("id").asString();
            AnnotatedImage image = images.get(number(node, "image_id", "annotation " + id));
            if (image == null) {
                strangers.met(
                        Finding.Kind.IMAGE_UNKNOWN,
                        json.toString(),
                        "annotation " + id,
                        "is of image " + node.get("image_id")
                                + ", which is not in the list of images; add it or remove the" + " annotation");
                continue;
            }
            Integer label = labels.get(number(node, "category_id", "annotation " + id));
            if (label == null) {
                strangers.met(
                        Finding.Kind.CLASS_UNKNOWN,
                        json.toString(),
                        "annotation " + id,
                        "is of category " + node.get("category_id") + ", which is not in the list of categories "
                                + categories.keySet());
                continue;
            }
            annotation(node, id, label, image).ifPresent(annotations.get(image.id())::add);
        }
        return new ObjectData(
                json.toString(),
                List.copyOf(categories.values()),
                List.copyOf(categories.keySet()),
                images.values().stream()
                        .map(image -> image.withAnnotations(annotations.get(image.id())))
                        .toList(),
                findings);
    }

    private JsonNode root() {
        try {
            return JsonMapper.shared().readTree(TextFile.read(json));
        } catch (JacksonException e) {
            throw AtomicFile.unusable(json + ": expected a list of objects as COCO's JSON, got: " + e.getMessage(), e);
        }
    }

    private JsonNode list(JsonNode root, String name) {
        JsonNode list = root.path(name);
        if (!list.isArray()) {
            throw wrong("expected a list named " + name + " as COCO's instances have it, found "
                    + (list.isMissingNode() ? "none" : "something else"));
        }
        return list;
    }

    private AnnotatedImage image(JsonNode node, Path folder) {
        long id = number(node, "id", "an image");
        String name = text(node, "file_name", "image " + id).replace('\\', '/');
        Optional<Extent> extent = Optional.empty();
        if (node.has("width") || node.has("height")) {
            long height = number(node, "height", "image " + id);
            long width = number(node, "width", "image " + id);
            if (height < 1 || width < 1 || height > Integer.MAX_VALUE || width > Integer.MAX_VALUE) {
                throw wrong("expected a height and a width of at least 1 for image " + id + ", got " + height + "x"
                        + width);
            }
            extent = Optional.of(new Extent((int) height, (int) width));
        }
        try {
            return new AnnotatedImage(folder.resolve(name), name, id, extent, false, List.of());
        } catch (InvalidPathException e) {
            throw new DataException(json + ": expected the name of a file for image " + id + ", got " + name, e);
        }
    }

    private Optional<Annotation> annotation(JsonNode node, String id, int label, AnnotatedImage image) {
        JsonNode corners = node.path("bbox");
        if (!corners.isArray() || corners.size() != 4 || !areNumbers(corners)) {
            throw wrong("expected a bbox of x, y, width and height in annotation " + id + ", got " + corners);
        }
        double x = corners.get(0).doubleValue();
        double y = corners.get(1).doubleValue();
        double width = corners.get(2).doubleValue();
        double height = corners.get(3).doubleValue();
        Optional<Box> box = boxes.box(image.name(), "annotation " + id, x, y, x + width, y + height, image.extent());
        boolean isCrowd = node.path("iscrowd").asInt(0) != 0;
        Optional<Segmentation> segmentation = segmentation(node.path("segmentation"), id, image);
        return box.map(inside -> new Annotation("annotation " + id, label, inside, segmentation, isCrowd));
    }

    private Optional<Segmentation> segmentation(JsonNode node, String id, AnnotatedImage image) {
        if (node.isArray()) {
            return outlines(node, id, image);
        }
        if (!node.isObject()) {
            return Optional.empty();
        }
        JsonNode size = node.path("size");
        if (!size.isArray()
                || size.size() != 2
                || !size.get(0).isInt()
                || !size.get(1).isInt()) {
            throw wrong("expected a size of height and width for the mask of annotation " + id + ", got " + size);
        }
        Extent extent = new Extent(size.get(0).intValue(), size.get(1).intValue());
        if (image.extent().isPresent() && !extent.equals(image.extent().get())) {
            strangers.met(
                    Finding.Kind.MASK_MISFIT,
                    json.toString(),
                    "annotation " + id,
                    "has a mask of " + extent.height() + "x" + extent.width() + " (height x width), expected one of "
                            + image.extent().get().height() + "x"
                            + image.extent().get().width() + ", the size of image " + image.id() + " (" + image.name()
                            + ")");
            return Optional.empty();
        }
        JsonNode counts = node.path("counts");
        if (counts.isString()) {
            return Optional.of(new Segmentation.RunText(extent.height(), extent.width(), counts.stringValue()));
        }
        List<Integer> runs = new ArrayList<>();
        for (JsonNode count : counts) {
            if (!count.isInt()) {
                throw wrong("expected run lengths for the mask of annotation " + id + ", found " + count);
            }
            runs.add(count.intValue());
        }
        return Optional.of(new Segmentation.Runs(extent.height(), extent.width(), runs));
    }

    private Optional<Segmentation> outlines(JsonNode node, String id, AnnotatedImage image) {
        List<List<Double>> outlines = new ArrayList<>();
        for (JsonNode outline : node) {
            if (!outline.isArray() || outline.size() % 2 != 0 || !areNumbers(outline)) {
                throw wrong("expected outlines of x, y, x, y, ... in annotation " + id + ", found " + outline);
            }
            if (outline.size() < 6) {
                findings.add(new Finding(
                        Finding.Kind.OUTLINE_SHORT,
                        image.name(),
                        "annotation " + id,
                        "an outline has " + outline.size() / 2 + " corners, expected three or more"));
                continue;
            }
            List<Double> values = new ArrayList<>();
            outline.forEach(value -> values.add(value.doubleValue()));
            outlines.add(values);
        }
        return outlines.isEmpty() ? Optional.empty() : Optional.of(new Segmentation.Outlines(outlines, false));
    }

    private static boolean areNumbers(JsonNode list) {
        for (JsonNode value : list) {
            if (!value.isNumber()) {
                return false;
            }
        }
        return true;
    }

    private long number(JsonNode node, String name, String of) {
        JsonNode value = node.path(name);
        if (!value.isIntegralNumber() || !value.canConvertToLong()) {
            throw wrong("expected a whole number as " + name + " of " + of + ", got "
                    + (value.isMissingNode() ? "none" : value));
        }
        return value.longValue();
    }

    private String text(JsonNode node, String name, String of) {
        JsonNode value = node.path(name);
        if (!value.isString() || value.stringValue().isBlank()) {
            throw wrong(
                    "expected a text as " + name + " of " + of + ", got " + (value.isMissingNode() ? "none" : value));
        }
        return value.stringValue();
    }

    private DataException wrong(String message) {
        return AtomicFile.unusable(json + ": " + message, null);
    }
}
