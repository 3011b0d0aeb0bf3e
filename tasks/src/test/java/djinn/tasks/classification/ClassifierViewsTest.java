package djinn.tasks.classification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import djinn.data.Dataset;
import djinn.data.ImageFolder;
import djinn.data.Pixels;
import djinn.data.Preprocessing;
import djinn.data.TestTimeAugmentation;
import djinn.inference.ImageClassifier;
import djinn.inference.LoadedModel;
import djinn.inference.ModelCard;
import djinn.losses.CrossEntropy;
import djinn.ops.PyTorch;
import djinn.tasks.TinyRun;
import djinn.training.Trainer;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.Pass;
import djinn.zoo.weights.Preference;
import java.nio.file.Path;
import java.util.ArrayList;
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
    private static ImageClassifier classifier(ArrayBlock model, int size, List<String> classes) {
        Preprocessing plain = new Preprocessing(size, size, 1, List.of(0.), List.of(1.), Preprocessing.Fit.CROP, 1);
        return ImageClassifier.of(
                LoadedModel.of(new ModelCard("nin_small", classes, plain), PyTorch.newManager(), model));
    }

    /** The probabilities of the first class, of two. */
    private static List<Double> first(ImageClassifier classifier, List<Pixels> images, TestTimeAugmentation tta) {
        float[] all = classifier.probabilities(images, tta);
        List<Double> first = new ArrayList<>();
        for (int n = 0; n < images.size(); n++) {
            assertThat(all[2 * n] + all[2 * n + 1]).isCloseTo(1, within(1e-6f));
            first.add((double) all[2 * n]);
        }
        return first;
    }

    private static ClassificationFigures views(
            ClassificationTask task, ImageClassifier classifier, TestTimeAugmentation tta) {
        return task.validate(images -> classifier.probabilities(images, tta));
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
        try (ImageClassifier corner = classifier(new Corner(), 2, List.of("first", "second"))) {
            List<Pixels> images = List.of(image(2, 255, 0), image(2, 51, 255));
            List<Double> plain = first(corner, images, TestTimeAugmentation.NONE);
            assertThat(plain.get(0)).isCloseTo(sigmoid(1), within(1e-6));
            assertThat(plain.get(1)).isCloseTo(sigmoid(.2), within(1e-6));
            List<Double> both = first(corner, images, TestTimeAugmentation.FLIP);
            assertThat(both.get(0)).isCloseTo((sigmoid(1) + .5) / 2, within(1e-6));
            assertThat(both.get(1)).isCloseTo((sigmoid(.2) + sigmoid(1)) / 2, within(1e-6));
        }
    }

    @Test
    void theProbabilitiesOfFiveCropsAreAveraged() {
        // 7 over 0.875 is 8: the crops begin at (0, 0), (0, 1), (1, 0), (1, 1) and, the centre, (0, 0)
        try (ImageClassifier corner = classifier(new Corner(), 7, List.of("first", "second"))) {
            List<Pixels> images = List.of(image(8, 255, 51));
            double expected = (2 * sigmoid(1) + sigmoid(.2) + 2 * .5) / 5;
            assertThat(first(corner, images, TestTimeAugmentation.FIVE_CROP).get(0))
                    .isCloseTo(expected, within(1e-6));
            // mirrored, all of them have a dark corner
            assertThat(first(corner, images, TestTimeAugmentation.TEN_CROP).get(0))
                    .isCloseTo((expected + .5) / 2, within(1e-6));
        }
    }

    @Test
    void aModelThatDoesNotMindLeftAndRightAnswersTheSame() {
        try (ImageClassifier sum = classifier(new Sum(), 2, List.of("first", "second"))) {
            List<Pixels> images = List.of(image(2, 255, 0), image(2, 51, 102, 51));
            List<Double> plain = first(sum, images, TestTimeAugmentation.NONE);
            assertThat(plain.get(1)).isCloseTo(sigmoid(.8), within(1e-6));
            assertThat(first(sum, images, TestTimeAugmentation.FLIP)).isEqualTo(plain);
        }
    }

    @Test
    void heldOutImagesAreMeasuredByTheMeanOfTheirViews(@TempDir Path folder) {
        TinyRun tiny = new TinyRun(folder);
        Path run = tiny.train("views", "train.epochs=1");
        Path weights = run.resolve("best.safetensors");
        try (ImageClassifier classifier = ImageClassifier.open(weights);
                LoadedModel<ModelCard> loaded = LoadedModel.open(weights, classifier.card(), Preference.EMA)) {
            ModelCard card = classifier.card();
            ClassificationTask task = ClassificationTask.validating(
                    card, tiny.images().toString(), new CrossEntropy(), new ClassificationTask.Settings(0, 4, 1));
            Map<String, Double> usual = Trainer.validate(task, loaded.block()).values();
            Map<String, Double> oneView =
                    views(task, classifier, TestTimeAugmentation.NONE).values();
            assertThat(oneView.get("accuracy")).isEqualTo(usual.get("accuracy"));
            assertThat(oneView.get("loss")).isCloseTo(usual.get("loss"), within(1e-5));

            Dataset images =
                    ImageFolder.validation(tiny.images(), card.classes()).validation();
            int[] labels = images.labels();
            double loss = 0;
            double right = 0;
            for (int i = 0; i < labels.length; i++) {
                Pixels image = images.image(i, 1);
                double[] mean = new double[3];
                classifier
                        .predictAll(List.of(image, mirrored(image)))
                        .forEach(
                                view -> view.scores().forEach(score -> mean[score.index()] += score.probability() / 2));
                loss -= Math.log(mean[labels[i]]) / labels.length;
                double most = Math.max(mean[0], Math.max(mean[1], mean[2]));
                right += mean[labels[i]] == most ? 1 : 0;
            }
            ClassificationFigures twoViews = views(task, classifier, TestTimeAugmentation.FLIP);
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
