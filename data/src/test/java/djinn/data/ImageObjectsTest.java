package djinn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import djinn.ops.Box;
import djinn.ops.PyTorch;
import djinn.ops.RunLengthMask;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A rectangle is painted into a label map, given a box and a mask, and followed through what is done to all three. */
class ImageObjectsTest {

    private static final int HEIGHT = 60;
    private static final int WIDTH = 80;
    private static final Box PAINTED = new Box(40, 18, 22, 14);
    private static final Offset<Double> A_PIXEL = within(1.0);

    private static Preprocessing preprocessing(int height, int width, Preprocessing.Fit fit) {
        return new Preprocessing(height, width, 1, List.of(0.0), List.of(1.0), fit, 1);
    }

    private static LabelMap painted(int height, int width, Box box) {
        byte[] values = new byte[height * width];
        for (int i = 0; i < values.length; i++) {
            int row = i / width;
            double right = i % width + 0.5 - box.x();
            double below = row + 0.5 - box.y();
            values[i] = (byte) (right > 0 && right < box.width() && below > 0 && below < box.height() ? 1 : 0);
        }
        return new LabelMap(height, width, values);
    }

    /** The pixels of class 1. */
    private static RunLengthMask mask(LabelMap labels) {
        boolean[] pixels = new boolean[labels.values().length];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = labels.values()[i] == 1;
        }
        return RunLengthMask.of(labels.height(), labels.width(), pixels);
    }

    private static ImageObjects twice(LabelMap labels, Box box) {
        ImageObject bare = new ImageObject(3, box);
        ImageObject masked = new ImageObject(4, box, Optional.of(mask(labels)), true);
        return new ImageObjects(labels.height(), labels.width(), List.of(bare, masked), 0);
    }

    private static void assertNear(Box actual, Box expected) {
        assertThat(actual.x()).isCloseTo(expected.x(), A_PIXEL);
        assertThat(actual.y()).isCloseTo(expected.y(), A_PIXEL);
        assertThat(actual.x() + actual.width()).isCloseTo(expected.x() + expected.width(), A_PIXEL);
        assertThat(actual.y() + actual.height()).isCloseTo(expected.y() + expected.height(), A_PIXEL);
    }

    private static void assertAround(Box outer, Box inner) {
        assertThat(outer.x()).isLessThan(inner.x() + 1);
        assertThat(outer.y()).isLessThan(inner.y() + 1);
        assertThat(outer.x() + outer.width()).isGreaterThan(inner.x() + inner.width() - 1);
        assertThat(outer.y() + outer.height()).isGreaterThan(inner.y() + inner.height() - 1);
    }

    static List<Augmentation> geometric() {
        return GeometryTest.geometric();
    }

    @ParameterizedTest
    @MethodSource("geometric")
    void boxesAndMasksGoTheWayOfLabelMaps(Augmentation augmentation) {
        LabelMap labels = painted(HEIGHT, WIDTH, PAINTED);
        Pixels image = new Pixels(HEIGHT, WIDTH, 1, new byte[HEIGHT * WIDTH]);
        Scene scene = new Scene(image, twice(labels, PAINTED));
        Preprocessing model = preprocessing(64, 64, Preprocessing.Fit.CROP);
        SplittableRandom random = new SplittableRandom(3);
        int whole = 0;
        for (int i = 0; i < 60; i++) {
            Augmented change = augmentation.draw(image, model, random);
            LabelMap followed = change.follow(labels);
            ImageObjects objects = scene.changed(change).objects();
            RunLengthMask expected = mask(followed);
            if (expected.area() < 60) {
                continue;
            }
            assertThat(objects.dropped()).isZero();
            ImageObject bare = objects.objects().get(0);
            ImageObject masked = objects.objects().get(1);
            assertThat(masked.mask()).contains(expected);
            assertThat(masked.label()).isEqualTo(4);
            assertThat(masked.isCrowd()).isTrue();
            assertNear(masked.box(), expected.box());
            assertAround(bare.box(), expected.box());
            assertThat(bare.box().x()).isGreaterThanOrEqualTo(0);
            assertThat(bare.box().x() + bare.box().width()).isLessThanOrEqualTo(followed.width() + 1e-9);
            if (change.moves().size() < 2) {
                boolean upright = change.moves().stream().allMatch(Geometry::isUpright);
                if (upright || bare.visible() == 1) {
                    // what is turned and cut has corners thinner than a pixel
                    assertNear(bare.box(), expected.box());
                    whole++;
                }
                // a pixel is of the object or not: along its edge of 72 pixels, half of them may be off by half
                assertThat(bare.visible()).isCloseTo(masked.visible(), within(0.06));
            }
        }
        assertThat(whole).isGreaterThan(augmentation instanceof AutoAugment ? 0 : 10);
    }

    @Test
    void everyFitTakesObjectsAlongAndLeadsAnswersBack() {
        Box box = new Box(9, 11, 14, 12);
        for (Preprocessing.Fit fit : Preprocessing.Fit.values()) {
            for (int[] size : new int[][] {{60, 80}, {80, 60}, {64, 64}, {31, 97}}) {
                Preprocessing model = preprocessing(48, 56, fit);
                LabelMap labels = painted(size[0], size[1], box);
                Pixels image = new Pixels(size[0], size[1], 1, new byte[size[0] * size[1]]);
                Scene fitted =
                        new ImagePreparation<Scene>(model, List.of()).prepare(new Scene(image, twice(labels, box)));
                Geometry geometry = model.geometry(size[0], size[1]);
                RunLengthMask expected = mask(labels.moved(geometry));
                if (expected.area() == 0) {
                    assertThat(fitted.objects().dropped()).isEqualTo(2);
                    continue;
                }
                for (ImageObject object : fitted.objects().objects()) {
                    assertNear(object.box(), expected.box());
                    assertThat(object.mask().orElse(expected)).isEqualTo(expected);
                    if (object.visible() == 1) {
                        Box back = geometry.source(object.box());
                        assertThat(back.iou(box)).as(fit + " of " + size[0]).isGreaterThan(1 - 1e-9);
                    }
                }
            }
        }
    }

    @Test
    void whatIsSeenTooLittleIsDroppedAndCounted() {
        ImageObject object = new ImageObject(0, new Box(0, 2, 10, 4));
        LabelMap pixels = painted(8, 10, new Box(0, 2, 10, 4));
        ImageObject masked = new ImageObject(1, new Box(0, 2, 10, 4), Optional.of(mask(pixels)), false);
        Geometry rightHalf = Geometry.cut(8, 10, 0, 5, 8, 5, 8, 5);
        Geometry lowerHalf = Geometry.cut(8, 5, 4, 0, 4, 5, 4, 5);

        ImageObjects half = new ImageObjects(8, 10, List.of(object, masked), 0.3).moved(rightHalf);
        assertThat(half.dropped()).isZero();
        for (ImageObject left : half.objects()) {
            assertThat(left.visible()).isEqualTo(0.5);
            assertThat(left.box()).isEqualTo(new Box(0, 2, 5, 4));
        }
        // a quarter of what was read is left
        ImageObjects quarter = half.moved(lowerHalf);
        assertThat(quarter.objects()).isEmpty();
        assertThat(quarter.dropped()).isEqualTo(2);
        ImageObjects all = new ImageObjects(8, 10, List.of(object, masked), 0)
                .moved(rightHalf)
                .moved(lowerHalf);
        assertThat(all.objects()).extracting(ImageObject::visible).containsExactly(0.25, 0.25);
        assertThat(all.objects()).extracting(ImageObject::box).containsOnly(new Box(0, 0, 5, 2));
        // nothing at all is left above the object
        ImageObjects none =
                new ImageObjects(8, 10, List.of(object, masked), 0).moved(Geometry.cut(8, 10, 0, 0, 2, 10, 2, 10));
        assertThat(none.objects()).isEmpty();
        assertThat(none.dropped()).isEqualTo(2);
    }

    @Test
    void aTurnedBoxIsCutBeforeItIsMadeUpright() {
        double r = Math.sqrt(0.5);
        Geometry turned = new Geometry(4, 4, 4, 4, r, -r, 0, r, r, 0);
        Box box = new Box(-1, -1, 2, 2);
        ImageObject seen = new ImageObject(0, box).moved(turned).orElseThrow();
        // of the four quarters around (0, 0) one is in the image
        assertThat(seen.visible()).isCloseTo(0.25, within(1e-12));
        assertThat(seen.box().x()).isZero();
        assertThat(seen.box().width()).isCloseTo(Math.sqrt(2), within(1e-12));
        assertThat(seen.box().height()).isCloseTo(Math.sqrt(2), within(1e-12));
        assertThat(turned.target(box).width()).isCloseTo(Math.sqrt(8), within(1e-12));
    }

    /** Rectangles of sizes of their own, each in an image of its own size. */
    private static final class Rectangles implements Source<Scene> {
        @Override
        public int size() {
            return 7;
        }

        @Override
        public Scene example(int index) {
            LabelMap labels = painted(40 + index, 50, new Box(20, 10, 8 + index, 12));
            Pixels image = new Pixels(labels.height(), labels.width(), 1, labels.values());
            return new Scene(image, twice(labels, new Box(20, 10, 8 + index, 12)));
        }

        @Override
        public String name(int index) {
            return "rectangle " + index;
        }
    }

    private static List<List<ImageObjects>> epoch(int workers, long cacheBytes) {
        Preprocessing model = preprocessing(32, 48, Preprocessing.Fit.SHORTER_SIDE);
        List<Augmentation> changes = List.of(new RandomHorizontalFlip(0.5), new RandomShift(0.2, 0));
        Feed<SceneBatch> feed = new ExampleFeed<>(
                new ExampleLoader<>(new Rectangles(), new ImagePreparation<>(model, changes), OnError.FAIL, cacheBytes),
                Sampler.shuffled(7),
                SceneBatch.collate(model, 32),
                3,
                2,
                workers);
        List<List<ImageObjects>> all = new ArrayList<>();
        try (NDManager manager = PyTorch.newManager();
                Batches<SceneBatch> batches = feed.batches(1, 0)) {
            while (batches.hasNext()) {
                try (SceneBatch batch = batches.next()) {
                    assertThat(batch.images(manager).getShape()).isEqualTo(new Shape(batch.size(), 1, 32, 64));
                    all.add(batch.objects());
                }
            }
        }
        return all;
    }

    @Test
    void scenesAreReadChangedAndBatchedLikeAnyExamples() {
        List<List<ImageObjects>> one = epoch(1, 0);
        assertThat(one).extracting(List::size).containsExactly(2, 2, 2, 1);
        assertThat(epoch(3, 1_000_000)).isEqualTo(one);
        // a shorter side of 40 to 46 becomes 32, the longer one 40 to 34
        assertThat(one.stream().flatMap(List::stream)).allSatisfy(objects -> {
            assertThat(objects.height()).isEqualTo(32);
            assertThat(objects.width()).isBetween(34, 40);
        });
    }

    @Test
    void whatDoesNotFitIsRefused() {
        RunLengthMask mask = mask(painted(3, 4, new Box(0, 0, 2, 2)));
        ImageObject object = new ImageObject(0, new Box(0, 0, 2, 2), Optional.of(mask), false);
        assertThatThrownBy(() -> new ImageObjects(4, 4, List.of(object), 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected masks of the image's size, 4x4, got 3x4");
        ImageObjects objects = new ImageObjects(3, 4, List.of(object), 0);
        assertThatThrownBy(() -> objects.moved(Geometry.none(5, 4)))
                .hasMessage("expected a geometry of the image's 3x4, got one of 5x4");
        assertThatThrownBy(() -> new Scene(new Pixels(4, 4, 1, new byte[16]), objects))
                .hasMessage("expected objects of an image of 4x4, got those of one of 3x4");
        assertThatThrownBy(() -> new ImageObjects(3, 4, List.of(), 1.5)).hasMessageContaining("from 0 to 1, got 1.5");
        assertThatThrownBy(() -> new ImageObject(-1, new Box(0, 0, 1, 1))).hasMessageContaining("got -1");
    }

    @Test
    void batchesAreFilledUpToTheLargestWithTheMean() {
        // 0.4 x 255 = 102
        Preprocessing model = new Preprocessing(2, 3, 1, List.of(0.4), List.of(1.0), Preprocessing.Fit.SHORTER_SIDE, 1);
        ImageObject one = new ImageObject(5, new Box(1, 0, 1, 2));
        ImageObject two = new ImageObject(6, new Box(0, 0, 2, 1.5));
        Scene wide = new Scene(
                new Pixels(2, 3, 1, new byte[] {0, 51, 102, 0, 51, 102}), new ImageObjects(2, 3, List.of(one, two), 0));
        Scene tall = new Scene(new Pixels(3, 1, 1, new byte[] {51, 51, 51}), new ImageObjects(3, 1, List.of(), 0));
        try (NDManager manager = PyTorch.newManager();
                SceneBatch batch = SceneBatch.collate(model, 1).batch(Stream.of(wide, tall), new SplittableRandom(0));
                SceneBatch even = SceneBatch.collate(model, 4).batch(Stream.of(wide, tall), new SplittableRandom(0))) {
            assertThat(batch.size()).isEqualTo(2);
            NDArray images = batch.images(manager);
            assertThat(images.getShape()).isEqualTo(new Shape(2, 1, 3, 3));
            assertThat(images.toFloatArray())
                    .containsExactly(
                            new float[] {-.4f, -.2f, 0, -.4f, -.2f, 0, 0, 0, 0, -.2f, 0, 0, -.2f, 0, 0, -.2f, 0, 0},
                            Offset.offset(1e-6f));
            assertThat(even.images(manager).getShape()).isEqualTo(new Shape(2, 1, 4, 4));
            NDArray boxes = batch.boxes(0, manager);
            assertThat(boxes.getShape()).isEqualTo(new Shape(2, 4));
            assertThat(boxes.toFloatArray()).containsExactly(1, 0, 2, 2, 0, 0, 2, 1.5f);
            assertThat(batch.labels(0, manager).toLongArray()).containsExactly(5, 6);
            assertThat(batch.boxes(1, manager).getShape()).isEqualTo(new Shape(0, 4));
            assertThat(batch.labels(1, manager).getShape()).isEqualTo(new Shape(0));
            assertThat(batch.objects()).containsExactly(wide.objects(), tall.objects());
        }
        assertThatThrownBy(() -> SceneBatch.collate(model, 0)).isInstanceOf(IllegalArgumentException.class);
    }
}
