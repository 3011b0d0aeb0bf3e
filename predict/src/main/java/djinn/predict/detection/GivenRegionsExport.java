package djinn.predict.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import djinn.data.Preprocessing;
import djinn.export.Exporter;
import djinn.export.onnx.OnnxOptions;
import djinn.export.trace.DynamicAxis;
import djinn.ops.Box;
import djinn.ops.BoxGrid;
import djinn.ops.PyTorch;
import djinn.ops.Randomness;
import djinn.zoo.detection.Detector;
import java.nio.file.Path;
import java.util.List;

/**
 * Writes a detector that looks at given regions as a file that takes them beside the image: {@code image} (1, 3, H, W) and
 * {@code regions} (R, 5), float32, each 0, x1, y1, x2, y2 in pixels of the image; R is open, from 1 on. Boxes (1, R, K, 4) and
 * scores (1, R, K) are in their order.
 */
public final class GivenRegionsExport {

    private static final int SEED = 7;

    /** It is compared on at most so many windows of a grid. */
    private static final int COMPARED = 60;

    private GivenRegionsExport() {}

    /**
     * Writes a detector.
     *
     * @param model an initialised detector that looks at given regions
     * @param images what is done to images, which tells their size
     * @param to the file, {@code .onnx} or {@code .pt}
     * @param settings how; what is open, and on what the file is compared, is decided here
     * @return what came of it
     * @throws IllegalArgumentException if the detector takes no regions
     * @throws djinn.export.trace.TraceException if the detector does what a trace or the format cannot hold
     * @throws djinn.ops.DataException if the file answers otherwise than the detector, or writing fails
     */
    public static Exporter.Exported write(Detector model, Preprocessing images, Path to, Exporter.Settings settings) {
        if (!model.takesRegions()) {
            throw new IllegalArgumentException(
                    "expected a detector that looks at given regions, such as fast_rcnn, got "
                            + model.getClass().getSimpleName());
        }
        try (NDManager manager = PyTorch.newManager()) {
            Randomness.seed(SEED);
            Shape shape = new Shape(1, images.channels(), images.height(), images.width());
            NDArray image = manager.randomNormal(0f, 1f, shape, DataType.FLOAT32);
            OnnxOptions options = settings.options()
                    .withNames(new OnnxOptions.Names(List.of("image", "regions"), List.of("boxes", "scores")));
            boolean compared = settings.check() != Exporter.Check.NONE;
            Exporter.Settings own = settings.withOptions(options)
                    .withOpen(new DynamicAxis("regions", 0, List.of(3L, 4L, 7L)).ofInput(1))
                    .withCheck(compared ? Exporter.Check.EXAMPLE : Exporter.Check.NONE);
            return Exporter.write(model, new NDList(image, windows(manager, images)), to, own);
        }
    }

    /** Windows of all sizes, (R, 5). */
    private static NDArray windows(NDManager manager, Preprocessing images) {
        List<Box> boxes = BoxGrid.of(images.height(), images.width());
        int step = Math.max(1, (boxes.size() + COMPARED - 1) / COMPARED);
        int rows = (boxes.size() + step - 1) / step;
        float[] regions = new float[5 * rows];
        for (int i = 0; i < rows; i++) {
            Box box = boxes.get(i * step);
            regions[5 * i + 1] = (float) box.x();
            regions[5 * i + 2] = (float) box.y();
            regions[5 * i + 3] = (float) (box.x() + box.width());
            regions[5 * i + 4] = (float) (box.y() + box.height());
        }
        return manager.create(regions, new Shape(rows, 5));
    }
}
