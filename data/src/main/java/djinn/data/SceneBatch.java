package djinn.data;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import djinn.ops.Box;
import djinn.ops.RunLengthMask;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Images and the objects in them; to be closed, so that its memory is used again.
 *
 * <p>Images of different sizes are filled up at the right and below, with what normalises to about 0, to those of the
 * largest: boxes stay where they are.
 */
public final class SceneBatch implements PixelBatch {

    private final ByteBuffer pixels;
    private final int height;
    private final int width;
    private final List<ImageObjects> objects;
    private final List<SceneOrigin> origins;
    private final List<Optional<ImageObjects>> proposals;
    private final Preprocessing preprocessing;
    private final Consumer<ByteBuffer> release;

    private SceneBatch(
            ByteBuffer pixels,
            int height,
            int width,
            List<ImageObjects> objects,
            List<SceneOrigin> origins,
            List<Optional<ImageObjects>> proposals,
            Preprocessing preprocessing,
            Consumer<ByteBuffer> release) {
        this.pixels = pixels;
        this.height = height;
        this.width = width;
        this.objects = List.copyOf(objects);
        this.origins = List.copyOf(origins);
        this.proposals = List.copyOf(proposals);
        this.preprocessing = preprocessing;
        this.release = release;
    }

    /**
     * Returns what makes batches, in memory that is used again.
     *
     * @param preprocessing what the model does to an image
     * @param multiple what height and width are multiples of, at least 1; 32 for most detectors
     * @throws IllegalArgumentException if the multiple is less than 1; from the collate, if an image has not the size and
     *     channels of the preprocessing
     */
    public static Collate<Scene, SceneBatch> collate(Preprocessing preprocessing, int multiple) {
        if (multiple < 1) {
            throw new IllegalArgumentException("expected sizes in multiples of at least 1, got " + multiple);
        }
        Buffers buffers = new Buffers();
        return (scenes, random) -> of(scenes.toList(), preprocessing, multiple, buffers);
    }

    private static SceneBatch of(List<Scene> scenes, Preprocessing preprocessing, int multiple, Buffers buffers) {
        int height = common(
                scenes.stream().mapToInt(scene -> scene.image().height()).max().orElse(1), multiple);
        int width = common(
                scenes.stream().mapToInt(scene -> scene.image().width()).max().orElse(1), multiple);
        int row = Math.multiplyExact(width, preprocessing.channels());
        byte[] filling = preprocessing.ground(1, width);
        ByteBuffer pixels = buffers.borrow(Math.multiplyExact(Math.multiplyExact(scenes.size(), height), row));
        for (Scene scene : scenes) {
            Pixels image = preprocessing.checked(scene.image());
            int length = image.width() * image.channels();
            for (int y = 0; y < image.height(); y++) {
                pixels.put(image.values(), y * length, length).put(filling, length, row - length);
            }
            for (int y = image.height(); y < height; y++) {
                pixels.put(filling);
            }
        }
        List<ImageObjects> objects = scenes.stream().map(Scene::objects).toList();
        List<SceneOrigin> origins = scenes.stream().map(Scene::origin).toList();
        List<Optional<ImageObjects>> proposals =
                scenes.stream().map(Scene::proposals).toList();
        return new SceneBatch(
                pixels.flip(), height, width, objects, origins, proposals, preprocessing, buffers::giveBack);
    }

    private static int common(int largest, int multiple) {
        return (largest + multiple - 1) / multiple * multiple;
    }

    @Override
    public int size() {
        return objects.size();
    }

    /** Returns the objects of the images, (N), each with the size of its image, without what it is filled up with. */
    public List<ImageObjects> objects() {
        return objects;
    }

    /** Returns where the images come from, (N): their numbers, and the way of boxes back to them. */
    public List<SceneOrigin> origins() {
        return origins;
    }

