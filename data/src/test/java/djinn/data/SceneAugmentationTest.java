package djinn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import djinn.ops.Box;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Changes of images that look at their objects, or that detectors are trained with. */
class SceneAugmentationTest {

    private static final Preprocessing MODEL =
            new Preprocessing(60, 80, 3, List.of(0.4, 0.5, 0.6), List.of(1.0, 1.0, 1.0), Preprocessing.Fit.STRETCH, 1);

    /** A white rectangle on black. */
    private static Scene scene(Box... boxes) {
        byte[] values = new byte[60 * 80 * 3];
        for (Box box : boxes) {
            for (int y = (int) box.y(); y < box.y() + box.height(); y++) {
                for (int x = (int) box.x(); x < box.x() + box.width(); x++) {
                    for (int c = 0; c < 3; c++) {
                        values[(y * 80 + x) * 3 + c] = (byte) 255;
                    }
                }
            }
        }
        List<ImageObject> objects =
                List.of(boxes).stream().map(box -> new ImageObject(0, box)).toList();
        return new Scene(new Pixels(60, 80, 3, values), new ImageObjects(60, 80, objects, 0));
    }

    @Test
    void aPartOverlapsAnObjectAndHoldsItsCentre() {
        IouCrop crop = new IouCrop(List.of(0.5), List.of(0.3, 1.0), List.of(0.5, 2.0));
        List<Box> boxes = List.of(new Box(10, 10, 30, 30), new Box(60, 40, 4, 4));
        int cut = 0;
        for (int seed = 0; seed < 200; seed++) {
            Optional<Region> drawn = crop.region(60, 80, boxes, new SplittableRandom(seed));
            if (drawn.isPresent()) {
                Region part = drawn.get();
                cut++;
                Box box = new Box(part.left(), part.top(), part.width(), part.height());
                assertThat(boxes.get(0).iou(box)).isGreaterThanOrEqualTo(0.5);
                assertThat(part.left() + part.width()).isLessThanOrEqualTo(80);
                assertThat(part.top() + part.height()).isLessThanOrEqualTo(60);
                // the first object's centre is (25, 25)
                assertThat(part.left()).isLessThan(25);
                assertThat(part.left() + part.width()).isGreaterThan(25);
            }
        }
        // half of the draws leave the image, and few tries fail
        assertThat(cut).isBetween(60, 130);
    }

    @Test
    void objectsGoWhereTheirCentreIsOutside() {
        IouCrop crop = new IouCrop(List.of(0.0), List.of(0.3, 0.6), List.of(0.5, 2.0));
        Scene scene = scene(new Box(10, 10, 20, 20), new Box(50, 30, 20, 20));
        ImagePreparation<Scene> preparation = new ImagePreparation<>(MODEL, List.of(crop));
        boolean one = false;
        for (int seed = 0; seed < 50; seed++) {
            Scene changed = preparation.change(scene, new SplittableRandom(seed));
            assertThat(changed.image().width()).isEqualTo(80);
            Geometry way = changed.origin().geometry();
            int expected = 0;
            for (ImageObject object : scene.objects().objects()) {
                Box box = object.box();
                Geometry.Place centre = way.target(box.x() + 10, box.y() + 10);
                expected += centre.x() > 0 && centre.x() < 80 && centre.y() > 0 && centre.y() < 60 ? 1 : 0;
            }
            assertThat(changed.objects().objects()).hasSize(expected);
            one |= expected == 1;
            assertThat(expected).isPositive();
            assertThat(changed.objects().dropped()).isEqualTo(2 - expected);
        }
        assertThat(one).isTrue();
    }

    @Test
    void anImageWithoutObjectsIsNotCut() {
        IouCrop crop = new IouCrop(List.of(0.0), List.of(0.3, 0.6), List.of(0.5, 2.0));
        Scene empty = scene();
        assertThat(crop.draw(empty, MODEL, new SplittableRandom(1)).image()).isSameAs(empty.image());
        assertThat(crop.draw(empty.image(), MODEL, new SplittableRandom(1)).image())
                .isSameAs(empty.image());
        assertThatThrownBy(() -> new IouCrop(List.of(1.0), List.of(0.3, 1.0), List.of(0.5, 2.0)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aShrunkImageLiesOnPlainGroundAndBoxesFollow() {
        // at half the size, the box of 40 x 20 becomes one of 20 x 10, white in the middle
        ZoomOut zoom = new ZoomOut(List.of(2.0, 2.0), 1);
        Scene scene = scene(new Box(20, 20, 40, 20));
        Scene changed = scene.changed(zoom.draw(scene, MODEL, new SplittableRandom(3)));
        Box box = changed.objects().objects().get(0).box();
        assertThat(box.width()).isCloseTo(20, Offset.offset(1e-9));
        assertThat(box.height()).isCloseTo(10, Offset.offset(1e-9));
        assertThat(changed.image().value((int) box.y() + 5, (int) box.x() + 10, 0))
                .isEqualTo(255);
        assertThat(changed.image().value((int) box.y() - 3, (int) box.x() - 3, 0))
                .isZero();
        int ground = 0;
        for (int y = 0; y < 60; y++) {
            for (int x = 0; x < 80; x++) {
                // 0.4 * 255, 0.5 * 255 rounded up, 0.6 * 255
                ground += changed.image().value(y, x, 0) == 102
                                && changed.image().value(y, x, 1) == 128
                                && changed.image().value(y, x, 2) == 153
                        ? 1
                        : 0;
            }
        }
        assertThat(ground).isEqualTo(60 * 80 - 30 * 40);
        assertThat(new ZoomOut(List.of(1.0, 4.0), 0)
                        .draw(scene, MODEL, new SplittableRandom(1))
                        .image())
                .isSameAs(scene.image());
    }

    @Test
    void coloursAreDistortedNowAndThen() {
        Scene scene = scene(new Box(0, 0, 5, 5));
        PhotometricDistortion never = new PhotometricDistortion(0.125, 0.5, 0.5, 0.05, 0);
        assertThat(never.draw(scene, MODEL, new SplittableRandom(1))).isEqualTo(Augmented.inPlace(scene.image()));
        Pixels one = new Pixels(1, 2, 3, new byte[] {1, 2, 3, 4, 5, 6});
        assertThat(PhotometricDistortion.swapped(one, 2, 0, 1).values()).containsExactly(3, 1, 2, 6, 4, 5);
        // with ranges of 0 only the order of the colours is left to change
        PhotometricDistortion swap = new PhotometricDistortion(0, 0, 0, 0, 1);
        for (int seed = 0; seed < 20; seed++) {
            assertThat(swap.draw(one, MODEL, new SplittableRandom(seed)).image().values())
                    .containsExactlyInAnyOrder(1, 2, 3, 4, 5, 6);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
    void boxesOfAStoredImageTurnAsItsPixelsDo(int code) {
        byte[] values = {1, 2, 3, 4, 5, 6};
        Pixels stored = new Pixels(2, 3, 1, values);
        Orientation orientation = new Orientation(code);
        Pixels upright = orientation.upright(stored);
        Geometry turn = orientation.geometry(2, 3);
        assertThat(List.of(turn.height(), turn.width())).containsExactly(upright.height(), upright.width());
        for (int y = 0; y < upright.height(); y++) {
            for (int x = 0; x < upright.width(); x++) {
                Geometry.Place from = turn.source(x + 0.5, y + 0.5);
                assertThat(upright.value(y, x, 0)).isEqualTo(stored.value((int) from.y(), (int) from.x(), 0));
            }
        }
    }
}
