package djinn.report;

import djinn.data.Pixels;
import djinn.tasks.Recipes;
import djinn.training.exhibit.Cloud;
import djinn.training.exhibit.Curves;
import djinn.training.exhibit.Exhibit;
import djinn.training.exhibit.Gallery;
import djinn.training.exhibit.Matrix;
import djinn.training.exhibit.Passages;
import djinn.training.exhibit.Table;
import djinn.training.exhibit.Verdict;
import djinn.training.run.RunFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;

/** A run's folder as a training leaves it, and one exhibit of each kind. */
final class ExampleRun {

    /** A class of this name must stay a name. */
    static final String SCRIPT = "</script><script>document.title='broken'</script>";

    private static final List<String> NAMES =
            List.of("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", SCRIPT);

    private ExampleRun() {}

    static RunFolder write(Path runs, String name, String... overrides) throws IOException {
        Path folder = Files.createDirectories(runs.resolve(name));
        Files.writeString(
                folder.resolve("recipe.yaml"),
                Recipes.toYaml(Recipes.read(Path.of("..", "configs", "classification_tiny.yaml"), List.of(overrides))));
        Files.writeString(folder.resolve("provenance.yaml"), """
                djinn: "0.1.0"
                commit: 0123456789abcdef0123456789abcdef01234567
                djl: "0.35.1"
                engine: PyTorch 2.7.1
                java: "17.0.15"
                os: Linux amd64
                threads: 2
                data_fingerprint: "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
                changes:
                - {at: "2026-01-31T12:00:00+01:00", step: 40, key: train.epochs, before: "3", after: "5"}
                """);
        Files.writeString(folder.resolve("results.csv"), results(5));
        log(folder, "done at step 115: best epoch 4, validation loss 0.2 accuracy 95.00%");
        return new RunFolder(folder);
    }

    /** Losses that fall, and accuracies that rise to 0.94 at the fourth of five epochs. */
    static String results(int epochs) {
        StringBuilder text = new StringBuilder(
                "epoch,step,lr,train_loss,train_accuracy,val_loss,val_accuracy,images_per_s,seconds\n");
        for (int epoch = 1; epoch <= epochs; epoch++) {
            double accuracy = epoch == 5 ? 0.93 : 0.9 + 0.01 * epoch;
            text.append(String.format(
                    Locale.ROOT,
                    "%d,%d,%s,%.6f,%.6f,%.6f,%.6f,%.1f,%.3f%n",
                    epoch,
                    23 * epoch,
                    0.1 / epoch,
                    2.0 / epoch,
                    accuracy - 0.02,
                    1.5 / epoch,
                    accuracy,
                    4000 + 10.0 * epoch,
                    1.25));
        }
        return text.toString();
    }

    static void log(Path folder, String last) throws IOException {
        Files.writeString(
                folder.resolve("train.log"),
                "2026-01-31T12:00:00+01:00 command: djinn train classification_tiny\n"
                        + "2026-01-31T12:00:01+01:00 training 5 epochs of 8 batches, 3 of validation; 66,154 parameters\n"
                        + "2026-01-31T12:00:09+01:00 " + last + "\n");
    }

    static Trained trained(List<Exhibit> exhibits) {
        return new Trained(
                exhibits,
                Optional.of(new SummaryTable(
                        SummaryTable.COLUMNS,
                        List.of(
                                List.of("features.0", "conv2d", "1x96x8x8", "2,496", "153,600", "5", "1"),
                                List.of("", "relu", "1x96x8x8", "", "", "5", "1"),
                                List.of("features.2", "conv2d", "1x96x8x8", "9,312", "589,824", "5", "1")),
                        List.of("nin_small: 1x1x8x8 to 1x10", "11,808 parameters trained, 743,424 multiply-adds"))),
                List.of());
    }

    /** One of each kind. */
    static List<Exhibit> exhibits(int pictures) {
        return List.of(table(), matrix(NAMES), curves(), gallery(pictures), passages(), cloud());
    }

