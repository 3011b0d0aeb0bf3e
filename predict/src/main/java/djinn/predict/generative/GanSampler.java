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

/** Makes images with the generator of a GAN. */
public final class GanSampler implements ImageSampler {

    /** Images that are drawn together, always: convolutions of another number may differ in their last digits. */
    private static final int BATCH = 64;

    private final GeneratorCard card;
    private final Predictor<Wish, Pixels> predictor;

    private GanSampler(GeneratorCard card, Predictor<Wish, Pixels> predictor) {
        this.card = card;
        this.predictor = predictor;
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
        return new GanSampler(
                card,
                Predictor.open(
                        file,
                        card,
                        traits -> new WishCodec(told),
                        settings.withBatch(BATCH).withFrozen(false),
                        "generator"));
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
    public List<Pixels> sample(Sampling sampling) {
        sampling.requireWithin(choices());
        List<Wish> wishes = new ArrayList<>();
        for (int first = 0; first < sampling.count(); first += BATCH) {
            wishes.addAll(wishes(first, sampling, card));
        }
        return List.copyOf(predictor.predictAll(wishes).subList(0, sampling.count()));
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

    /**
     * Draws with the running statistics of a generator that may be in training.
     *
     * @param generator an initialised block; stays the caller's
     * @param card what it is
     * @param sampling which images
     * @return the images, all of one size
     */
    public static List<Pixels> draw(NamedBlock generator, GeneratorCard card, Sampling sampling) {
        List<Pixels> images = new ArrayList<>();
        try (NDManager manager = PyTorch.newManager();
                Autograd.Scope off = Autograd.withoutGradients()) {
            Pass pass = new Pass(new ParameterStore(manager, false), false);
            for (int first = 0; first < sampling.count(); first += BATCH) {
                try (NDManager owner = manager.newSubManager()) {
                    List<Wish> wishes = wishes(first, sampling, card);
                    NDArray vectors = owner.create(
                            RandomVectors.joined(
                                    wishes.stream().map(Wish::vector).toList()),
                            new Shape(BATCH, card.extents().latent()));
                    NDArray classes =
                            owner.create(wishes.stream().mapToLong(Wish::label).toArray());
                    images.addAll(DrawnImages.pixels(Tensor.of(Gan.draw(generator, vectors, classes, pass)))
                            .subList(0, Math.min(BATCH, sampling.count() - first)));
                }
            }
        }
        return images;
    }

    /** Frees the weights. */
    @Override
    public void close() {
        predictor.close();
    }
}
