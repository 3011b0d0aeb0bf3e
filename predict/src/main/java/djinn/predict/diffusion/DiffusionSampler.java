package djinn.predict.diffusion;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import djinn.data.Pixels;
import djinn.inference.Codec;
import djinn.inference.ImageSampler;
import djinn.inference.ModelFile;
import djinn.inference.Predictor;
import djinn.inference.Sampling;
import djinn.inference.Tensor;
import djinn.ops.Autograd;
import djinn.ops.PyTorch;
import djinn.ops.Randomness;
import djinn.predict.generative.ClassChoice;
import djinn.predict.generative.DrawnImages;
import djinn.predict.generative.RandomVectors;
import djinn.zoo.generative.Denoising;
import djinn.zoo.generative.DiffusionUNet;
import djinn.zoo.nn.Pass;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Makes images of noise: by all steps (DDPM), or by as many as are asked for (DDIM). The network says what the noise is, by
 * batches of one size always; the steps are taken in Java, each image with random numbers of its own.
 */
public final class DiffusionSampler implements ImageSampler {

    /** Images that are drawn together, always: convolutions of another number may differ in their last digits. */
    private static final int BATCH = 16;

    private static final Codec.Room HEAP = bytes -> ByteBuffer.allocate(bytes).order(ByteOrder.nativeOrder());

    private final DiffusionCard card;
    private final Function<List<Noisy>, List<float[]>> network;
    private final Runnable release;

    /**
     * Any way to tell noise.
     *
     * @param network tells that of a batch
     * @param release is run when it is closed
     */
    private DiffusionSampler(DiffusionCard card, Function<List<Noisy>, List<float[]>> network, Runnable release) {
        this.card = card;
        this.network = network;
        this.release = release;
    }

    /** Values on their way to an image. */
    private static final class Noisy {

        private final SplittableRandom random;
        final long label;
        final int step;
        final float[] values;

        private Noisy(SplittableRandom random, long label, int step, float[] values) {
            this.random = random;
            this.label = label;
            this.step = step;
            this.values = values;
        }

        /** Noise alone. */
        static Noisy first(long seed, int place, long label, int step, int values) {
            SplittableRandom random = new SplittableRandom(Randomness.mix(seed, place));
            return new Noisy(random, label, step, normal(random, values));
        }

        Noisy at(int other, float[] next) {
            return new Noisy(random, label, other, next);
        }

        private static float[] normal(SplittableRandom random, int count) {
            float[] values = new float[count];
            for (int i = 0; i < count; i++) {
                values[i] = (float) random.nextGaussian();
            }
            return values;
        }

        float[] drawn() {
            return normal(random, values.length);
        }
    }

    /** Values under noise to their noise. */
    private record NoiseCodec(DiffusionCard card) implements Codec<Noisy, float[]> {

        @Override
        public Encoded<float[]> encode(List<? extends Noisy> inputs, Room room) {
            int length = inputs.get(0).values.length;
            List<Tensor> tensors = new ArrayList<>();
            tensors.add(images(inputs, card, room));
            Shape each = new Shape(inputs.size());
            tensors.add(
                    room.tensor(inputs.stream().mapToLong(noisy -> noisy.step).toArray(), each));
            if (!card.classes().isEmpty()) {
                tensors.add(room.tensor(
                        inputs.stream().mapToLong(noisy -> noisy.label).toArray(), each));
            }
            return new Encoded<>(tensors, outputs -> rows(outputs.get(0), length));
        }
    }

    private static Tensor images(List<? extends Noisy> noisy, DiffusionCard card, Codec.Room room) {
        List<float[]> values = noisy.stream().map(each -> each.values).toList();
        DiffusionUNet.Config extents = card.extents();
        Shape shape = new Shape(noisy.size(), extents.channels(), extents.size(), extents.size());
        return room.tensor(RandomVectors.joined(values), shape);
    }