    private static Table table() {
        List<List<Object>> rows = new ArrayList<>();
        for (int i = 0; i < NAMES.size(); i++) {
            rows.add(List.of(NAMES.get(i), 36L + (i * 7) % 5, 0.9 + 0.01 * ((i * 3) % 10), i == 3 ? Double.NaN : 0.8));
        }
        return new Table("Figures of every class", "", List.of("class", "images", "precision", "recall"), rows);
    }

    /** Right but for a few that are taken for the class after their own. */
    static Matrix matrix(List<String> names) {
        int size = names.size();
        List<List<Long>> counts = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            List<Long> row = new ArrayList<>();
            for (int j = 0; j < size; j++) {
                row.add(i == j ? 34L : j == (i + 1) % size ? (long) i % 4 : 0L);
            }
            counts.add(row);
        }
        return new Matrix("What was taken for what", "All held-out images.", names, counts);
    }

    private static Curves curves() {
        List<Double> x = new ArrayList<>();
        List<Double> y = new ArrayList<>();
        List<Double> other = new ArrayList<>();
        for (int i = 0; i <= 50; i++) {
            x.add(i / 50.0);
            y.add(Math.sqrt(i / 50.0));
            other.add(i == 25 ? Double.NaN : Math.pow(i / 50.0, 0.25));
        }
        return new Curves(
                "ROC curve",
                "The share of a class that is found over the share of others that is taken for it.",
                "false positives",
                "true positives",
                List.of(
                        new Curves.Series("zero", x, y),
                        new Curves.Series("one", x, other),
                        // an upright step
                        new Curves.Series("two", List.of(0.0, 0.0, 0.3, 1.0), List.of(0.0, 0.6, 0.9, 1.0))),
                true);
    }

    static Gallery gallery(int count) {
        List<Gallery.Picture> pictures = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Verdict verdict = i % 3 == 0 ? Verdict.WRONG : Verdict.RIGHT;
            pictures.add(new Gallery.Picture(
                    "image " + (i + 1),
                    verdict == Verdict.WRONG ? "four, taken for nine (0.93)" : "four (0.99)",
                    i % 2 == 0 ? small(i) : photo(i, 240, 320),
                    verdict));
        }
        return new Gallery("Mistakes first", "The surest mistakes, then what was right.", pictures);
    }

    private static Pixels small(int seed) {
        byte[] values = new byte[8 * 8];
        new Random(seed).nextBytes(values);
        return new Pixels(8, 8, 1, values);
    }

    /** Waves with some noise, which is about as hard to hold as a photo. */
    static Pixels photo(int seed, int height, int width) {
        Random random = new Random(seed);
        byte[] values = new byte[height * width * 3];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                for (int c = 0; c < 3; c++) {
                    double wave =
                            120 + 80 * Math.sin((x * (c + 1) + seed * 13) / 23.0) * Math.cos(y / (11.0 + seed % 7));
                    values[(y * width + x) * 3 + c] = (byte) (int) (wave + 24 * random.nextDouble());
                }
            }
        }
        return new Pixels(height, width, 3, values);
    }

    private static Passages passages() {
        List<Passages.Passage> passages = new ArrayList<>();
        for (int i = 0; i < 24; i++) {
            passages.add(new Passages.Passage(
                    "The cat sat on the mat, number " + i + ".",
                    i % 4 == 3 ? "" : "Le chat est assis sur le tapis.",
                    "Le chat\nest assis <b>là</b>.",
                    "BLEU 0." + (50 + i),
                    i % 2 == 0 ? Verdict.WRONG : Verdict.RIGHT));
        }
        return new Passages("Translations", "The worst first.", passages);
    }

    private static Cloud cloud() {
        List<Cloud.Point> points = new ArrayList<>();
        Random random = new Random(5);
        for (int i = 0; i < 40; i++) {
            int group = i % 4;
            points.add(new Cloud.Point(
                    3 * group + random.nextGaussian(),
                    (group % 2) * 4 + random.nextGaussian(),
                    "group " + group,
                    "word" + i));
        }
        return new Cloud("A map of words", "By their two principal components.", points);
    }
}
