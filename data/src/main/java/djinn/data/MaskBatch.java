package djinn.data;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import djinn.ops.TorchScript;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Images and the classes of their pixels; to be closed, so that its memory is used again. */
public final class MaskBatch implements PixelBatch {

    /** What losses ignore unless told otherwise. */
    public static final int IGNORE_INDEX = -100;

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def standardise(x: Tensor) -> Tensor:
              deviation, mean = torch.std_mean(x, [1, 2, 3], unbiased=True, keepdim=True)
              return torch.div(torch.sub(x, mean), torch.add(deviation, 0.001))

            def targets(labels: Tensor, ignored: int, index: int) -> Tensor:
              whole = torch.to(labels, 4)
              return torch.masked_fill(whole, torch.eq(whole, ignored), index)
            """);

    private final ByteBuffer pixels;
    private final List<LabelMap> labels;
    private final Preprocessing preprocessing;
    private final Scaling scaling;
    private final List<float[]> boundaries;
    private final Consumer<ByteBuffer> release;

    MaskBatch(
            ByteBuffer pixels,
            List<LabelMap> labels,
            Preprocessing preprocessing,
            Scaling scaling,
            List<float[]> boundaries,
            Consumer<ByteBuffer> release) {
        this.pixels = pixels;
        this.labels = List.copyOf(labels);
        this.preprocessing = preprocessing;
        this.scaling = scaling;
        this.boundaries = List.copyOf(boundaries);
        this.release = release;
    }

    /**
     * A batch of images that have the model's size.
     *
     * @param images of the size and channels of the preprocessing, as {@link Preprocessing#fit} returns them
     * @param labels one for each image, of that size
     * @param preprocessing what the model does to an image
     * @param scaling by what values are divided
     * @return the batch
     * @throws IllegalArgumentException if there are no images, not as many maps, or sizes differ
     */
    public static MaskBatch of(
            List<Pixels> images, List<LabelMap> labels, Preprocessing preprocessing, Scaling scaling) {
        if (images.isEmpty() || images.size() != labels.size()) {
            throw new IllegalArgumentException(
                    "expected images with a label map each, got " + images.size() + " and " + labels.size());
        }
        int each = preprocessing.channels() * preprocessing.height() * preprocessing.width();
        ByteBuffer buffer = ByteBuffer.allocateDirect(Math.multiplyExact(images.size(), each));
        for (int i = 0; i < images.size(); i++) {
            buffer.put(preprocessing.checked(images.get(i)).values());
            checked(labels.get(i), preprocessing);
        }
        return new MaskBatch(buffer.flip(), labels, preprocessing, scaling, List.of(), freed -> {});
    }

    /** Returns a map if it has the model's size. */
    private static LabelMap checked(LabelMap map, Preprocessing shape) {
        if (map.height() != shape.height() || map.width() != shape.width()) {
            throw new IllegalArgumentException(
                    "expected a label map of " + shape.height() + "x" + shape.width() + ", got " + map);
        }
        return map;
    }

    @Override
    public int size() {
        return labels.size();
    }

    /** Returns the classes of the images' pixels, (N) maps of (H, W). */
    public List<LabelMap> labels() {
        return labels;
    }

    @Override
    public NDArray images(NDManager manager) {
        Shape shape = new Shape(size(), preprocessing.height(), preprocessing.width(), preprocessing.channels());
        try (NDArray bytes = manager.create(pixels.duplicate(), shape, DataType.UINT8)) {
            NDArray images = preprocessing.normalise(bytes);
            return scaling == Scaling.IMAGE ? SCRIPT.call("standardise", images) : images;
        }
    }

    /**
     * Returns the classes for a loss.
     *
     * @param manager owns the array
     * @return (N, H, W), int64; -100 where the class is unknown, which losses ignore
     */
    public NDArray targets(NDManager manager) {
        int each = preprocessing.height() * preprocessing.width();
        ByteBuffer bytes = ByteBuffer.allocateDirect(Math.multiplyExact(size(), each));
        labels.forEach(map -> bytes.put(map.values()));
        Shape shape = new Shape(size(), preprocessing.height(), preprocessing.width());
        try (NDArray array = manager.create(bytes.flip(), shape, DataType.UINT8)) {
            return SCRIPT.call("targets", array, LabelMap.IGNORED, IGNORE_INDEX);
        }
    }

    /**
     * Returns how much more pixels between objects count.
     *
     * @param manager owns the array
     * @return (N, H, W), float32, as {@link BoundaryWeights} has them; empty if the loader was given none
     */
    public Optional<NDArray> boundaries(NDManager manager) {
        if (boundaries.isEmpty()) {
            return Optional.empty();
        }
        int each = preprocessing.height() * preprocessing.width();
        FloatBuffer all = FloatBuffer.allocate(Math.multiplyExact(size(), each));
        boundaries.forEach(all::put);
        Shape shape = new Shape(size(), preprocessing.height(), preprocessing.width());
        return Optional.of(manager.create(all.array(), shape));
    }

    /** Returns the images as they are, before normalisation, for pictures. */
    public List<Pixels> pixels() {
        List<Pixels> all = new ArrayList<>();
        ByteBuffer values = pixels.duplicate();
        for (int i = 0; i < size(); i++) {
            byte[] image = new byte[preprocessing.height() * preprocessing.width() * preprocessing.channels()];
            values.get(image);
            all.add(new Pixels(preprocessing.height(), preprocessing.width(), preprocessing.channels(), image));
        }
        return List.copyOf(all);
    }

    @Override
    public List<MaskBatch> split(int parts) {
        int each = preprocessing.height() * preprocessing.width() * preprocessing.channels();
        return Share.of(size(), parts).stream()
                .map(share -> new MaskBatch(
                        pixels.slice(share.from() * each, share.size() * each),
                        labels.subList(share.from(), share.to()),
                        preprocessing,
                        scaling,
                        boundaries.isEmpty() ? List.of() : boundaries.subList(share.from(), share.to()),
                        buffer -> {}))
                .toList();
    }

    @Override
    public void close() {
        release.accept(pixels);
    }
}
