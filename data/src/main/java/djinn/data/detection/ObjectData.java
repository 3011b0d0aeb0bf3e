package djinn.data.detection;

import djinn.data.Finding;
import djinn.data.Scene;
import djinn.data.Source;
import djinn.ops.DataException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Images and the objects in them, as a list tells of them; images are not read yet.
 *
 * @param source what it was read from, for messages
 * @param classes the names of the classes, by index
 * @param categoryIds the number that the list gives each class, by index
 * @param images may hold images without objects
 * @param findings what was mended or left out
 */
public record ObjectData(
        String source,
        List<String> classes,
        List<Long> categoryIds,
        List<AnnotatedImage> images,
        List<Finding> findings) {

    private static final int NAMED = 3;

    /**
     * Checks that all fit.
     *
     * @throws DataException if there is no class, a label is none, or two images have one number
     */
    public ObjectData {
        classes = List.copyOf(classes);
        categoryIds = List.copyOf(categoryIds);
        images = List.copyOf(images);
        findings = List.copyOf(findings);
        if (classes.isEmpty() || classes.size() != categoryIds.size()) {
            throw new DataException(source + ": expected at least one class, and a number for each, got " + classes
                    + " and " + categoryIds);
        }
        Set<Long> ids = new HashSet<>();
        for (AnnotatedImage image : images) {
            if (!ids.add(image.id())) {
                throw new DataException(source + ": expected one image for each number, found " + image.id()
                        + " twice, the second time for " + image.name());
            }
            for (Annotation annotation : image.annotations()) {
                if (annotation.label() < 0 || annotation.label() >= classes.size()) {
                    throw new DataException(source + ": expected labels from 0 to " + (classes.size() - 1)
                            + ", found " + annotation.label() + " in annotation " + annotation.id() + " of "
                            + image.name());
                }
            }
        }
    }

    /** Returns how many objects there are, crowds among them. */
    public int objects() {
        return images.stream().mapToInt(image -> image.annotations().size()).sum();
    }

    /**
     * Returns some of the images.
     *
     * @param chosen those
     */
    public ObjectData withImages(List<AnnotatedImage> chosen) {
        return new ObjectData(source, classes, categoryIds, chosen, findings);
    }

    /**
     * Returns the images without objects that are smaller than wanted, which are named among the findings: to learn from.
     * Those of images whose size is not told are looked at when the images are read, by {@link AnnotatedImage.Wanted}.
     *
     * @param smallest the least width and height of a box in pixels; 0 leaves all
     */
    public ObjectData withoutSmaller(double smallest) {
        List<Finding> all = new ArrayList<>(findings);
        List<AnnotatedImage> others = new ArrayList<>();
        for (AnnotatedImage image : images) {
            List<Annotation> kept = new ArrayList<>();
            for (Annotation object : image.annotations()) {
                double shorter = Math.min(object.box().width(), object.box().height());
                if (image.inShares() || shorter >= smallest) {
                    kept.add(object);
                } else {
                    String message = "a side of the box is " + shorter + " pixels, less than " + smallest;
                    all.add(new Finding(Finding.Kind.BOX_SMALL, image.name(), object.id(), message));
                }
            }
            others.add(image.withAnnotations(kept));
        }
        return new ObjectData(source, classes, categoryIds, others, all);
    }

    /** Describes what was mended or left out, a line for each kind with its count and the first that it was done to. */
    public List<String> notes() {
        Map<Finding.Kind, List<Finding>> kinds = new EnumMap<>(Finding.Kind.class);
        findings.forEach(finding ->
                kinds.computeIfAbsent(finding.kind(), kind -> new ArrayList<>()).add(finding));
        List<String> lines = new ArrayList<>();
        kinds.forEach((kind, found) -> {
            List<String> first = found.stream()
                    .limit(NAMED)
                    .map(finding -> finding.file() + (finding.id().isEmpty() ? "" : " " + finding.id()))
                    .toList();
            lines.add(kind.words() + ": " + found.size() + " (" + String.join(", ", first)
                    + (found.size() > NAMED ? ", ..." : "") + ")");
        });
        return lines;
    }

    /**
     * Returns the images with their objects.
     *
     * @param wanted what of them
     */
    public Source<Scene> scenes(AnnotatedImage.Wanted wanted) {
        return new Source<>() {
            @Override
            public int size() {
                return images.size();
            }

            @Override
            public Scene example(int index) {
                return images.get(index).read(wanted);
            }

            @Override
            public String name(int index) {
                return images.get(index).name();
            }
        };
    }
}