    /** Returns the images as they are, before normalisation and without what they are filled up with, for pictures. */
    public List<Pixels> pixels() {
        int channels = preprocessing.channels();
        List<Pixels> all = new ArrayList<>();
        for (int n = 0; n < size(); n++) {
            int own = objects.get(n).height();
            int row = objects.get(n).width() * channels;
            byte[] values = new byte[own * row];
            for (int y = 0; y < own; y++) {
                pixels.get((n * height + y) * width * channels, values, y * row, row);
            }
            all.add(new Pixels(own, objects.get(n).width(), channels, values));
        }
        return List.copyOf(all);
    }

    @Override
    public NDArray images(NDManager manager) {
        Shape shape = new Shape(size(), height, width, preprocessing.channels());
        try (NDArray bytes = manager.create(pixels.duplicate(), shape, DataType.UINT8)) {
            return preprocessing.normalise(bytes);
        }
    }

    /**
     * Returns the boxes of an image's objects.
     *
     * @param index which image
     * @param manager owns the array
     * @return (M, 4), float32: left, top, right and bottom edge in pixels of {@link #images}
     */
    public NDArray boxes(int index, NDManager manager) {
        List<ImageObject> own = objects.get(index).objects();
        float[] corners = new float[4 * own.size()];
        for (int i = 0; i < own.size(); i++) {
            put(own.get(i).box(), corners, 4 * i);
        }
        return manager.create(corners, new Shape(own.size(), 4));
    }

    /**
     * Returns where objects may be in the images, for a detector that looks at given regions. Where nothing is proposed of
     * an image that is all of it, so that each has one.
     *
     * @param manager owns the array
     * @return (R, 5), float32, image by image: its index, then left, top, right and bottom edge in pixels of {@link #images}
     */
    public NDArray regions(NDManager manager) {
        List<List<Box>> boxes = new ArrayList<>();
        for (int n = 0; n < size(); n++) {
            ImageObjects own = objects.get(n);
            List<ImageObject> proposed =
                    proposals.get(n).map(ImageObjects::objects).orElse(List.of());
            boxes.add(
                    proposed.isEmpty()
                            ? List.of(new Box(0, 0, own.width(), own.height()))
                            : proposed.stream().map(ImageObject::box).toList());
        }
        int rows = boxes.stream().mapToInt(List::size).sum();
        float[] regions = new float[5 * rows];
        int at = 0;
        for (int n = 0; n < size(); n++) {
            for (Box box : boxes.get(n)) {
                regions[at] = n;
                put(box, regions, at + 1);
                at += 5;
            }
        }
        return manager.create(regions, new Shape(rows, 5));
    }

    private static void put(Box box, float[] to, int at) {
        to[at] = (float) box.x();
        to[at + 1] = (float) box.y();
        to[at + 2] = (float) (box.x() + box.width());
        to[at + 3] = (float) (box.y() + box.height());
    }

    /**
     * Returns the classes of an image's objects.
     *
     * @param index which image
     * @param manager owns the array
     * @return (M), int64
     */
    public NDArray labels(int index, NDManager manager) {
        return manager.create(objects.get(index).objects().stream()
                .mapToLong(ImageObject::label)
                .toArray());
    }

    /**
     * Returns the masks of an image's objects, where they were read.
     *
     * @param index which image
     * @return (M), of the image's own size, without what it is filled up with; empty of an object whose outline holds no
     *     pixel's centre
     */
    public List<RunLengthMask> masks(int index) {
        ImageObjects own = objects.get(index);
        RunLengthMask nothing = RunLengthMask.ofCounts(own.height(), own.width(), List.of(own.height() * own.width()));
        return own.objects().stream()
                .map(object -> object.mask().orElse(nothing))
                .toList();
    }

    /** Images of a share keep the size that all of the batch have. */
    @Override
    public List<SceneBatch> split(int parts) {
        int each = height * width * preprocessing.channels();
        return Share.of(size(), parts).stream()
                .map(share -> new SceneBatch(
                        pixels.slice(share.from() * each, share.size() * each),
                        height,
                        width,
                        objects.subList(share.from(), share.to()),
                        origins.subList(share.from(), share.to()),
                        proposals.subList(share.from(), share.to()),
                        preprocessing,
                        buffer -> {}))
                .toList();
    }

    @Override
    public void close() {
        release.accept(pixels);
    }
}
