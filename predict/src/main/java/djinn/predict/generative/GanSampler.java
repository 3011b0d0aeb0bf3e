package djinn.predict.generative;

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
import djinn.zoo.generative.Gan;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;

/** Makes images with the generator of a GAN. */
public final class GanSampler implements ImageSampler {

    /** Images that are drawn together, always: convolutions of another number may differ in their last digits. */
    private static final int BATCH = 64;

    private final GeneratorCard card;
    private final Function<List<Wish>, List<Pixels>> generator;
    private final Runnable release;

    /**
     * Any way to draw.
     *
     * @param generator draws a batch
     * @param release is run when it is closed
     */
    private GanSampler(GeneratorCard card, Function<List<Wish>, List<Pixels>> generator, Runnable release) {
        this.card = card;
        this.generator = generator;
        this.release = release;
    }

    /** A random vector, and the class of what is drawn of it; 0 where the generator is not told. */
    private static final class Wish {

        private final float[] vector;
        private final long label;

        Wish(float[] vector, long label) {
            this.vector = vector;
            this.label = label;
        }

        float[] vector() {
            return vector;
        }

        long label() {
            return label;
        }
    }

    /** From random vectors to images. */
    private record WishCodec(boolean told) implements Codec<Wish, Pixels> {

        @Override
        public Encoded<Pixels> encode(List<? extends Wish> inputs, Room room) {
            List<float[]> vectors = inputs.stream().map(Wish::vector).toList();
            List<Tensor> tensors = new ArrayList<>();
            tensors.add(room.tensor(RandomVectors.joined(vectors), new Shape(inputs.size(), vectors.get(0).length)));
            if (told) {
                tensors.add(room.tensor(inputs.stream().mapToLong(Wish::label).toArray(), new Shape(inputs.size())));
            }
            return new Encoded<>(tensors, outputs -> DrawnImages.pixels(outputs.get(0)));
        }
    }

    static GanSampler open(ModelFile file, GeneratorCard card, Predictor.Settings settings) {
        boolean told = !card.classes().isEmpty();
        Predictor<Wish, Pixels> predictor = Predictor.open(
                file,
                card,
                traits -> new WishCodec(told),
                settings.withBatch(BATCH).withFrozen(false),
                "generator");
        return new GanSampler(card, predictor::predictAll, predictor::close);
    }

    /**
     * Draws with the running statistics of a generator that may be in training.
     *
     * @param generator an initialised block; stays the caller's
     * @param card what it is
     * @return what need not be closed
     */
    public static ImageSampler of(NamedBlock generator, GeneratorCard card) {
        return new GanSampler(card, wishes -> drawn(generator, wishes, card), () -> {});
    }

    private static List<Pixels> drawn(NamedBlock generator, List<Wish> wishes, GeneratorCard card) {
        try (NDManager owner = PyTorch.newManager();
                Autograd.Scope off = Autograd.withoutGradients()) {
            Pass pass = new Pass(new ParameterStore(owner, false), false);
            NDArray vectors = owner.create(
                    RandomVectors.joined(wishes.stream().map(Wish::vector).toList()),
                    new Shape(wishes.size(), card.extents().latent()));
            NDArray classes =
                    owner.create(wishes.stream().mapToLong(Wish::label).toArray());
            return DrawnImages.pixels(Tensor.of(Gan.draw(generator, vectors, classes, pass)));
        }
    }

    @Override
    public Set<Sampling.Choice> choices() {
        Set<Sampling.Choice> choices = EnumSet.of(Sampling.Choice.INTERPOLATION, Sampling.Choice.TRUNCATION);
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
        sampling.inBatches(BATCH, first -> generator.apply(wishes(first, sampling, card)), taker);
    }

    /** A whole batch; without a class named, those there are take turns. */
    private static List<Wish> wishes(int first, Sampling sampling, GeneratorCard card) {
        List<float[]> vectors = RandomVectors.of(card.extents().latent(), first, BATCH, sampling);
        ClassChoice choice = new ClassChoice(card.classes(), sampling);
        List<Wish> wishes = new ArrayList<>();
        for (int i = 0; i < BATCH; i++) {
            wishes.add(new Wish(vectors.get(i), choice.at(first + i)));
        }
        return wishes;
    }

    /** Frees the weights. */
    @Override
    public void close() {
        release.run();
    }
}
