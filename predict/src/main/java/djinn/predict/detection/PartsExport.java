package djinn.predict.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import djinn.data.Preprocessing;
import djinn.export.Exporter;
import djinn.export.onnx.OnnxOptions;
import djinn.export.trace.DynamicAxis;
import djinn.inference.Card;
import djinn.ops.Autograd;
import djinn.ops.PyTorch;
import djinn.ops.Randomness;
import djinn.zoo.detection.Detector;
import djinn.zoo.detection.DetectorPart;
import djinn.zoo.detection.ProposingDetector;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/**
 * Writes a detector of two stages as ONNX files of its parts, for those who serve them apart: {@code NAME.first.onnx}, from
 * an image (1, 3, H, W) to maps and regions (R, 5), {@code NAME.boxes.onnx}, from these to boxes, and of one that tells masks
 * {@code NAME.masks.onnx}, from the maps, boxes (1, M, 4) and labels (1, M) to masks (1, M, S, S).
 *
 * <p>What a part takes has the names of what those before it answer, see {@link DetectorPart}. The numbers of regions and of
 * boxes are open, from 1 on; a region is 0, x1, y1, x2, y2 in pixels of the image.
 */
public final class PartsExport {

    /** In the metadata: {@code first}, {@code boxes} or {@code masks}. */
    static final String PART = "djinn.part";

    private static final String ENDING = ".onnx";
    private static final int SEED = 7;

    /** Masks are compared of so many regions. */
    private static final long MASKED = 8;

    /** At these sizes a part is traced. */
    private static final List<Long> SIZES = List.of(3L, 4L, 7L);

    private final NDManager manager;
    private final Detector model;
    private final Exporter.Settings settings;

    private PartsExport(NDManager manager, Detector model, Exporter.Settings settings) {
        this.manager = manager;
        this.model = model;
        this.settings = settings;
    }

    /**
     * Writes the parts of a detector.
     *
     * @param model an initialised detector that proposes regions
     * @param images what is done to images, which tells their size
     * @param to NAME{@code .onnx}
     * @param settings how; the part that tells boxes selects them where a whole file of these settings would
     * @return what came of each part, in their order
     * @throws IllegalArgumentException if the detector proposes no regions
     * @throws djinn.export.trace.TraceException if a part does what a trace or the format cannot hold
     * @throws djinn.ops.DataException if a file answers otherwise than its part, or writing fails; parts before it are
     *     written
     */
    public static List<Exporter.Exported> write(
            Detector model, Preprocessing images, Path to, Exporter.Settings settings) {
        if (!(model instanceof ProposingDetector detector)) {
            throw new IllegalArgumentException(
                    "expected a detector that proposes regions, such as faster_rcnn, to write" + " its parts, got "
                            + model.getClass().getSimpleName());
        }
        try (NDManager manager = PyTorch.newManager();
                Autograd.Scope off = Autograd.withoutGradients()) {
            PartsExport export = new PartsExport(manager, model, settings);
            Randomness.seed(SEED);
            Shape shape = new Shape(1, images.channels(), images.height(), images.width());
            NDList image = new NDList(manager.randomNormal(0f, 1f, shape, DataType.FLOAT32));
            List<DetectorPart> parts = detector.parts(images.height(), images.width());
            NDList proposed = parts.get(0).forward(new ParameterStore(manager, false), image, false);
            List<Exporter.Exported> written = new ArrayList<>();
            for (DetectorPart part : parts) {
                NDList example = switch (part.kind()) {
                    case FIRST -> image;
                    case BOXES -> proposed;
                    case MASKS -> export.found(proposed);
                };
                written.add(Exporter.write(part, example, file(to, part), export.settings(part)));
            }
            return written;
        }
    }

    /** Returns the file of a part. */
    private static Path file(Path to, DetectorPart part) {
        String name = to.getFileName().toString();
        String stem = name.endsWith(ENDING) ? name.substring(0, name.length() - ENDING.length()) : name;
        return to.resolveSibling(stem + "." + part.title() + ENDING);
    }

    /** Maps, and some regions in place of boxes that were found. */
    private NDList found(NDList proposed) {
        int maps = proposed.size() - 1;
        NDArray regions = proposed.get(maps);
        long count = Math.min(MASKED, regions.getShape().get(0));
        long[] labels = LongStream.range(0, count).map(i -> i % model.classes()).toArray();
        NDList example = new NDList(proposed.subList(0, maps));
        example.add(regions.get("0:" + count + ", 1:").expandDims(0));
        example.add(manager.create(labels, new Shape(1, count)));
        return example;
    }

    private Exporter.Settings settings(DetectorPart part) {
        int last = part.inputs().size() - 1;
        OnnxOptions options = settings.options().withNames(new OnnxOptions.Names(part.inputs(), part.outputs()));
        Map<String, String> metadata = new LinkedHashMap<>(options.metadata());
        metadata.put(PART, part.title());
        if (part.kind() != DetectorPart.Kind.BOXES) {
            options = options.withoutSelection();
            metadata.put(Card.OUTPUT, String.join(", ", part.outputs()));
        }
        options = options.withMetadata(metadata);
        Exporter.Check given = settings.check() == Exporter.Check.NONE ? Exporter.Check.NONE : Exporter.Check.EXAMPLE;
        return switch (part.kind()) {
            case FIRST -> settings.withOptions(options).withOpen();
            case BOXES ->
                settings.withOptions(options)
                        .withOpen(new DynamicAxis("regions", 0, SIZES).ofInput(last))
                        .withCheck(given);
            case MASKS ->
                settings.withOptions(options)
                        .withOpen(new DynamicAxis("found", 1, SIZES).ofInput(last - 1, last))
                        .withCheck(given);
        };
    }
}
