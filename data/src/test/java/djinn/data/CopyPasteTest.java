package djinn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import djinn.ops.Box;
import djinn.ops.RunLengthMask;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Objects that are laid over other images, and batches of drawn sizes. */
class CopyPasteTest {

    private static final int EDGE = 16;
    private static final Preprocessing MODEL = new Preprocessing(
            EDGE, EDGE, 3, List.of(.5, .5, .5), List.of(1.0, 1.0, 1.0), Preprocessing.Fit.LETTERBOX, 1);

    private static Scene plain(int grey, double leastVisible, ImageObject... objects) {
        byte[] values = new byte[EDGE * EDGE * 3];
        Arrays.fill(values, (byte) grey);
        return new Scene(
                new Pixels(EDGE, EDGE, 3, values), new ImageObjects(EDGE, EDGE, List.of(objects), leastVisible));
    }

    private static int count(Pixels image, int grey) {
        int count = 0;
        for (byte value : image.values()) {
            count += value == (byte) grey ? 1 : 0;
        }
        return count / 3;
    }

    /** A triangle: the pixels of the upper left half of a square of 4, ten of them. */
    private static RunLengthMask triangle() {
        boolean[] pixels = new boolean[EDGE * EDGE];
        for (int y = 0; y < 4; y++) {
            for (int x = 0; x < 4 - y; x++) {
                pixels[(y + 2) * EDGE + x + 3] = true;
            }
        }
        return RunLengthMask.of(EDGE, EDGE, pixels);
    }

    @Test
    void whatIsPastedIsSeenWholeAndBoxesLieAroundIt() {
        Scene empty = plain(10, 0);
        Scene other = plain(200, 0, new ImageObject(1, new Box(3, 2, 4, 4), Optional.of(triangle()), false));
        int copied = 0;
        for (int seed = 0; seed < 20; seed++) {
            List<Scene> mixed = new CopyPaste(1, 1).mixed(List.of(empty, other), MODEL, new SplittableRandom(seed));
            Scene first = mixed.get(0);
            if (first.objects().objects().isEmpty()) {
                // it drew itself
                assertThat(first).isSameAs(empty);
                continue;
            }
            copied++;
            ImageObject pasted = first.objects().objects().get(0);
            assertThat(count(first.image(), 200)).isEqualTo(10);
            assertThat(pasted.mask().orElseThrow().area()).isEqualTo(10);
            assertThat(pasted.box()).isEqualTo(pasted.mask().orElseThrow().box());
            boolean[] pixels = pasted.mask().orElseThrow().pixels();
            for (int i = 0; i < pixels.length; i++) {
                assertThat(first.image().values()[3 * i] == (byte) 200).isEqualTo(pixels[i]);
            }
            assertThat(new CopyPaste(1, 1)
                            .mixed(List.of(empty, other), MODEL, new SplittableRandom(seed))
                            .get(0)
                            .objects())
                    .isEqualTo(first.objects());
        }
        // of two images each is the other one in half of the draws
        assertThat(copied).isBetween(4, 16);
    }

    @Test
    void whatIsCoveredIsSeenLessAndGoesAtTheLeastShare() {
        // the pasted object fills the image but for its last column: of a box over the whole width one column is left
        ImageObject wide = new ImageObject(0, new Box(0, 4, 16, 2));
        ImageObject large = new ImageObject(1, new Box(0, 0, 15, 16));
        for (int seed = 0; seed < 10; seed++) {
            Scene kept = new CopyPaste(1, 1)
                    .mixed(List.of(plain(1, .05, wide), plain(9, 0, large)), MODEL, new SplittableRandom(seed))
                    .get(0);
            if (kept.objects().objects().size() == 1) {
                continue;
            }
            assertThat(kept.objects().objects().get(0).box()).isEqualTo(wide.box());
            assertThat(kept.objects().objects().get(0).visible()).isEqualTo(1 / 16.0);
            Scene gone = new CopyPaste(1, 1)
                    .mixed(List.of(plain(1, .1, wide), plain(9, 0, large)), MODEL, new SplittableRandom(seed))
                    .get(0);
            assertThat(gone.objects().objects()).extracting(ImageObject::label).containsExactly(1);
            assertThat(gone.objects().dropped()).isEqualTo(1);
            return;
        }
        throw new AssertionError("in ten draws the other image came once");
    }

    @Test
    void withoutDrawsNothingChanges() {
        List<Scene> scenes = List.of(plain(1, 0), plain(9, 0, new ImageObject(1, new Box(0, 0, 5, 5))));
        assertThat(new CopyPaste(0, 1).mixed(scenes, MODEL, new SplittableRandom(1)))
                .isEqualTo(scenes);
        assertThatThrownBy(() -> new CopyPaste(2, 0)).hasMessageContaining("p and share");
    }

    @Test
    void batchesComeInTheSizesThatAreDrawn() {
        SceneSizes sizes = new SceneSizes(List.of(8, 32), MODEL, 8);
        Scene scene = plain(7, 0, new ImageObject(0, new Box(4, 2, 8, 6)));
        int large = 0;
        for (int seed = 0; seed < 20; seed++) {
            try (SceneBatch batch = sizes.batch(Stream.of(scene, scene), new SplittableRandom(seed))) {
                int side = batch.objects().get(0).height();
                assertThat(side).isIn(8, 32);
                large += side == 32 ? 1 : 0;
                double factor = side / 16.0;
                assertThat(batch.objects().get(1).objects().get(0).box())
                        .isEqualTo(new Box(4 * factor, 2 * factor, 8 * factor, 6 * factor));
                assertThat(batch.pixels().get(0).width()).isEqualTo(side);
                assertThat(batch.pixels().get(1).value(side - 1, side - 1, 2)).isEqualTo(7);
            }
        }
        assertThat(large).isBetween(3, 17);
        assertThatThrownBy(() -> new SceneSizes(List.of(8, 12), MODEL, 8))
                .hasMessageContaining("multiples of 8, got 12");
    }
}