    private static List<float[]> rows(Tensor noise, int length) {
        FloatBuffer values = noise.floats();
        List<float[]> rows = new ArrayList<>();
        for (int n = 0; n < noise.shape().get(0); n++) {
            float[] row = new float[length];
            values.get(n * length, row);
            rows.add(row);
        }
        return rows;
    }

    static DiffusionSampler open(ModelFile file, Predictor.Settings settings) {
        DiffusionCard card = DiffusionCard.fromMetadata(file.metadata(), file.file());
        Predictor<Noisy, float[]> predictor = Predictor.open(
                file,
                card,
                traits -> new NoiseCodec(card),
                settings.withBatch(BATCH).withFrozen(false),
                "diffusion model");
        return new DiffusionSampler(card, predictor::predictAll, predictor::close);
    }

    /**
     * Draws with a network that may be in training.
     *
     * @param network an initialised block; stays the caller's
     * @param card what it is
     * @return what need not be closed
     */
    public static ImageSampler of(DiffusionUNet network, DiffusionCard card) {
        return new DiffusionSampler(card, noisy -> noise(network, noisy, new NoiseCodec(card)), () -> {});
    }

    private static List<float[]> noise(DiffusionUNet network, List<Noisy> noisy, NoiseCodec codec) {
        try (NDManager owner = PyTorch.newManager();
                Autograd.Scope off = Autograd.withoutGradients()) {
            Pass pass = new Pass(new ParameterStore(owner, false), false);
            return codec.answer(noisy, HEAP, tensors -> {
                NDArray labels = tensors.size() < 3 ? null : tensors.get(2).toArray(owner);
                return List.of(Tensor.of(network.forward(
                        tensors.get(0).toArray(owner), tensors.get(1).toArray(owner), labels, pass)));
            });
        }
    }

    @Override
    public Set<Sampling.Choice> choices() {
        Set<Sampling.Choice> choices = EnumSet.of(Sampling.Choice.STEPS);
        if (!card.classes().isEmpty()) {
            choices.add(Sampling.Choice.LABEL);
        }
        return choices;
    }

    @Override
    public List<String> classes() {
        return card.classes();
    }

    @Override
    public void sample(Sampling sampling, Consumer<? super Pixels> taker) {
        sampling.requireWithin(choices());
        Denoising way = new Denoising(card.schedule());
        List<Integer> steps = way.spaced(sampling.steps().orElse(way.steps()));
        ClassChoice choice = new ClassChoice(card.classes(), sampling);
        DiffusionUNet.Config extents = card.extents();
        int values = extents.channels() * extents.size() * extents.size();
        sampling.inBatches(
                BATCH,
                first -> {
                    List<Noisy> batch = new ArrayList<>();
                    for (int place = first; place < first + BATCH; place++) {
                        batch.add(Noisy.first(sampling.seed(), place, choice.at(place), steps.get(0), values));
                    }
                    return DrawnImages.pixels(images(denoised(batch, steps, sampling.steps(), way), card, HEAP));
                },
                taker);
    }

    /** Takes all noise away from a batch. */
    private List<Noisy> denoised(List<Noisy> noisy, List<Integer> steps, OptionalInt asked, Denoising way) {
        List<Noisy> batch = noisy;
        for (int i = 0; i < steps.size(); i++) {
            int step = steps.get(i);
            int to = i + 1 < steps.size() ? steps.get(i + 1) : -1;
            List<float[]> noise = network.apply(batch);
            List<Noisy> next = new ArrayList<>();
            for (int n = 0; n < batch.size(); n++) {
                Noisy each = batch.get(n);
                float[] values = asked.isPresent()
                        ? way.ddim(each.values, noise.get(n), step, to)
                        : way.ddpm(each.values, noise.get(n), step, each.drawn());
                next.add(each.at(to, values));
            }
            batch = next;
        }
        return batch;
    }

    /** Frees the weights. */
    @Override
    public void close() {
        release.run();
    }
}
