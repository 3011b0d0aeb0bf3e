package djinn.predict.segmentation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import djinn.data.LabelMap;
import djinn.data.Pixels;
import djinn.data.Preprocessing;
import djinn.inference.Codec;
import djinn.inference.ImageInput;
import djinn.inference.ModelCard;
import djinn.inference.ModelTraits;
import djinn.inference.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Images looked at in tiles and mirrored, by models small enough to compute here. */
class ViewsTest {

    private static final Codec.Room ROOM =
            bytes -> ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());

    private interface Neighbourhood {
        /** The second class's logit; the first one's is 0. */
        double of(float[] image, int height, int width, int y, int x);
    }

    /** A convolution that pads with zeros. */
    private static UnaryOperator<List<Tensor>> model(Neighbourhood kernel) {
        return inputs -> {
            Tensor input = inputs.get(0);
            int count = (int) input.shape().get(0);
            int height = (int) input.shape().get(2);
            int width = (int) input.shape().get(3);
            FloatBuffer in = input.floats();
            ByteBuffer bytes = ROOM.bytes(count * 2 * height * width * Float.BYTES);
            FloatBuffer out = bytes.asFloatBuffer();
            for (int n = 0; n < count; n++) {
                float[] image = new float[height * width];
                in.get(image);
                out.put(new float[height * width]);
                for (int y = 0; y < height; y++) {
                    for (int x = 0; x < width; x++) {
                        out.put((float) kernel.of(image, height, width, y, x));
                    }
                }
            }
            return List.of(new Tensor(bytes, new Shape(count, 2, height, width), DataType.FLOAT32));
        };
    }

    /** The mean of 5x5 pixels less a half. */
    private static double around(float[] image, int height, int width, int y, int x) {
        double sum = 0;
        for (int row = Math.max(0, y - 2); row <= Math.min(height - 1, y + 2); row++) {
            for (int column = Math.max(0, x - 2); column <= Math.min(width - 1, x + 2); column++) {
                sum += image[row * width + column];
            }
        }
        return sum / 25 - .5;
    }

    private static SegmentationCodec plain(int height, int width) {
        Preprocessing shape =
                new Preprocessing(height, width, 1, List.of(0.0), List.of(1.0), Preprocessing.Fit.STRETCH, 1);
        SegmentationCard card = SegmentationCard.of(new ModelCard("unet", List.of("no", "yes"), shape));
        return new SegmentationCodec(card, new ModelTraits(false, false, Optional.empty(), "here"));
    }

    private static Pixels noise(int height, int width) {
        byte[] values = new byte[height * width];
        new SplittableRandom(4).nextBytes(values);
        return new Pixels(height, width, 1, values);
    }

    private static LabelMap answer(Codec<ImageInput, Segmentation> codec, Pixels image, Neighbourhood kernel) {
        return codec.answer(List.of(ImageInput.of(image, "noise")), ROOM, model(kernel))
                .get(0)
                .labels();
    }

    @Test
    void tilesTellWhatTheWholeImageWould() {
        for (int[] size : new int[][] {{37, 53}, {16, 16}, {16, 40}, {70, 17}}) {
            Pixels image = noise(size[0], size[1]);
            LabelMap whole = answer(plain(size[0], size[1]), image, ViewsTest::around);
            assertThat(whole.counts()[0]).isPositive();
            assertThat(whole.counts()[1]).isPositive();
            // what a pixel depends on reaches two pixels; half of the overlap is as many
            ViewsCodec tiled = new ViewsCodec(plain(16, 16), Views.tiles(16, 4));
            assertThat(answer(tiled, image, ViewsTest::around)).isEqualTo(whole);
        }
    }

    @Test
    void anImageSmallerThanATileIsFilled() {
        Pixels image = noise(9, 11);
        ViewsCodec tiled = new ViewsCodec(plain(16, 16), Views.tiles(16, 4));
        // the fill is the mean, 0, as beyond the edges of the image alone
        assertThat(answer(tiled, image, ViewsTest::around)).isEqualTo(answer(plain(9, 11), image, ViewsTest::around));
    }

    @Test
    void everyPixelIsToldOnce() {
        for (int extent : new int[] {5, 16, 17, 28, 29, 100}) {
            List<ViewsCodec.Tile> tiles = ViewsCodec.tiles(extent, 16, 4);
            int told = 0;
            for (ViewsCodec.Tile tile : tiles) {
                assertThat(tile.from()).isEqualTo(told).isGreaterThanOrEqualTo(tile.start());
                assertThat(tile.to()).isLessThanOrEqualTo(tile.start() + 16);
                told = tile.to();
            }
            assertThat(told).isEqualTo(extent);
        }
        assertThat(ViewsCodec.tiles(28, 16, 4))
                .containsExactly(new ViewsCodec.Tile(0, 0, 14), new ViewsCodec.Tile(12, 14, 28));
    }

    @Test
    void probabilitiesOfTheMirrorImageAreAveraged() {
        // 1.5 times the left neighbour, less 1: of 1 0 0, the middle is 0.5, and -1 in the mirror image
        Neighbourhood left = (image, height, width, y, x) -> (x == 0 ? 0 : 1.5 * image[y * width + x - 1]) - 1;
        Pixels image = new Pixels(1, 3, 1, new byte[] {(byte) 255, 0, 0});
        assertThat(answer(plain(1, 3), image, left).values()).containsExactly(0, 1, 0);
        // 0.622 and 0.269 are less than a half on average
        Views mirrored = Views.WHOLE.withMirrored();
        assertThat(answer(new ViewsCodec(plain(1, 3), mirrored), image, left).values())
                .containsExactly(0, 0, 0);
        // 2 and -1: 0.881 and 0.269 are more
        Neighbourhood more = (pixels, height, width, y, x) -> (x == 0 ? 0 : 3 * pixels[y * width + x - 1]) - 1;
        assertThat(answer(new ViewsCodec(plain(1, 3), mirrored), image, more).values())
                .containsExactly(0, 1, 0);
    }

    @Test
    void viewsAreChecked() {
        assertThatThrownBy(() -> Views.tiles(16, 16)).hasMessageContaining("less than the tile");
        assertThatThrownBy(() -> new Views(OptionalInt.empty(), 4, false)).hasMessageContaining("without tiles");
        assertThatThrownBy(() -> plain(64, 64).card().withSize(8)).hasMessageContaining("at least 16 pixels for unet");
    }
}
