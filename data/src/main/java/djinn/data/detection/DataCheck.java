package djinn.data.detection;

import djinn.data.DataReport;
import djinn.data.Finding;
import djinn.data.ImageCheck;
import djinn.data.ImageObject;
import djinn.data.Scene;
import djinn.ops.AtomicFile;
import djinn.ops.Box;
import djinn.ops.DataException;
import java.io.IOException;
import java.nio.file.Files;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * What is wrong with a data set, and what is in it. Every image is read.
 *
 * @param findings what was mended or left out, images that cannot be read, that are there twice (by the hash of their
 *     files) or without objects, and classes without objects
 * @param counts what is in each part: training, validation, and test if there is one
 */
public record DataCheck(List<Finding> findings, List<Part> counts) implements DataReport {

    private static final double SMALL = 32;
    private static final double MEDIUM = 96;

    /** Copies the lists. */
    public DataCheck {
        findings = List.copyOf(findings);
        counts = List.copyOf(counts);
    }

    /**
     * What is in a part.
     *
     * @param name training, validation or test
     * @param images how many, with those that cannot be read
     * @param unreadable how many cannot be read
     * @param empty how many have no object
     * @param objects how many, without crowds
     * @param crowds how many regions where answers are not counted
     * @param classes how many objects each class has, in the classes' order
     * @param sizes of the boxes
     */
    public record Part(
            String name,
            int images,
            int unreadable,
            int empty,
            int objects,
            int crowds,
            List<ClassCount> classes,
            BoxSizes sizes) {

        /** Copies the list. */
        public Part {
            classes = List.copyOf(classes);
        }
    }

    /**
     * How many objects a class has.
     *
     * @param name of the class
     * @param objects without crowds
     */
    public record ClassCount(String name, int objects) {}

    /**
     * Sizes of boxes: the roots of their areas in pixels of their images. All 0 if there are none.
     *
     * @param least of all
     * @param quarter a quarter are not above it
     * @param median half are not above it
     * @param threeQuarters three quarters are not above it
     * @param most of all
     * @param small how many are below 32, as COCO counts them
     * @param medium how many are from 32 to below 96
     * @param large how many are from 96 on
     */
    public record BoxSizes(
            double least,
            double quarter,
            double median,
            double threeQuarters,
            double most,
            int small,
            int medium,
            int large) {

        static BoxSizes of(List<Box> boxes) {
            double[] sizes = boxes.stream()
                    .mapToDouble(box -> Math.sqrt(box.area()))
                    .sorted()
                    .toArray();
            int small = (int) IntStream.range(0, sizes.length)
                    .filter(i -> sizes[i] < SMALL)
                    .count();
            int large = (int) IntStream.range(0, sizes.length)
                    .filter(i -> sizes[i] >= MEDIUM)
                    .count();
            return new BoxSizes(
                    at(sizes, 0),
                    at(sizes, 0.25),
                    at(sizes, 0.5),
                    at(sizes, 0.75),
                    at(sizes, 1),
                    small,
                    sizes.length - small - large,
                    large);
        }

        private static double at(double[] sorted, double share) {
            return sorted.length == 0 ? 0 : sorted[Math.max(0, (int) Math.ceil(share * sorted.length) - 1)];
        }
    }

    /**
     * Looks at all parts of a data set, with all processors.
     *
     * @param splits the parts
     * @return what was found; files that cannot be read are findings, no errors
     */
    public static DataCheck of(DetectionSplits splits) {
        List<Finding> findings = new ArrayList<>();
        List<Part> parts = new ArrayList<>();
        Map<String, String[]> seen = new LinkedHashMap<>();
        parts.add(part("training", splits.train(), findings, seen));
        parts.add(part("validation", splits.validation(), findings, seen));
        splits.test().ifPresent(test -> parts.add(part("test", test, findings, seen)));
        // parts drawn from one list share what the list's reader found
        return new DataCheck(findings.stream().distinct().toList(), parts);
    }

    /** What one image holds: by its hash, and either objects or the reason why it cannot be read. */
    private record Seen(
            AnnotatedImage image, Optional<String> hash, List<ImageObject> objects, List<Finding> findings) {

        boolean isUnreadable() {
            return findings.stream().anyMatch(finding -> finding.kind() == Finding.Kind.IMAGE_UNREADABLE);
        }
    }

