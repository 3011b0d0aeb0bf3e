package djinn.predict.segmentation;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import djinn.data.Geometry;
import djinn.data.LabelMap;
import djinn.data.Pixels;
import djinn.data.Preprocessing;
import djinn.inference.Codec;
import djinn.inference.ImageInput;
import djinn.inference.Tensor;
import djinn.ops.PyTorch;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Looks at an image in several views, some at a time, and puts the answers together.
 *
 * <p>A tile that reaches beyond the image is filled with the mean there. With {@code scaling: image} every tile is brought to
 * its own mean and deviation.
 *
 * @param plain of one view, whose size is the tiles'
 * @param views which
 */
record ViewsCodec(SegmentationCodec plain, Views views) implements Codec<ImageInput, Segmentation> {

    /** Tiles that are computed together. */
    private static final int TOGETHER = 4;

    @Override
    public Encoded<Segmentation> encode(List<? extends ImageInput> inputs, Room room) {
        return plain.encode(inputs, room);
    }

    @Override
    public Optional<Shape> usualShape() {
        return plain.usualShape();
    }

    @Override
    public List<Segmentation> answer(List<? extends ImageInput> inputs, Room room, UnaryOperator<List<Tensor>> model) {
        List<Segmentation> answers = new ArrayList<>();
        for (ImageInput input : inputs) {
            answers.add(views.tile().isPresent() ? tiled(input, model) : whole(input, model));
        }
        return answers;
    }

    private Segmentation whole(ImageInput input, UnaryOperator<List<Tensor>> model) {
        ImageInput.Fitted image = input.fitted(plain.card().preprocessing());
        float[] scores = scores(List.of(image.pixels()), input.name(), model).get(0);
        return SegmentationCodec.answer(plain.card(), scores, image.height(), image.width());
    }

    private Segmentation tiled(ImageInput input, UnaryOperator<List<Tensor>> model) {
        Preprocessing shape = plain.card().preprocessing();
        Pixels image = input.pixels(shape.channels());
        int size = shape.height();
        List<Tile> down = tiles(image.height(), size, views.overlap());
        List<Tile> across = tiles(image.width(), size, views.overlap());
        List<Place> places = new ArrayList<>();
        down.forEach(row -> across.forEach(column -> places.add(new Place(row, column))));
        byte[] labels = new byte[Math.multiplyExact(image.height(), image.width())];
        for (int from = 0; from < places.size(); from += TOGETHER) {
            List<Place> next = places.subList(from, Math.min(places.size(), from + TOGETHER));
            List<Pixels> parts =
                    next.stream().map(place -> cut(image, place, shape)).toList();
            List<float[]> scores = scores(parts, input.name(), model);
            for (int i = 0; i < next.size(); i++) {
                write(scores.get(i), next.get(i), size, labels, image.width());
            }
        }
        return new Segmentation(
                new LabelMap(image.height(), image.width(), labels),
                plain.card().classes());
    }

    /** A tile's rows and columns. */
    private record Place(Tile row, Tile column) {}

    /**
     * A tile along one side of the image.
     *
     * @param start its first pixel
     * @param from the first pixel that it tells
     * @param to the pixel behind the last that it tells
     */
    record Tile(int start, int from, int to) {}

    /**
     * The tiles along one side: each as far from the one before as the overlap lets it, but the last, which ends where the
     * image does.
     */
    static List<Tile> tiles(int extent, int size, int overlap) {
        List<Integer> starts = new ArrayList<>(List.of(0));
        while (starts.get(starts.size() - 1) + size < extent) {
            starts.add(Math.min(starts.get(starts.size() - 1) + size - overlap, extent - size));
        }
        List<Tile> tiles = new ArrayList<>();
        int from = 0;
        for (int i = 0; i < starts.size(); i++) {
            int start = starts.get(i);
            int to = i + 1 < starts.size() ? (start + size + starts.get(i + 1)) / 2 : extent;
            tiles.add(new Tile(start, from, to));
            from = to;
        }
        return tiles;
    }

