package djinn.data;

import static org.assertj.core.api.Assertions.assertThat;

import djinn.data.Preprocessing.Fit;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TestTimeAugmentationTest {

    private static Preprocessing grey(int height, int width, Fit fit, double fraction) {
        return new Preprocessing(height, width, 1, List.of(0.0), List.of(1.0), fit, fraction);
    }

    /** An image whose values are twenty times the row, plus the column. */
    private static Pixels numbered(int height, int width) {
        byte[] values = new byte[height * width];
        for (int i = 0; i < values.length; i++) {
            values[i] = (byte) (20 * (i / width) + i % width);
        }
        return new Pixels(height, width, 1, values);
    }

    private static Pixels part(Pixels image, int top, int left, int size) {
        return Resampling.resizeCrop(image, new Region(top, left, size, size), size, size, Interpolation.BILINEAR);
    }

    @ParameterizedTest
    @EnumSource
    void viewsHaveTheSizeTheModelTakes(TestTimeAugmentation views) {
        int expected = switch (views) {
            case NONE -> 1;
            case FLIP -> 2;
            case MULTI_SCALE -> 3;
            case FIVE_CROP -> 5;
            case TEN_CROP -> 10;
        };
        for (Fit fit : EnumSet.complementOf(EnumSet.of(Fit.SHORTER_SIDE))) {
            for (double fraction : new double[] {0.5, 0.875, 1}) {
                for (Pixels image : List.of(numbered(12, 7), numbered(3, 30), numbered(1, 1))) {
                    Preprocessing preprocessing =
                            new Preprocessing(6, 8, 3, List.of(0.0, 0.0, 0.0), List.of(1.0, 1.0, 1.0), fit, fraction);
                    assertThat(views.views(image, preprocessing))
                            .hasSize(expected)
                            .allMatch(view -> view.toString().equals("6x8x3"));
                }
            }
        }
    }

    @Test
    void theFirstViewIsTheOneOfValidation() {
        Pixels image = numbered(12, 9);
        Preprocessing preprocessing = grey(4, 4, Fit.CROP, 0.8);
        Pixels fitted = preprocessing.fit(image);
        assertThat(TestTimeAugmentation.NONE.views(image, preprocessing)).containsExactly(fitted);
        assertThat(TestTimeAugmentation.FLIP.views(image, preprocessing))
                .containsExactly(fitted, RandomHorizontalFlip.flip(fitted));
        assertThat(TestTimeAugmentation.FIVE_CROP.views(image, preprocessing))
                .element(4)
                .isEqualTo(fitted);
    }

    @Test
    void cropsAreTheCornersAndTheCentre() {
        // 4 / 0.5 = 8: nothing is resized
        Pixels image = numbered(8, 8);
        List<Pixels> crops = List.of(
                part(image, 0, 0, 4),
                part(image, 0, 4, 4),
                part(image, 4, 0, 4),
                part(image, 4, 4, 4),
                part(image, 2, 2, 4));
        for (Fit fit : EnumSet.complementOf(EnumSet.of(Fit.SHORTER_SIDE))) {
            Preprocessing preprocessing = grey(4, 4, fit, 0.5);
            assertThat(TestTimeAugmentation.FIVE_CROP.views(image, preprocessing))
                    .isEqualTo(crops);
            List<Pixels> ten = TestTimeAugmentation.TEN_CROP.views(image, preprocessing);
            assertThat(ten.subList(0, 5)).isEqualTo(crops);
            assertThat(ten.subList(5, 10))
                    .isEqualTo(crops.stream().map(RandomHorizontalFlip::flip).toList());
        }
    }

    @Test
    void aModelThatSeesTheWholeImageGetsCropsOfSevenEighths() {
        Pixels image = numbered(8, 8);
        assertThat(TestTimeAugmentation.FIVE_CROP.views(image, grey(7, 7, Fit.CROP, 1)))
                .containsExactly(
                        part(image, 0, 0, 7),
                        part(image, 0, 1, 7),
                        part(image, 1, 0, 7),
                        part(image, 1, 1, 7),
                        part(image, 0, 0, 7));
    }

    @Test
    void scalesAreOfTheWholeSevenEighthsAndThreeQuarters() {
        Pixels image = numbered(8, 8);
        // 6 / 0.75 = 8, 6 / 0.875 = 6.86
        assertThat(TestTimeAugmentation.MULTI_SCALE.views(image, grey(6, 6, Fit.CROP, 0.9)))
                .containsExactly(
                        Resampling.resize(image, 6, 6, Interpolation.BILINEAR),
                        part(Resampling.resize(image, 7, 7, Interpolation.BILINEAR), 0, 0, 6),
                        part(image, 1, 1, 6));
    }
}