    private static Part part(String name, ObjectData data, List<Finding> findings, Map<String, String[]> hashes) {
        findings.addAll(data.findings());
        List<Seen> all = data.images().parallelStream().map(DataCheck::seen).toList();
        int[] counts = new int[data.classes().size()];
        List<Box> boxes = new ArrayList<>();
        int empty = 0;
        int crowds = 0;
        int unreadable = 0;
        for (Seen one : all) {
            findings.addAll(one.findings);
            String file = one.image.name();
            String id = "image " + one.image.id();
            one.hash
                    .map(hash -> hashes.putIfAbsent(hash, new String[] {name, file}))
                    .map(first -> ImageCheck.twice(name, file, id, first[0], first[1]))
                    .ifPresent(findings::add);
            if (one.isUnreadable()) {
                unreadable++;
                continue;
            }
            if (one.objects.isEmpty()) {
                empty++;
                findings.add(new Finding(Finding.Kind.IMAGE_EMPTY, file, id, "the " + name + " image has no objects"));
            }
            for (ImageObject object : one.objects) {
                if (object.isCrowd()) {
                    crowds++;
                } else {
                    counts[object.label()]++;
                    boxes.add(object.box());
                }
            }
        }
        List<ClassCount> classes = IntStream.range(0, counts.length)
                .mapToObj(i -> new ClassCount(data.classes().get(i), counts[i]))
                .toList();
        for (ClassCount of : classes) {
            if (of.objects == 0) {
                findings.add(new Finding(
                        Finding.Kind.CLASS_MISSING,
                        data.source(),
                        of.name,
                        "no " + name + " image has an object of class " + of.name));
            }
        }
        return new Part(name, all.size(), unreadable, empty, boxes.size(), crowds, classes, BoxSizes.of(boxes));
    }

    private static Seen seen(AnnotatedImage image) {
        List<Finding> findings = new ArrayList<>();
        Optional<String> hash = Optional.empty();
        List<ImageObject> objects = List.of();
        try {
            hash = Optional.of(hash(image));
            Scene scene = image.read(new AnnotatedImage.Wanted(1, true, true, 0, 0));
            objects = scene.objects().objects();
            if (image.extent().isEmpty() && !image.inShares()) {
                BoxCheck boxes = new BoxCheck(findings);
                var extent = new AnnotatedImage.Extent(
                        scene.image().height(), scene.image().width());
                for (Annotation told : image.annotations()) {
                    Box box = told.box();
                    boxes.box(
                            image.name(),
                            told.id(),
                            box.x(),
                            box.y(),
                            box.x() + box.width(),
                            box.y() + box.height(),
                            Optional.of(extent));
                }
            }
        } catch (DataException e) {
            findings.add(
                    new Finding(Finding.Kind.IMAGE_UNREADABLE, image.name(), "image " + image.id(), e.getMessage()));
        }
        return new Seen(image, hash, objects, findings);
    }

    private static String hash(AnnotatedImage image) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            return HexFormat.of().formatHex(digest.digest(Files.readAllBytes(image.file())));
        } catch (IOException e) {
            throw new DataException(image.file() + ": cannot be read: " + AtomicFile.reason(e), e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java runtime has SHA-256", e);
        }
    }

    /** Two lines for each part: what is counted, and how large boxes are. */
    @Override
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        for (Part part : counts) {
            lines.add(part.name + ": " + part.images + " images, " + part.unreadable + " cannot be read, " + part.empty
                    + " without objects; " + part.objects + " objects: " + ImageCheck.shares(byName(part))
                    + (part.crowds > 0 ? "; " + part.crowds + " crowds" : ""));
            BoxSizes sizes = part.sizes;
            lines.add(String.format(
                    Locale.ROOT,
                    "%s: sizes of boxes (roots of areas, pixels): least %.1f, quarter %.1f, half %.1f, three quarters"
                            + " %.1f, most %.1f; %d small, %d medium, %d large as COCO counts them",
                    part.name,
                    sizes.least,
                    sizes.quarter,
                    sizes.median,
                    sizes.threeQuarters,
                    sizes.most,
                    sizes.small,
                    sizes.medium,
                    sizes.large));
        }
        return lines;
    }

    private static Map<String, Integer> byName(Part part) {
        Map<String, Integer> byName = new LinkedHashMap<>();
        part.classes.forEach(of -> byName.put(of.name, of.objects));
        return byName;
    }

    @Override
    public List<Map<String, Object>> parts() {
        return counts.stream().map(DataCheck::fields).toList();
    }

    private static Map<String, Object> fields(Part part) {
        Map<String, Object> sizes = new LinkedHashMap<>();
        sizes.put("least", part.sizes.least);
        sizes.put("quarter", part.sizes.quarter);
        sizes.put("median", part.sizes.median);
        sizes.put("three_quarters", part.sizes.threeQuarters);
        sizes.put("most", part.sizes.most);
        sizes.put("small", part.sizes.small);
        sizes.put("medium", part.sizes.medium);
        sizes.put("large", part.sizes.large);
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("name", part.name);
        fields.put("images", part.images);
        fields.put("unreadable", part.unreadable);
        fields.put("empty", part.empty);
        fields.put("objects", part.objects);
        fields.put("crowds", part.crowds);
        fields.put("objects_by_class", byName(part));
        fields.put("box_sizes", sizes);
        return fields;
    }
}
