package djinn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import djinn.ops.Box;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A disc is painted into an image and into its label map, and followed through what is done to both. */
class GeometryTest {

    private static final int HEIGHT = 60;
    private static final int WIDTH = 80;

    private static final Preprocessing MODEL = preprocessing(64, 64, Preprocessing.Fit.CROP);

    private static Preprocessing preprocessing(int height, int width, Preprocessing.Fit fit) {
        return new Preprocessing(height, width, 1, List.of(0.0), List.of(1.0), fit, 1);
    }

    /** A disc beside the centre. */
    private static LabelMap disc(int height, int width, double x, double y, double radius) {
        byte[] values = new byte[height * width];
        for (int i = 0; i < values.length; i++) {
            int row = i / width;
            double right = i % width + 0.5 - x;
            double below = row + 0.5 - y;
            values[i] = (byte) (right * right + below * below < radius * radius ? 1 : 0);
        }
        return new LabelMap(height, width, values);
    }

    /** White where the class is 1, black elsewhere. */
    private static Pixels painted(LabelMap labels) {
        byte[] values = new byte[labels.values().length];
        for (int i = 0; i < values.length; i++) {
            values[i] = (byte) (labels.values()[i] == 1 ? 255 : 0);
        }
        return new Pixels(labels.height(), labels.width(), 1, values);
    }

    private static Geometry.Place centre(LabelMap labels) {
        double x = 0;
        double y = 0;
        int count = 0;
        for (int i = 0; i < labels.values().length; i++) {
            if (labels.values()[i] == 1) {
                int row = i / labels.width();
                x += i % labels.width() + 0.5;
                y += row + 0.5;
                count++;
            }
        }
        return new Geometry.Place(x / count, y / count);
    }

    static List<Augmentation> geometric() {
        return List.of(
                new RandomHorizontalFlip(0.5),
                new RandomVerticalFlip(0.5),
                new RandomQuarterTurn(),
                new RandomShift(0.1, 0),
                new RandomRotation(180, 0),
                new RandomAffine(30, 0.1, List.of(0.7, 1.3), 15, 0),
                new RandomResizedCrop(List.of(0.6, 1.0), List.of(0.75, 4 / 3.0)),
                new AutoAugment(AutoAugment.Policy.SVHN, 0));
    }

    static List<Augmentation> colouring() {
        return List.of(
                new ColorJitter(0.4, 0.4, 0.4, 0.1),
                new RandomGrayscale(0.5),
                new GaussianBlur(5, List.of(0.1, 2.0)),
                new GaussianNoise(0.1),
                new RandomErasing(1, List.of(0.02, 0.33), List.of(0.3, 3.3), OptionalInt.empty()));
    }

    @ParameterizedTest
    @MethodSource("geometric")
    void imageAndLabelsGoTheSameWay(Augmentation augmentation) {
        LabelMap labels = disc(HEIGHT, WIDTH, 47, 26, 9);
        Pixels image = painted(labels);
        SplittableRandom random = new SplittableRandom(3);
        for (int i = 0; i < 40; i++) {
            Augmented changed = augmentation.draw(image, MODEL, random);
            LabelMap followed = changed.follow(labels);
            assertThat(followed.height()).isEqualTo(changed.image().height());
            assertThat(followed.width()).isEqualTo(changed.image().width());
            if (!(augmentation instanceof AutoAugment)) {
                // colours change nothing here: a pixel is white where the class is 1, but for the seam
                assertThat(disagreements(changed.image(), followed)).isZero();
            }
            // and the disc's centre is where the geometry says
            Geometry.Place expected = new Geometry.Place(47, 26);
            for (Geometry move : changed.moves()) {
                expected = move.target(expected.x(), expected.y());
            }
            boolean whole = followed.counts()[1] > 60 && touchesNoEdge(followed);
            if (whole) {
                Geometry.Place found = centre(followed);
                assertThat(found.x()).isCloseTo(expected.x(), within(1.0));
                assertThat(found.y()).isCloseTo(expected.y(), within(1.0));
            }
        }
    }

