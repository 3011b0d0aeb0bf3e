package djinn.predict.autoregressive;

import ai.djl.ndarray.NDManager;
import djinn.data.Pixels;
import djinn.inference.Gate;
import djinn.inference.ImageSampler;
import djinn.inference.LoadedModel;
import djinn.inference.ModelFile;
import djinn.inference.Predictor;
import djinn.inference.Sampling;
import djinn.ops.PyTorch;
import djinn.ops.Randomness;
import djinn.ops.WaitPolicy;
import djinn.predict.generative.ClassChoice;
import djinn.zoo.generative.PixelModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Draws images with a model of pixels: each value from what the model tells of it, by a random number that the seed, the
 * image's place and the value's own decide.
 *
 * <p>Weights are run row by row, other files by the whole image for each value; both draw the same images.
 */
public final class PixelSampler implements ImageSampler {

    /** Images that are drawn together, always: convolutions of another number may differ in their last digits. */
    static final int BATCH = 16;

    private final AutoregressiveCard card;
    private final Function<int[], NextValue> beginning;
    private final Gate gate;

    /**
     * Any way to tell values.
     *
     * @param card what the model is
     * @param beginning begins images of the classes given
     * @param release is run when it is closed
     */
    private PixelSampler(AutoregressiveCard card, Function<int[], NextValue> beginning, Runnable release) {
        this.card = card;
        this.beginning = beginning;
        gate = new Gate("model", release);
    }

    /**
     * Opens a model.
     *
     * @param file weights, an ONNX or a TorchScript file
     * @param settings how; the batch is its own
     * @throws djinn.ops.DataException if the file is damaged, or not of this task
     */
    static PixelSampler open(ModelFile file, Predictor.Settings settings) {
        AutoregressiveCard card = AutoregressiveCard.fromMetadata(file.metadata(), file.file());
        if (!file.holdsWeights()) {
            return whole(
                    card,
                    Predictor.open(file, card, traits -> new WholeImage.DrawnCodec(card), plain(settings), "model"));
        }
        NDManager owner = PyTorch.newManager(settings.device().device());
        try {
            PixelModel model = (PixelModel) LoadedModel.into(owner, file.file(), card, settings.preference());
            WaitPolicy.Watch watch = WaitPolicy.watch();
            return new PixelSampler(card, labels -> new RowByRow(model, card.size(), labels), () -> {
                watch.close();
                owner.close();
            });
        } catch (RuntimeException e) {
            owner.close();
            throw e;
        }
    }

    /**
     * Takes over a model that is loaded, and computes whole images with it.
     *
     * @param model is closed with the sampler
     */
    static PixelSampler whole(LoadedModel<AutoregressiveCard> model) {
        AutoregressiveCard card = model.card();
        return whole(
                card,
                Predictor.of(
                        model, traits -> new WholeImage.DrawnCodec(card), plain(Predictor.Settings.USUAL), "model"));
    }

    private static PixelSampler whole(AutoregressiveCard card, Predictor<WholeImage.Drawn, float[]> predictor) {
        return new PixelSampler(card, labels -> new WholeImage(predictor, card, labels), predictor::close);
    }

    private static Predictor.Settings plain(Predictor.Settings settings) {
        return settings.withBatch(BATCH).withFrozen(false);
    }

    /**
     * Draws row by row with a model that may be in training.
     *
     * @param model an initialised block; stays the caller's
     * @param card what it is
     * @return what need not be closed
     */
    public static ImageSampler of(PixelModel model, AutoregressiveCard card) {
        return new PixelSampler(card, labels -> new RowByRow(model, card.size(), labels), () -> {});
    }

    @Override
    public Set<Sampling.Choice> choices() {
        return card.classes().isEmpty() ? Set.of() : Set.of(Sampling.Choice.LABEL);
    }

    @Override
    public List<String> classes() {
        return card.classes();
    }

    @Override
    public void sample(Sampling sampling, Consumer<? super Pixels> taker) {
        sampling.requireWithin(choices());
        ClassChoice choice = new ClassChoice(card.classes(), sampling);
        try (Gate.Entry pass = gate.enter()) {
            sampling.inBatches(BATCH, first -> batch(first, choice, sampling.seed()), taker);
        }
    }

    private List<Pixels> batch(int first, ClassChoice choice, long seed) {
        int[] labels = new int[BATCH];
        SplittableRandom[] random = new SplittableRandom[BATCH];
        for (int n = 0; n < BATCH; n++) {
            labels[n] = choice.at(first + n);
            random[n] = new SplittableRandom(Randomness.mix(seed, first + n));
        }
        try (NextValue next = beginning.apply(labels)) {
            return drawn(card, next, random);
        }
    }

    private static List<Pixels> drawn(AutoregressiveCard card, NextValue next, SplittableRandom[] random) {
        int channels = card.channels();
        int size = card.size();
        PixelLevels levels = card.levels();
        float[] values = new float[BATCH * card.values()];
        byte[][] shown = new byte[BATCH][card.values()];
        for (int y = 0; y < size; y++) {
            for (int x = 0; x < size; x++) {
                for (int c = 0; c < channels; c++) {
                    float[] logits = next.logits(values, y, x, c);
                    for (int n = 0; n < BATCH; n++) {
                        int level = drawn(logits, n * levels.count(), levels.count(), random[n].nextDouble());
                        values[((n * channels + c) * size + y) * size + x] = levels.value(level);
                        shown[n][(y * size + x) * channels + c] = levels.shown(level);
                    }
                }
            }
        }
        List<Pixels> images = new ArrayList<>();
        for (byte[] image : shown) {
            images.add(new Pixels(size, size, channels, image));
        }
        return images;
    }

    /** The level up to which the probabilities of a softmax first add up to more than a number from 0 to below 1. */
    static int drawn(float[] logits, int from, int count, double number) {
        double greatest = Double.NEGATIVE_INFINITY;
        for (int q = 0; q < count; q++) {
            greatest = Math.max(greatest, logits[from + q]);
        }
        double[] sums = new double[count];
        double sum = 0;
        for (int q = 0; q < count; q++) {
            sum += Math.exp(logits[from + q] - greatest);
            sums[q] = sum;
        }
        int level = 0;
        while (level < count - 1 && sums[level] <= number * sum) {
            level++;
        }
        return level;
    }

    /** Waits for the images under way, and frees the weights. */
    @Override
    public void close() {
        gate.close();
    }
}
