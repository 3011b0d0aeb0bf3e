package djinn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import djinn.ops.Box;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** Scenes of a batch put together. */
class SceneMixingTest {

    private static final Preprocessing MODEL =
            new Preprocessing(40, 60, 1, List.of(0.4), List.of(1.0), Preprocessing.Fit.STRETCH, 1);

    /** A plain image, all of which is one object whose label is its grey. */
    private static Scene scene(int grey) {
        byte[] values = new byte[40 * 60];
        Arrays.fill(values, (byte) grey);
        ImageObject all = new ImageObject(grey, new Box(0, 0, 60, 40));
        return new Scene(new Pixels(40, 60, 1, values), new ImageObjects(40, 60, List.of(all), 0));
    }

    @Test
    void fourImagesShareAMosaicAndBoxesAreWhereTheirPixelsAre() {
        List<Scene> scenes = List.of(scene(1), scene(2), scene(3), scene(4), scene(5));
        for (int seed = 0; seed < 20; seed++) {
            Mosaic mosaic = new Mosaic(List.of(0.2, 1.5), 1);
            List<Scene> mixed = mosaic.mixed(scenes, MODEL, new SplittableRandom(seed));
            assertThat(mixed).hasSize(5);
            for (int i = 0; i < 5; i++) {
                Scene scene = mixed.get(i);
                List<ImageObject> objects = scene.objects().objects();
                assertThat(objects).hasSize(4).extracting(ImageObject::label).contains(i + 1);
                double area = 0;
                for (ImageObject object : objects) {
                    Box box = object.box();
                    area += box.area();
                    for (double share : new double[] {0.01, 0.5, 0.99}) {
                        int y = (int) (box.y() + share * box.height());
                        int x = (int) (box.x() + share * box.width());
                        assertThat(scene.image().value(y, x, 0)).isEqualTo(object.label());
                    }
                }
                int ground = 0;
                for (byte value : scene.image().values()) {
                    ground += value == 102 ? 1 : 0;
                }
                assertThat(area).isCloseTo(40 * 60 - ground, Offset.offset(1e-6));
            }
            List<Scene> again = mosaic.mixed(scenes, MODEL, new SplittableRandom(seed));
            assertThat(again).isEqualTo(mixed);
        }
        assertThat(new Mosaic(List.of(0.5, 1.0), 0).mixed(scenes, MODEL, new SplittableRandom(1)))
                .isEqualTo(scenes);
    }

    @Test
    void mixedImagesHaveTheObjectsOfBoth() {
        List<Scene> scenes = List.of(scene(0), scene(200));
        List<Integer> greys = new ArrayList<>();
        for (int seed = 0; seed < 50; seed++) {
            Scene mixed = new SceneMixup(8, 1)
                    .mixed(scenes, MODEL, new SplittableRandom(seed))
                    .get(0);
            int grey = mixed.image().value(0, 0, 0);
            List<ImageObject> objects = mixed.objects().objects();
            assertThat(objects).extracting(ImageObject::label).startsWith(0);
            assertThat(objects).hasSize(grey == 0 ? 1 : 2);
            greys.add(grey);
        }
        // half are drawn for themselves; of the others shares lie about one half
        assertThat(greys).contains(0).anyMatch(grey -> grey > 60 && grey < 140);
    }

    @Test
    void differentSizesAndNoScenes() {
        Pixels small = new Pixels(1, 1, 1, new byte[1]);
        Scene other = new Scene(small, new ImageObjects(1, 1, List.of(), 0));
        assertThatThrownBy(() -> new SceneMixup(8, 1).mixed(List.of(scene(1), other), MODEL, new SplittableRandom(1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("one size");
        assertThat(new Mosaic(List.of(0.5, 1.0), 1).mixed(List.of(), MODEL, new SplittableRandom(1)))
                .isEmpty();
    }
}