    private static boolean touchesNoEdge(LabelMap labels) {
        for (int y = 0; y < labels.height(); y++) {
            for (int x = 0; x < labels.width(); x++) {
                boolean edge = y == 0 || x == 0 || y == labels.height() - 1 || x == labels.width() - 1;
                if (edge && labels.at(y, x) == 1) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Pixels that are rather white and not class 1, or rather black and class 1, with no other class beside them. */
    private static int disagreements(Pixels image, LabelMap labels) {
        int count = 0;
        for (int y = 1; y < labels.height() - 1; y++) {
            for (int x = 1; x < labels.width() - 1; x++) {
                int here = labels.at(y, x);
                boolean seam = false;
                for (int near = 0; near < 9; near++) {
                    seam |= labels.at(y + near / 3 - 1, x + near % 3 - 1) != here;
                }
                if (!seam && (image.value(y, x, 0) > 127) != (here == 1)) {
                    count++;
                }
            }
        }
        return count;
    }

    @ParameterizedTest
    @MethodSource("colouring")
    void coloursLeaveLabelsWhereTheyAre(Augmentation augmentation) {
        LabelMap labels = disc(HEIGHT, WIDTH, 47, 26, 9);
        Augmented changed = augmentation.draw(painted(labels), MODEL, new SplittableRandom(5));
        assertThat(changed.moves()).isEmpty();
        assertThat(changed.follow(labels)).isSameAs(labels);
    }

    @Test
    void quarterTurnsOfASquareAreFourAndLoseNothing() {
        Pixels image = new Pixels(2, 2, 1, new byte[] {1, 2, 3, 4});
        LabelMap labels = new LabelMap(2, 2, new byte[] {1, 2, 3, 4});
        SplittableRandom random = new SplittableRandom(1);
        List<List<Integer>> seen = Stream.generate(() -> {
                    Augmented turned = new RandomQuarterTurn().draw(image, MODEL, random);
                    assertThat(turned.follow(labels).values())
                            .isEqualTo(turned.image().values());
                    byte[] v = turned.image().values();
                    return List.of((int) v[0], (int) v[1], (int) v[2], (int) v[3]);
                })
                .limit(100)
                .distinct()
                .toList();
        assertThat(seen)
                .containsExactlyInAnyOrder(
                        List.of(1, 2, 3, 4), List.of(3, 1, 4, 2), List.of(4, 3, 2, 1), List.of(2, 4, 1, 3));
    }

    @Test
    void aPartThatLeftTheImageDoesNotComeBack() {
        LabelMap labels = new LabelMap(1, 3, new byte[] {1, 2, 3});
        Pixels image = new Pixels(1, 3, 1, new byte[3]);
        Augmented there = Augmented.moved(image, Geometry.shifted(1, 3, 1, 0));
        Augmented back = Augmented.moved(image, Geometry.shifted(1, 3, -1, 0));
        assertThat(there.follow(labels).values()).containsExactly(255 - 256, 1, 2);
        assertThat(there.then(back).follow(labels).values()).containsExactly(1, 2, 255 - 256);
    }

    @Test
    void theInverseLeadsBack() {
        Geometry geometry = new Geometry(10, 20, 30, 40, 0.4, 0.2, 3, -0.3, 0.5, 7);
        Geometry.Place there = geometry.target(5, 6);
        Geometry.Place back = geometry.source(there.x(), there.y());
        assertThat(back.x()).isCloseTo(5, within(1e-9));
        assertThat(back.y()).isCloseTo(6, within(1e-9));
        Geometry both = geometry.then(geometry.inverse());
        assertThat(both.xx()).isCloseTo(1, within(1e-9));
        assertThat(both.xy()).isCloseTo(0, within(1e-9));
        assertThat(both.x0()).isCloseTo(0, within(1e-9));
        assertThat(both.y0()).isCloseTo(0, within(1e-9));
        assertThat(both.height()).isEqualTo(10);
        assertThatThrownBy(() -> geometry.then(geometry))
                .hasMessage("expected a geometry of 30x40 to follow, got one of 10x20");
    }

    @Test
    void boxesAreCutAndResized() {
        // the right half of 4x8, twice as large: the pixel at column 5 comes to columns 2 and 3
        Geometry geometry = Geometry.cut(4, 8, 0, 4, 4, 4, 8, 8);
        assertThat(geometry.target(5, 1)).isEqualTo(new Geometry.Place(2, 2));
        assertThat(geometry.source(2, 2)).isEqualTo(new Geometry.Place(5, 1));
    }

    @Test
    void everyFitSaysWhereThingsGo() {
        for (Preprocessing.Fit fit : Preprocessing.Fit.values()) {
            for (int[] size : new int[][] {{60, 80}, {80, 60}, {64, 64}, {31, 97}}) {
                Preprocessing model = preprocessing(48, 56, fit);
                LabelMap labels = disc(size[0], size[1], size[1] / 2.0 + 3, size[0] / 2.0 - 2, 8);
                Pixels fitted = model.fit(painted(labels));
                LabelMap moved = labels.moved(model.geometry(size[0], size[1]));
                assertThat(disagreements(fitted, moved))
                        .as(fit + " of " + size[0])
                        .isZero();
                Geometry.Place expected = model.geometry(size[0], size[1]).target(size[1] / 2.0 + 3, size[0] / 2.0 - 2);
                assertThat(centre(moved).x()).isCloseTo(expected.x(), within(1.0));
                assertThat(centre(moved).y()).isCloseTo(expected.y(), within(1.0));
            }
        }
    }

    @Test
    void aLetterboxKeepsAllAndFillsWithTheMean() {
        Preprocessing model = new Preprocessing(4, 8, 1, List.of(0.4), List.of(1.0), Preprocessing.Fit.LETTERBOX, 1);
        Pixels square = new Pixels(4, 4, 1, new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16});
        Pixels fitted = model.fit(square);
        // 0.4 x 255 = 102
        assertThat(fitted.values())
                .containsExactly(
                        102, 102, 1, 2, 3, 4, 102, 102, 102, 102, 5, 6, 7, 8, 102, 102, 102, 102, 9, 10, 11, 12, 102,
                        102, 102, 102, 13, 14, 15, 16, 102, 102);
        LabelMap labels = new LabelMap(4, 4, square.values()).moved(model.geometry(4, 4));
        assertThat(labels.at(0, 1)).isEqualTo(LabelMap.IGNORED);
        assertThat(labels.at(0, 2)).isEqualTo(1);
        assertThat(labels.at(3, 5)).isEqualTo(16);
        assertThat(labels.at(3, 6)).isEqualTo(LabelMap.IGNORED);
        // what is answered goes back by the inverse
        assertThat(labels.moved(model.geometry(4, 4).inverse())).isEqualTo(new LabelMap(4, 4, square.values()));
    }

    /** A change of one's own, which the sealed interface of old did not allow. */
    @Test
    void augmentationsCanBeWrittenByAnyone() {
        Augmentation upper = (image, model, random) -> Augmented.moved(
                new Pixels(1, image.width(), 1, Arrays.copyOf(image.values(), image.width())),
                Geometry.cut(image.height(), image.width(), 0, 0, 1, image.width(), 1, image.width()));
        Pixels image = new Pixels(2, 2, 1, new byte[] {1, 2, 3, 4});
        assertThat(upper.apply(image, 1, 2, new SplittableRandom(0))).isEqualTo(new Pixels(1, 2, 1, new byte[] {1, 2}));
        assertThat(upper.draw(image, MODEL, new SplittableRandom(0))
                        .follow(new LabelMap(2, 2, new byte[] {5, 6, 7, 8})))
                .isEqualTo(new LabelMap(1, 2, new byte[] {5, 6}));
    }

    /** The box around all pixels of the image that come from within a box, looked for one by one. */
    @Test
    void aWarpedBoxIsAroundAllThatComesFromIt() {
        SplittableRandom random = new SplittableRandom(4);
        int height = 23;
        int width = 31;
        float[] dx = new float[height * width];
        float[] dy = new float[height * width];
        for (int i = 0; i < dx.length; i++) {
            dx[i] = (float) (8 * random.nextDouble() - 4);
            dy[i] = (float) (6 * random.nextDouble() - 3);
        }
        Warp warp = new Warp(height, width, dx, dy);
        for (int draw = 0; draw < 50; draw++) {
            Box box = new Box(
                    28 * random.nextDouble(),
                    20 * random.nextDouble(),
                    1 + 9 * random.nextDouble(),
                    1 + 7 * random.nextDouble());
            int left = width;
            int right = 0;
            int top = height;
            int bottom = 0;
            for (int i = 0; i < dx.length; i++) {
                int x = i % width;
                int y = i / width;
                double fromX = x + .5 + dx[i];
                double fromY = y + .5 + dy[i];
                boolean inside = fromX >= Math.max(0, box.x())
                        && fromX < Math.min(width, box.x() + box.width())
                        && fromY >= Math.max(0, box.y())
                        && fromY < Math.min(height, box.y() + box.height());
                if (inside) {
                    left = Math.min(left, x);
                    right = Math.max(right, x + 1);
                    top = Math.min(top, y);
                    bottom = Math.max(bottom, y + 1);
                }
            }
            ImageObjects moved = warp.follow(new ImageObjects(height, width, List.of(new ImageObject(0, box)), 0));
            if (right == 0) {
                assertThat(moved.objects()).isEmpty();
            } else {
                assertThat(moved.objects().get(0).box()).isEqualTo(new Box(left, top, right - left, bottom - top));
            }
        }
    }

    @Test
    void anElasticDeformationBendsImageMaskAndBoxesTogether() {
        LabelMap labels = disc(HEIGHT, WIDTH, 47, 26, 9);
        Pixels image = painted(labels);
        ElasticDeformation elastic = new ElasticDeformation(1, 4, 3);
        boolean bent = false;
        for (int seed = 0; seed < 20; seed++) {
            Augmented changed = elastic.draw(image, MODEL, new SplittableRandom(seed));
            Augmented again = elastic.draw(image, MODEL, new SplittableRandom(seed));
            assertThat(again.image().values()).isEqualTo(changed.image().values());
            LabelMap followed = changed.follow(labels);
            assertThat(again.follow(labels)).isEqualTo(followed);
            bent |= !followed.equals(labels);
            // white where the class is 1: of four pixels the nearest has a quarter of the weight at least
            int wrong = 0;
            int least = WIDTH;
            int most = 0;
            for (int y = 0; y < HEIGHT; y++) {
                for (int x = 0; x < WIDTH; x++) {
                    int value = changed.image()
                                    .values()[(y * WIDTH + x) * changed.image().channels()]
                            & 0xFF;
                    int label = followed.at(y, x);
                    wrong += (label == 1 && value < 60) || (label == 0 && value > 195) ? 1 : 0;
                    least = label == 1 ? Math.min(least, x) : least;
                    most = label == 1 ? Math.max(most, x) : most;
                }
            }
            assertThat(wrong).isZero();
            // the box goes around what came from it
            ImageObjects objects =
                    new ImageObjects(HEIGHT, WIDTH, List.of(new ImageObject(0, new Box(38, 17, 18, 18))), 0);
            Box box = changed.follow(objects).objects().get(0).box();
            assertThat(box.x()).isLessThanOrEqualTo(least);
            assertThat(box.x() + box.width()).isGreaterThanOrEqualTo(most + 1);
        }
        assertThat(bent).isTrue();
        assertThat(new ElasticDeformation(1, 0, 3)
                        .draw(image, MODEL, new SplittableRandom(1))
                        .follow(labels))
                .isEqualTo(labels);
        assertThat(new ElasticDeformation(0, 9, 3)
                        .draw(image, MODEL, new SplittableRandom(1))
                        .image())
                .isSameAs(image);
    }
}
