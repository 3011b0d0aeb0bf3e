package djinn.data;

import djinn.ops.DataException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What is wrong with images of which each has a class, or each pixel has one. Every image is read.
 *
 * @param findings images that cannot be read or whose masks do not fit, that are there twice (by their pixels), and
 *     classes of which a part has nothing
 * @param counts what is in each part
 */
public record ImageCheck(List<Finding> findings, List<Part> counts) implements DataReport {

    /** Copies the lists. */
    public ImageCheck {
        findings = List.copyOf(findings);
        counts = List.copyOf(counts);
    }

    /**
     * What is in a part.
     *
     * @param name training, validation or test
     * @param images how many, with those that cannot be read
     * @param unreadable how many cannot be read
     * @param counted what is counted of each class: images or pixels
     * @param classes by name, in the classes' order
     */
    public record Part(String name, int images, int unreadable, String counted, Map<String, Long> classes) {

        /** Keeps the map as it is now, in its order. */
        public Part {
            classes = Collections.unmodifiableMap(new LinkedHashMap<>(classes));
        }
    }

    /** One image: its pixels' hash and how much of each class it has, or why it cannot be read. */
    private record Seen(Optional<String> hash, List<Long> counts, Optional<String> fault) {}

    /**
     * Looks at images with one class each, with all processors.
     *
     * @param splits the parts
     * @param channels 1 or 3
     */
    public static ImageCheck ofLabelled(Splits splits, int channels) {
        Map<String, Source<LabelledImage>> parts = new LinkedHashMap<>();
        parts.put("training", splits.train().examples(channels));
        if (!splits.train().equals(splits.validation())) {
            parts.put("validation", splits.validation().examples(channels));
        }
        int classes = splits.classes().size();
        return of(parts, splits.classes(), "images", example -> {
            long[] counts = new long[classes];
            counts[example.label()]++;
            return counts;
        });
    }

    /**
     * Looks at images of two domains, with all processors. An image is there twice if its domain has it twice.
     *
     * @param a the first domain
     * @param b the second; in pairs with those of the first if reading them is to tell which do not fit each other
     * @param channels 1 or 3
     */
    public static ImageCheck ofDomains(Splits a, Splits b, int channels) {
        List<Finding> findings = new ArrayList<>();
        List<Part> parts = new ArrayList<>();
        for (Map.Entry<String, Splits> domain : List.of(Map.entry("a", a), Map.entry("b", b))) {
            ImageCheck own = ofLabelled(domain.getValue(), channels);
            findings.addAll(own.findings);
            own.counts.forEach(part -> parts.add(new Part(
                    part.name + " " + domain.getKey(), part.images, part.unreadable, part.counted, part.classes)));
        }
        return new ImageCheck(findings, parts);
    }

    /**
     * Looks at images with masks, with all processors.
     *
     * @param splits the parts
     * @param channels 1 or 3
     */
    public static ImageCheck ofMasks(MaskSplits splits, int channels) {
        Map<String, Source<MaskedImage>> parts = new LinkedHashMap<>();
        parts.put("training", splits.train().examples(channels));
        parts.put("validation", splits.validation().examples(channels));
        splits.test().ifPresent(test -> parts.put("test", test.examples(channels)));
        int classes = splits.classes().size();
        return of(
                parts,
                splits.classes(),
                "pixels",
                example -> Arrays.copyOf(example.labels().counts(), classes));
    }

    private static <E extends ImageExample<E>> ImageCheck of(
            Map<String, Source<E>> parts, List<String> classes, String counted, Function<E, long[]> counts) {
        List<Finding> findings = new ArrayList<>();
        List<Part> all = new ArrayList<>();
        Map<String, String[]> places = new LinkedHashMap<>();
        parts.forEach((name, source) -> {
            List<Seen> images = IntStream.range(0, source.size())
                    .parallel()
                    .mapToObj(i -> seen(source, i, classes.size(), counts))
                    .toList();
            long[] sums = new long[classes.size()];
            int unreadable = 0;
            for (int i = 0; i < images.size(); i++) {
                Seen image = images.get(i);
                String file = source.name(i);
                for (int c = 0; c < sums.length; c++) {
                    sums[c] += image.counts.get(c);
                }
                if (image.fault.isPresent()) {
                    unreadable++;
                    findings.add(new Finding(Finding.Kind.IMAGE_UNREADABLE, file, "", image.fault.get()));
                    continue;
                }
                String[] first = places.putIfAbsent(image.hash.orElseThrow(), new String[] {name, file});
                if (first != null) {
                    findings.add(twice(name, file, "", first[0], first[1]));
                }
            }
            Map<String, Long> byName = new LinkedHashMap<>();
            for (int c = 0; c < sums.length; c++) {
                byName.put(classes.get(c), sums[c]);
                if (sums[c] == 0) {
                    findings.add(new Finding(
                            Finding.Kind.CLASS_MISSING,
                            name,
                            classes.get(c),
                            "there are no " + name + " " + counted + " of class " + classes.get(c)));
                }
            }
            all.add(new Part(name, images.size(), unreadable, counted, byName));
        });
        return new ImageCheck(findings, all);
    }

    /**
     * Returns what is said of an image that came before.
     *
     * @param part that the image is in
     * @param file what the image is called
     * @param id of the image; empty if it has none
     * @param firstPart where it was first
     * @param firstFile what it was called there
     */
    public static Finding twice(String part, String file, String id, String firstPart, String firstFile) {
        return new Finding(
                part.equals(firstPart) ? Finding.Kind.IMAGE_TWICE : Finding.Kind.IMAGE_SHARED,
                file,
                id,
                "the " + part + " image " + file + " has the same contents as the " + firstPart + " image "
                        + firstFile);
    }

    private static <E extends ImageExample<E>> Seen seen(
            Source<E> source, int index, int classes, Function<E, long[]> counts) {
        try {
            E example = source.example(index);
            List<Long> own = Arrays.stream(counts.apply(example)).boxed().toList();
            return new Seen(Optional.of(hash(example.image())), own, Optional.empty());
        } catch (DataException e) {
            return new Seen(Optional.empty(), Collections.nCopies(classes, 0L), Optional.of(e.getMessage()));
        }
    }

    private static String hash(Pixels image) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(ByteBuffer.allocate(8)
                    .putInt(image.height())
                    .putInt(image.width())
                    .flip());
            return HexFormat.of().formatHex(digest.digest(image.values()));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java runtime has SHA-256", e);
        }
    }

    @Override
    public List<String> lines() {
        return counts.stream()
                .map(part -> part.name + ": " + part.images + " images, " + part.unreadable + " cannot be read; "
                        + part.counted + ": " + shares(part.classes))
                .toList();
    }

    /**
     * Returns counts with their shares of all.
     *
     * @param counts by name
     */
    public static String shares(Map<String, ? extends Number> counts) {
        double all = counts.values().stream().mapToDouble(Number::doubleValue).sum();
        return counts.entrySet().stream()
                .map(entry -> String.format(
                        Locale.ROOT,
                        "%s %d (%.1f %%)",
                        entry.getKey(),
                        entry.getValue().longValue(),
                        all > 0 ? 100 * entry.getValue().doubleValue() / all : 0))
                .collect(Collectors.joining(", "));
    }

    @Override
    public List<Map<String, Object>> parts() {
        return counts.stream()
                .map(part -> {
                    Map<String, Object> fields = new LinkedHashMap<>();
                    fields.put("name", part.name);
                    fields.put("images", part.images);
                    fields.put("unreadable", part.unreadable);
                    fields.put(part.counted + "_by_class", part.classes);
                    return fields;
                })
                .toList();
    }
}