    private static Pixels cut(Pixels image, Place place, Preprocessing shape) {
        int channels = image.channels();
        int size = shape.height();
        byte[] values = new byte[size * size * channels];
        int rows = Math.min(size, image.height() - place.row.start);
        int columns = Math.min(size, image.width() - place.column.start);
        if (rows < size || columns < size) {
            for (int i = 0; i < values.length; i++) {
                values[i] = (byte) Math.round(255 * shape.mean().get(i % channels));
            }
        }
        for (int y = 0; y < rows; y++) {
            int from = ((place.row.start + y) * image.width() + place.column.start) * channels;
            System.arraycopy(image.values(), from, values, y * size * channels, columns * channels);
        }
        return new Pixels(size, size, channels, values);
    }

    /** Writes the highest classes of what a tile tells. */
    private void write(float[] scores, Place place, int size, byte[] labels, int width) {
        int classes = plain.card().classes().size();
        LabelMap highest = HighestLogits.of(scores, classes, Geometry.none(size, size));
        for (int y = place.row.from; y < place.row.to; y++) {
            int from = (y - place.row.start) * size + place.column.from - place.column.start;
            int at = y * width + place.column.from;
            System.arraycopy(highest.values(), from, labels, at, place.column.to - place.column.from);
        }
    }

    /** Logits of one view, or the sum of the probabilities of two: (K, H, W) for each image. */
    private List<float[]> scores(List<Pixels> images, String name, UnaryOperator<List<Tensor>> model) {
        List<Tensor> inputs = new ArrayList<>();
        try (NDManager manager = PyTorch.newManager()) {
            NDArray normalised = SegmentationCodec.normalised(plain.card(), images, manager);
            inputs.add(Tensor.of(normalised));
            if (views.mirrored()) {
                inputs.add(Tensor.of(normalised.flip(3)));
            }
        }
        List<float[]> scores = outputs(inputs.get(0), images.size(), name, model);
        if (!views.mirrored()) {
            return scores;
        }
        List<float[]> mirrored = outputs(inputs.get(1), images.size(), name, model);
        for (int i = 0; i < scores.size(); i++) {
            probabilities(scores.get(i));
            probabilities(mirrored.get(i));
            addMirrored(scores.get(i), mirrored.get(i));
        }
        return scores;
    }

    private List<float[]> outputs(Tensor input, int images, String name, UnaryOperator<List<Tensor>> model) {
        Tensor logits = model.apply(List.of(input)).get(0);
        Shape shape = plain.checked(logits, images);
        FloatBuffer all = logits.floats();
        List<float[]> each = new ArrayList<>();
        for (int i = 0; i < images; i++) {
            float[] own = new float[Math.toIntExact(shape.size() / images)];
            all.get(own);
            SegmentationCodec.requireFinite(own, name);
            each.add(own);
        }
        return each;
    }

    /** Softmax over the classes of each pixel, in place. */
    private void probabilities(float[] logits) {
        int classes = plain.card().classes().size();
        int pixels = logits.length / classes;
        for (int i = 0; i < pixels; i++) {
            float highest = Float.NEGATIVE_INFINITY;
            for (int k = 0; k < classes; k++) {
                highest = Math.max(highest, logits[k * pixels + i]);
            }
            double sum = 0;
            for (int k = 0; k < classes; k++) {
                double value = Math.exp((double) logits[k * pixels + i] - highest);
                logits[k * pixels + i] = (float) value;
                sum += value;
            }
            for (int k = 0; k < classes; k++) {
                logits[k * pixels + i] /= (float) sum;
            }
        }
    }

    private void addMirrored(float[] sums, float[] mirrored) {
        int width = plain.card().preprocessing().width();
        for (int row = 0; row < sums.length; row += width) {
            for (int x = 0; x < width; x++) {
                sums[row + x] += mirrored[row + width - 1 - x];
            }
        }
    }
}
