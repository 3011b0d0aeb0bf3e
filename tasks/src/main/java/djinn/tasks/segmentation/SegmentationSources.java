package djinn.tasks.segmentation;

import djinn.data.DataReport;
import djinn.data.Finding;
import djinn.data.ImageCheck;
import djinn.data.LabelMap;
import djinn.data.MaskColours;
import djinn.data.MaskFolder;
import djinn.data.MaskSplits;
import djinn.data.OnError;
import djinn.data.Shapes;
import djinn.data.detection.CocoJson;
import djinn.data.detection.DetectionSplits;
import djinn.data.detection.InstanceMasks;
import djinn.data.detection.ObjectData;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Reads the images and masks that a recipe names. */
final class SegmentationSources {

    private SegmentationSources() {}

    /**
     * Lists images and masks, without reading them.
     *
     * @param data names them
     * @param seed decides which are held out, and what is painted
     * @throws djinn.ops.DataException if they are missing or without partners
     */
    static MaskSplits read(SegmentationRecipe.Data data, long seed) {
        return switch (data.source()) {
            case SHAPES -> Shapes.splits(seed);
            case MASK_FOLDER -> masks(root(data), data);
            case COCO -> InstanceMasks.splits(instances(data, seed, OnError.FAIL));
        };
    }

    /**
     * Looks at all images and masks. Of lists of objects, what cannot be used is a finding, and the rest is looked at.
     *
     * @param data names them
     * @param seed decides which are held out, and what is painted
     * @throws djinn.ops.DataException if they are missing, or a list cannot be read at all
     */
    static DataReport check(SegmentationRecipe.Data data, long seed) {
        if (data.source() != SegmentationRecipe.Source.COCO) {
            return ImageCheck.ofMasks(read(data, seed), data.channels());
        }
        DetectionSplits all = instances(data, seed, OnError.SKIP);
        DetectionSplits masked = new DetectionSplits(
                all.source(),
                InstanceMasks.masked(all.train()),
                InstanceMasks.masked(all.validation()),
                all.test().map(InstanceMasks::masked),
                all.notes());
        ImageCheck pixels = ImageCheck.ofMasks(InstanceMasks.splits(masked), data.channels());
        List<Finding> ofLists = Stream.concat(Stream.of(masked.train(), masked.validation()), masked.test().stream())
                .flatMap(part -> part.findings().stream())
                .distinct()
                .toList();
        return new ImageCheck(
                Stream.concat(ofLists.stream(), pixels.findings().stream()).toList(), pixels.counts());
    }

    private static Path root(SegmentationRecipe.Data data) {
        return Path.of(data.root().orElseThrow());
    }

    private static MaskSplits masks(Path root, SegmentationRecipe.Data data) {
        return data.masks() == LabelMap.Coding.COLOURS
                ? MaskFolder.read(root, new MaskColours(data.colours(), data.ignoredColours()), data.classes())
                : MaskFolder.read(root, data.masks(), data.classes());
    }

    private static DetectionSplits instances(SegmentationRecipe.Data data, long seed, OnError onUnknown) {
        ObjectData learned = list(data.trainFile().orElseThrow(), data, onUnknown);
        Optional<ObjectData> test = data.testFile().map(file -> list(file, data, onUnknown));
        if (data.valFile().isPresent()) {
            return DetectionSplits.of(learned, list(data.valFile().get(), data, onUnknown), test);
        }
        DetectionSplits drawn = DetectionSplits.ofRatio(learned, data.valFraction(), 0, seed);
        return new DetectionSplits(drawn.source(), drawn.train(), drawn.validation(), test, drawn.notes());
    }

    private static ObjectData list(String file, SegmentationRecipe.Data data, OnError onUnknown) {
        return CocoJson.read(Path.of(file), root(data), onUnknown);
    }
}
