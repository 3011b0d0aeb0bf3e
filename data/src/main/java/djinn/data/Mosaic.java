package djinn.data;

import djinn.ops.Default;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Four images around a point, each of which fills a quarter (Bochkovskiy et al. 2020, "YOLOv4", section 3.3).
 *
 * <p>The point is drawn from the middle of the image. The image at a place of the batch is joined by three others that
 * are drawn of the batch; each is shrunk or enlarged by a factor of its own, cut where it reaches over its quarter, at
 * random, and where it is smaller lies against the point on a ground that normalises to about 0.
 *
 * @param scale least and greatest factor, above 0
 * @param p how often, 0 to 1
 */
public record Mosaic(
        @Default("[0.5, 1]") List<Double> scale,
        @Default("1") double p) implements SceneMixing {

    private static final double MARGIN = 0.25;

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException if a component is out of its range
     */
    public Mosaic {
        scale = List.copyOf(scale);
        if (scale.size() != 2 || !(scale.get(0) > 0 && scale.get(0) <= scale.get(1) && scale.get(1) <= 4)) {
            throw new IllegalArgumentException(
                    "expected scale as [least, greatest], above 0 and at most 4, got " + scale);
        }
        if (!(p >= 0 && p <= 1)) {
            throw new IllegalArgumentException("expected p from 0 to 1, got " + p);
        }
    }

    @Override
    public List<Scene> mixed(List<Scene> scenes, Preprocessing model, RandomGenerator random) {
        SceneMixing.requireOneSize(scenes);
        List<Scene> mixed = new ArrayList<>();
        for (Scene scene : scenes) {
            mixed.add(random.nextDouble() < p ? joined(scene, scenes, model, random) : scene);
        }
        return mixed;
    }

    private Scene joined(Scene own, List<Scene> scenes, Preprocessing model, RandomGenerator random) {
        int height = own.image().height();
        int width = own.image().width();
        int channels = own.image().channels();
        int y = middle(height, random);
        int x = middle(width, random);
        byte[] values = model.ground(height, width);
        List<ImageObject> objects = new ArrayList<>();
        int dropped = 0;
        int place = random.nextInt(4);
        for (int quarter = 0; quarter < 4; quarter++) {
            Scene scene = quarter == place ? own : scenes.get(random.nextInt(scenes.size()));
            boolean isBelow = quarter >= 2;
            boolean isRight = quarter % 2 == 1;
            Region room =
                    new Region(isBelow ? y : 0, isRight ? x : 0, isBelow ? height - y : y, isRight ? width - x : x);
            double factor = scale.get(0) + random.nextDouble() * (scale.get(1) - scale.get(0));
            int rows = Math.max(1, (int) Math.rint(height * factor));
            int columns = Math.max(1, (int) Math.rint(width * factor));
            Region seen = new Region(
                    random.nextInt(Math.max(1, rows - room.height() + 1)),
                    random.nextInt(Math.max(1, columns - room.width() + 1)),
                    Math.min(rows, room.height()),
                    Math.min(columns, room.width()));
            Pixels part = Resampling.cropOfResized(scene.image(), rows, columns, seen, model.interpolation());
            int top = isBelow ? y : y - seen.height();
            int left = isRight ? x : x - seen.width();
            int row = seen.width() * channels;
            for (int i = 0; i < seen.height(); i++) {
                System.arraycopy(part.values(), i * row, values, ((top + i) * width + left) * channels, row);
            }
            // first to the part that is seen, so that nothing reaches into other quarters
            ImageObjects moved = scene.objects()
                    .moved(Geometry.cut(
                            height,
                            width,
                            (double) seen.top() * height / rows,
                            (double) seen.left() * width / columns,
                            (double) seen.height() * height / rows,
                            (double) seen.width() * width / columns,
                            seen.height(),
                            seen.width()))
                    .moved(Geometry.cut(seen.height(), seen.width(), -top, -left, height, width, height, width));
            objects.addAll(moved.objects());
            dropped += moved.dropped();
        }
        return new Scene(
                new Pixels(height, width, channels, values),
                new ImageObjects(height, width, objects, own.objects().leastVisible(), dropped),
                own.origin());
    }

    private static int middle(int side, RandomGenerator random) {
        int margin = (int) (side * MARGIN);
        return Math.max(1, Math.min(side - 1, margin + random.nextInt(Math.max(1, side - 2 * margin))));
    }
}
