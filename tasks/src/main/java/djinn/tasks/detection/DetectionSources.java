package djinn.tasks.detection;

import djinn.data.OnError;
import djinn.data.detection.BoxesCsv;
import djinn.data.detection.CocoJson;
import djinn.data.detection.DetectionSplits;
import djinn.data.detection.ObjectData;
import djinn.data.detection.VocXml;
import djinn.data.detection.YoloText;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Reads the lists that a recipe names.
 *
 * @param read reads the part {@code train}, {@code val} or {@code test}
 * @param has whether a part is there
 */
record DetectionSources(Function<String, ObjectData> read, Predicate<String> has) {

    private static final String TRAIN = "train";
    private static final String VAL = "val";
    private static final String TEST = "test";

    /** What stands for the name of a part in the folder of images. */
    private static final String PART = "{part}";

    /**
     * The lists of a recipe.
     *
     * @param data names them
     * @param onUnknown what becomes of objects of images or classes that are not there
     * @throws IllegalArgumentException if its source has no lists
     */
    static DetectionSources of(DetectionRecipe.Data data, OnError onUnknown) {
        if (data.source() == DetectionRecipe.Source.SHAPES) {
            throw new IllegalArgumentException(
                    "data.source: expected coco, csv, voc or yolo, which are read, got shapes, which are painted");
        }
        Path root = Path.of(data.root().orElseThrow());
        return switch (data.source()) {
            case COCO ->
                new DetectionSources(
                        part -> CocoJson.read(file(data, part).orElseThrow(), images(data, part), onUnknown),
                        part -> file(data, part).isPresent());
            case CSV -> {
                List<String> classes = data.classes().isEmpty() ? classes(data) : data.classes();
                yield new DetectionSources(
                        part -> BoxesCsv.read(file(data, part).orElseThrow(), images(data, part), classes, onUnknown),
                        part -> file(data, part).isPresent());
            }
            case VOC ->
                new DetectionSources(
                        part -> VocXml.read(root, part, data.classes(), onUnknown), part -> VocXml.has(root, part));
            case YOLO ->
                new DetectionSources(part -> YoloText.read(root, part, onUnknown), part -> YoloText.has(root, part));
            case SHAPES -> throw new IllegalStateException("painted shapes are not read");
        };
    }

    /** The folder of a part's images. */
    private static Path images(DetectionRecipe.Data data, String part) {
        return Path.of(data.root().orElseThrow().replace(PART, part));
    }

    /** The classes of all parts, for a part may have no object of one. */
    private static List<String> classes(DetectionRecipe.Data data) {
        return BoxesCsv.classes(Stream.of(TRAIN, VAL, TEST)
                .flatMap(part -> file(data, part).stream())
                .toList());
    }

    private static Optional<Path> file(DetectionRecipe.Data data, String part) {
        Optional<String> named = switch (part) {
            case TRAIN -> data.trainFile();
            case VAL -> data.valFile();
            default -> data.testFile();
        };
        return named.map(Path::of);
    }

    /**
     * Reads all parts. Where there is no list to validate with, a share of that to train on is held out.
     *
     * @param valFraction the share
     * @param seed decides which
     */
    DetectionSplits all(double valFraction, long seed) {
        ObjectData train = read.apply(TRAIN);
        DetectionSplits learned = has.test(VAL)
                ? DetectionSplits.of(train, read.apply(VAL), Optional.empty())
                : DetectionSplits.ofRatio(train, valFraction, 0, seed);
        return has.test(TEST)
                ? new DetectionSplits(
                        learned.source(),
                        learned.train(),
                        learned.validation(),
                        Optional.of(read.apply(TEST)),
                        learned.notes())
                : learned;
    }
}
