package djinn.tasks.classification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import djinn.metrics.ConfusionMatrix;
import djinn.training.Goal;
import djinn.training.TrainingEvent;
import djinn.training.run.Charts;
import djinn.training.run.Results;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PicturesTest {

    private static final Goal GOAL = Goal.rising("accuracy");

    private static final int RED = 0xd62728;
    private static final int BLUE = 0x1f77b4;

    @TempDir
    private Path folder;

    private Results results(int epochs) {
        Results results = new Results(folder.resolve("results.csv"));
        for (int epoch = 0; epoch < epochs; epoch++) {
            double left = Math.exp(-epoch / 10.);
            results.on(new TrainingEvent.EpochEnded(
                    epoch,
                    epochs,
                    epoch * 10L + 10,
                    .1 * left,
                    figures(2 * left + .1, 1 - .9 * left),
                    figures(2 * left + .3, .95 - .9 * left),
                    new TrainingEvent.Speed(1000, "images"),
                    1,
                    true));
        }
        return results;
    }

    private static Map<String, Double> figures(double loss, double accuracy) {
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put("loss", loss);
        figures.put("accuracy", accuracy);
        return figures;
    }

    /** Pixels of a colour in a part of the picture, its left edge and width in thirds. */
    private static long pixels(BufferedImage image, int third, int colour) {
        int width = image.getWidth() / 3;
        return IntStream.range(third * width, (third + 1) * width)
                .mapToLong(x -> IntStream.range(0, image.getHeight())
                        .filter(y -> (image.getRGB(x, y) & 0xffffff) == colour)
                        .count())
                .sum();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 5, 100})
    void curvesShowEveryEpochTheRateAndTheBest(int epochs) throws IOException {
        Path file = folder.resolve("curves.png");
        Charts.curves(results(epochs), OptionalInt.of(epochs), file);
        BufferedImage image = ImageIO.read(file.toFile());
        for (int third = 0; third < 3; third++) {
            assertThat(pixels(image, third, BLUE))
                    .as("first curve of panel " + third)
                    .isGreaterThan(20);
            assertThat(pixels(image, third, RED)).as("mark of panel " + third).isGreaterThan(20);
        }
    }

    /** As of a critic that diverged, and of a figure that stands still: an axis of either comes to an end. */
    @ParameterizedTest
    @CsvSource({"5e26,-8e12", "1.7e308,-1.7e308", "1,1.0000000000000002", "3e9,3.000000000000001e9", "0,0"})
    void figuresOfAnySizeAreDrawn(String one, String other) throws IOException {
        Path table = folder.resolve("results.csv");
        Files.writeString(table, """
                epoch,step,lr,train_loss,val_loss,images_per_s,seconds
                1,8,0.1,%s,%s,100.0,1.0
                2,16,0.1,%s,%s,100.0,1.0
                """.formatted(one, other, other, one));
        Path file = folder.resolve("curves.png");
        assertTimeoutPreemptively(
                Duration.ofSeconds(60), () -> Charts.curves(new Results(table), OptionalInt.of(1), file));
        BufferedImage image = ImageIO.read(file.toFile());
        assertThat(IntStream.range(0, image.getWidth() / 2)
                        .mapToLong(x -> IntStream.range(0, image.getHeight())
                                .filter(y -> (image.getRGB(x, y) & 0xffffff) == BLUE)
                                .count())
                        .sum())
                .isGreaterThan(20);
    }

    @Test
    void aFigureThatIsMissingIsLeftOut() throws IOException {
        Path table = folder.resolve("results.csv");
        Files.writeString(table, """
                epoch,step,lr,train_loss,train_accuracy,val_loss,val_accuracy,images_per_s,seconds
                1,8,0.1,,0.5,,0.5,100.0,1.0
                2,16,0.1,,0.6,,0.6,100.0,1.0
                """);
        Results results = new Results(table);
        assertThat(results.column("val_loss")).hasSize(2).allMatch(value -> value.isNaN());
        assertThat(results.bestEpoch(GOAL)).hasValue(2);
        Charts.curves(results, results.bestEpoch(GOAL), folder.resolve("curves.png"));
        assertThat(folder.resolve("curves.png")).isNotEmptyFile();
    }

    @Test
    void theBestEpochHasTheLowestLossOfTheSameAccuracies() throws IOException {
        Path table = folder.resolve("results.csv");
        Files.writeString(table, """
                epoch,step,lr,train_loss,train_accuracy,val_loss,val_accuracy,images_per_s,seconds
                1,8,0.1,1,0.5,0.9,0.5,1,1
                2,8,0.1,1,0.5,0.8,0.7,1,1
                3,8,0.1,1,0.5,0.7,0.7,1,1
                4,8,0.1,1,0.5,0.7,0.7,1,1
                5,8,0.1,1,0.5,0.1,0.6,1,1
                """);
        assertThat(new Results(table).bestEpoch(GOAL)).hasValue(3);
        assertThat(new Results(folder.resolve("none.csv")).bestEpoch(GOAL)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 10, 40, 1000})
    void aConfusionMatrixOfAnySizeIsReadable(int classes) throws IOException {
        ConfusionMatrix matrix = new ConfusionMatrix(classes);
        for (int label = 0; label < classes; label++) {
            // rows of very different sizes: each is coloured by its own
            for (int i = 0; i < 4 + label % 3 * 40; i++) {
                int other = i % 4 == 3 ? (label + 1) % classes : label;
                matrix.add(new int[] {other}, new int[] {label});
            }
        }
        Path file = folder.resolve("confusion.png");
        ConfusionPicture.draw(
                matrix, IntStream.range(0, classes).mapToObj(c -> "class " + c).toList(), file);
        BufferedImage image = ImageIO.read(file.toFile());
        assertThat(image.getWidth()).isBetween(300, 1600);
        assertThat(image.getHeight()).isBetween(300, 1600);
        int right = colour(.75);
        int wrong = colour(.25);
        int found = 0;
        for (int x = 0; x < image.getWidth(); x++) {
            for (int y = 0; y < image.getHeight(); y++) {
                int pixel = image.getRGB(x, y) & 0xffffff;
                found |= pixel == right ? 1 : pixel == wrong ? 2 : 0;
            }
        }
        assertThat(found).as("shares of the row are colours").isEqualTo(3);
    }

    private static int colour(double share) {
        double weight = Math.sqrt(share);
        int[] light = {0xea, 0xf2, 0xfa};
        int[] dark = {0x08, 0x30, 0x6b};
        int colour = 0;
        for (int c = 0; c < 3; c++) {
            colour = colour << 8 | (int) Math.round(light[c] + (dark[c] - light[c]) * weight);
        }
        return colour;
    }

    @Test
    void everyClassHasItsLine() {
        ConfusionMatrix matrix = new ConfusionMatrix(3);
        matrix.add(new int[] {0, 0, 1, 1, 0}, new int[] {0, 0, 0, 1, 1});
        String csv =
                ClassificationTask.perClass(matrix, List.of("a", "b, c", "d")).csv();
        assertThat(csv.lines())
                .containsExactly(
                        "class,precision,recall,f1,support",
                        "a,0.666667,0.666667,0.666667,3",
                        "\"b, c\",0.500000,0.500000,0.500000,2",
                        "d,0.000000,0.000000,0.000000,0");
    }
}
