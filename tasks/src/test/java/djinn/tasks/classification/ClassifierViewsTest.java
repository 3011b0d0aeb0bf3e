package djinn.tasks.classification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import djinn.data.Dataset;
import djinn.data.ImageFeed;
import djinn.data.ImageFolder;
import djinn.data.Pixels;
import djinn.data.Preprocessing;
import djinn.data.TestTimeAugmentation;
import djinn.inference.Classifier;
import djinn.inference.ModelCard;
import djinn.losses.CrossEntropy;
import djinn.ops.PyTorch;
import djinn.tasks.TinyRun;
import djinn.training.Trainer;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.Pass;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Probabilities averaged over views of an image. */
class ClassifierViewsTest {

    /** The logits (x, 0), where x is the upper left value of the image, from 0 to 1. */
    private static final class Corner extends ArrayBlock {
        @Override
        public NDArray forward(NDArray x, Pass pass) {
            NDArray corner = x.get(new NDIndex(":, 0, 0, 0")).expandDims(1);
            return corner.concat(corner.zerosLike(), 1);
        }
    }

    /** The logits (x, 0), where x is the sum of the image's values. */
    private static final class Sum extends ArrayBlock {
        @Override
        public NDArray forward(NDArray x, Pass pass) {
            NDArray sum = x.reshape(x.getShape().get(0), -1).sum(new int[] {1}, true);
            return sum.concat(sum.zerosLike(), 1);
        }
    }

    /** A classifier of grey images whose values from 0 to 1 the model gets as they are. */
    private static Classifier classifier(ArrayBlock model, int size, List<String> classes) {
        Preprocessing plain = new Preprocessing(size, size, 1, List.of(0.), List.of(1.), Preprocessing.Fit.CROP, 1);
        return new Classifier(new ModelCard("nin_small", classes, plain), PyTorch.newManager(), model);
    }

    private static double first(List<Classifier.Score> scores) {
        assertThat(scores.stream().mapToDouble(Classifier.Score::probability).sum())
                .isCloseTo(1, within(1e-6));
        return scores.stream()
                .filter(score -> score.label().equals("first"))
                .findFirst()
                .orElseThrow()
                .probability();
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    /** A square image, dark but for some values of its first row. */
    private static Pixels image(int size, int... firstRow) {
        byte[] values = new byte[size * size];
        for (int i = 0; i < firstRow.length; i++) {
            values[i] = (byte) firstRow[i];
        }
        return new Pixels(size, size, 1, values);
    }

    @Test
    void theProbabilitiesOfAnImageAndItsMirrorImageAreAveraged() {
        try (Classifier corner = classifier(new Corner(), 2, List.of("first", "second"))) {
            List<Pixels> images = List.of(image(2, 255, 0), image(2, 51, 255));
            List<List<Classifier.Score>> plain = corner.classify(images);
            assertThat(first(plain.get(0))).isCloseTo(sigmoid(1), within(1e-6));
            assertThat(first(plain.get(1))).isCloseTo(sigmoid(.2), within(1e-6));
            assertThat(corner.classify(images, TestTimeAugmentation.NONE)).isEqualTo(plain);
            List<List<Classifier.Score>> both = corner.classify(images, TestTimeAugmentation.FLIP);
            assertThat(first(both.get(0))).isCloseTo((sigmoid(1) + .5) / 2, within(1e-6));
            assertThat(first(both.get(1))).isCloseTo((sigmoid(.2) + sigmoid(1)) / 2, within(1e-6));
        }
    }

    @Test
    void theProbabilitiesOfFiveCropsAreAveraged() {
        // 7 over 0.875 is 8: the crops begin at (0, 0), (0, 1), (1, 0), (1, 1) and, the centre, (0, 0)
        try (Classifier corner = classifier(new Corner(), 7, List.of("first", "second"))) {
            List<Pixels> images = List.of(image(8, 255, 51));
            double expected = (2 * sigmoid(1) + sigmoid(.2) + 2 * .5) / 5;
            assertThat(first(corner.classify(images, TestTimeAugmentation.FIVE_CROP)
                            .get(0)))
                    .isCloseTo(expected, within(1e-6));
            // mirrored, all of them have a dark corner
            assertThat(first(corner.classify(images, TestTimeAugmentation.TEN_CROP)
                            .get(0)))
                    .isCloseTo((expected + .5) / 2, within(1e-6));
        }
    }

    @Test
    void aModelThatDoesNotMindLeftAndRightAnswersTheSame() {
        try (Classifier sum = classifier(new Sum(), 2, List.of("first", "second"))) {
            List<Pixels> images = List.of(image(2, 255, 0), image(2, 51, 102, 51));
            List<List<Classifier.Score>> plain = sum.classify(images);
            assertThat(first(plain.get(1))).isCloseTo(sigmoid(.8), within(1e-6));
            assertThat(sum.classify(images, TestTimeAugmentation.FLIP)).isEqualTo(plain);
        }
    }

    @Test
    void heldOutImagesAreMeasuredByTheMeanOfTheirViews(@TempDir Path folder) {
        TinyRun tiny = new TinyRun(folder);
        Path run = tiny.train("views", "train.epochs=1");
        try (Classifier classifier = Classifier.open(run.resolve("best.safetensors"))) {
            ModelCard card = classifier.card();
            ClassificationTask task = ClassificationTask.validating(
                    card, tiny.images().toString(), new CrossEntropy(), new ClassificationTask.Settings(0, 4, 1));
            Map<String, Double> usual =
                    Trainer.validate(task, classifier.model()).values();
            Map<String, Double> oneView =
                    task.validate(classifier, TestTimeAugmentation.NONE).values();
            assertThat(oneView.get("accuracy")).isEqualTo(usual.get("accuracy"));
            assertThat(oneView.get("loss")).isCloseTo(usual.get("loss"), within(1e-5));

            Dataset images =
                    ImageFolder.validation(tiny.images(), card.classes()).validation();
            int[] labels = ImageFeed.labels(images);
            double loss = 0;
            double right = 0;
            for (int i = 0; i < labels.length; i++) {
                Pixels image = images.image(i, 1);
                List<List<Classifier.Score>> views = classifier.classify(List.of(image, mirrored(image)));
                double[] mean = new double[3];
                views.forEach(scores -> scores.forEach(
                        score -> mean[card.classes().indexOf(score.label())] += score.probability() / 2));
                loss -= Math.log(mean[labels[i]]) / labels.length;
                double most = Math.max(mean[0], Math.max(mean[1], mean[2]));
                right += mean[labels[i]] == most ? 1 : 0;
            }
            ClassificationFigures twoViews = task.validate(classifier, TestTimeAugmentation.FLIP);
            assertThat(twoViews.images()).isEqualTo(9);
            assertThat(twoViews.values().get("loss"))
                    .isCloseTo(loss, within(1e-5))
                    .isNotCloseTo(usual.get("loss"), within(1e-4));
            assertThat(twoViews.values().get("accuracy")).isCloseTo(right / 9, within(1e-9));
        }
    }

    private static Pixels mirrored(Pixels image) {
        byte[] values = new byte[image.values().length];
        for (int i = 0; i < values.length; i++) {
            int row = i / image.width();
            values[i] = image.values()[row * image.width() + image.width() - 1 - i % image.width()];
        }
        return new Pixels(image.height(), image.width(), 1, values);
    }
}
