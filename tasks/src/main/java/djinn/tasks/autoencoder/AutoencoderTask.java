package djinn.tasks.autoencoder;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import djinn.data.Batches;
import djinn.data.ImageBatch;
import djinn.data.Pixels;
import djinn.inference.ImageSampler;
import djinn.inference.Tensor;
import djinn.losses.LossFunction;
import djinn.losses.Mse;
import djinn.losses.VaeKl;
import djinn.ops.Autograd;
import djinn.ops.DataException;
import djinn.ops.MemoryFormat;
import djinn.ops.PyTorch;
import djinn.ops.Scalars;
import djinn.predict.autoencoder.AutoencoderCard;
import djinn.predict.autoencoder.AutoencoderCard.Part;
import djinn.predict.autoencoder.CoderParts;
import djinn.predict.autoencoder.VaeSampler;
import djinn.predict.generative.DrawnImages;
import djinn.tasks.generative.GenerativeImages;
import djinn.tasks.generative.ImageMakingTask;
import djinn.tasks.generative.SampleQuality;
import djinn.tasks.generative.SampleSheets;
import djinn.tasks.generative.Samples;
import djinn.training.Goal;
import djinn.training.Outcome;
import djinn.training.Product;
import djinn.training.ProductPart;
import djinn.training.Turn;
import djinn.training.exhibit.Exhibit;
import djinn.zoo.generative.ConvVae;
import djinn.zoo.generative.ImageCoder;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Images to vectors and back. Of a variational autoencoder a vector is drawn of each image's distribution, once a step and
 * once when it is judged, and the distribution's divergence from the standard normal one is lowered too.
 */
public final class AutoencoderTask implements ImageMakingTask {

    private static final String RECONSTRUCTIONS = "reconstructions";

    private final AutoencoderRecipe recipe;
    private final AutoencoderCard card;
    private final GenerativeImages images;
    private final MemoryFormat format;
    private final LossFunction likelihood;
    private final boolean variational;
    private final SampleSheets sheets;
    private final SampleSheets reconstructions;
    private final SampleQuality quality;

    /**
     * Makes the task a recipe describes; images are listed, not all of them read.
     *
     * @param recipe the recipe
     * @throws DataException if the data is missing
     */
    public AutoencoderTask(AutoencoderRecipe recipe) {
        this.recipe = recipe;
        card = new AutoencoderCard(
                recipe.model().name(),
                recipe.model().extents(recipe.data(), recipe.likelihood().name()),
                recipe.data().preprocessing(),
                Optional.empty());
        images = recipe.data().open(recipe.seed(), recipe.train().batchSize());
        format = recipe.train().memoryFormat().format();
        likelihood = recipe.likelihood().loss();
        variational = recipe.model().name() == AutoencoderCard.Kind.VAE;
        Samples samples = recipe.samples();
        sheets = new SampleSheets(samples, recipe.data().size());
        // each image has another beside it
        reconstructions = new SampleSheets(
                RECONSTRUCTIONS,
                new Samples(samples.rows(), 2 * samples.columns(), samples.seed()),
                recipe.data().size());
        quality = SampleQuality.of(recipe.quality());
    }

    /** Returns what the model is. */
    public AutoencoderCard card() {
        return card;
    }

    @Override
    public ImageCoder newModel() {
        return (ImageCoder) card.newModel();
    }

    @Override
    public GenerativeImages images() {
        return images;
    }

    @Override
    public SampleSheets sheets() {
        return sheets;
    }

    @Override
    public SampleQuality quality() {
        return quality;
    }

    /** A variational one alone can be asked: of the vectors of another the distribution is not known. */
    @Override
    public ImageSampler sampler(NamedBlock model) {
        if (!variational) {
            throw new IllegalStateException("expected a variational autoencoder, a plain one makes no new images");
        }
        return VaeSampler.of(((ImageCoder) model).decoder());
    }

    @Override
    public List<String> toldClasses() {
        return List.of();
    }

    @Override
    public List<Turn<ImageBatch>> turns() {
        return List.of(Turn.sole(this::evaluate));
    }

    /** Draws the images anew and tells how far they are off. */
    @Override
    public Outcome evaluate(NamedBlock model, ImageBatch batch, NDManager owner, Pass pass) {
        ImageCoder coder = (ImageCoder) model;
        NDArray learnt = format.of(recipe.likelihood().learnt(batch.images(owner)));
        NDArray target = ImageLikelihood.brightness(learnt);
        NDArray vectors;
        NDArray kl = null;
        if (coder instanceof ConvVae vae) {
            ConvVae.Posterior posterior = vae.encoder().posterior(learnt, pass);
            vectors = posterior.draw(owner.randomNormal(posterior.mean().getShape()));
            kl = new VaeKl().apply(posterior.mean(), posterior.logVariance());
        } else {
            vectors = coder.encode(learnt, pass);
        }
        NDArray parameters = coder.decoder().parameters(vectors, pass);
        Map<String, NDArray> terms = new LinkedHashMap<>();
        terms.put(AutoencoderFigures.RECONSTRUCTION, likelihood.apply(parameters, target));
        NDList answers = new NDList(new Mse().apply(coder.decoder().brightness(parameters), target));
        if (kl != null) {
            terms.put(
                    AutoencoderFigures.KL,
                    recipe.beta().isEmpty() ? kl : Scalars.mul(kl, recipe.beta().getAsDouble()));
            answers.add(kl);
        }
        return new Outcome(terms, answers);
    }

    @Override
    public AutoencoderFigures ownFigures() {
        return new AutoencoderFigures(variational);
    }

    @Override
    public Goal goal() {
        return recipe.goal();
    }

    /** The whole: both parts can be asked. */
    @Override
    public Product product(NamedBlock model) {
        return Product.whole(model, card.toMetadata());
    }

    @Override
    public Optional<NDList> productInput(NDManager owner) {
        return Optional.of(new NDList(image(owner)));
    }

    private NDArray image(NDManager owner) {
        ImageCoder.Config extents = card.extents();
        return owner.randomUniform(-1, 1, new Shape(1, extents.channels(), extents.size(), extents.size()));
    }

    /** The {@code encoder} and the {@code decoder}. */
    @Override
    public Map<String, ProductPart> parts(NamedBlock model, NDManager owner) {
        ImageCoder coder = (ImageCoder) model;
        Map<String, ProductPart> parts = new LinkedHashMap<>();
        parts.put(
                Part.ENCODER.text(),
                new ProductPart(
                        CoderParts.encoder(coder),
                        new NDList(image(owner)),
                        card.of(Part.ENCODER).toMetadata()));
        parts.put(
                Part.DECODER.text(),
                new ProductPart(
                        coder.decoder(),
                        new NDList(
                                owner.randomNormal(new Shape(1, card.extents().latent()))),
                        card.of(Part.DECODER).toMetadata()));
        return parts;
    }

    /**
     * Draws {@code reconstructions/epoch-0001.png}, held-out images with what was drawn of their vectors to the right of each,
     * and, of a variational autoencoder, {@code samples/epoch-0001.png}, always of the same random vectors.
     */
    @Override
    public void afterEpoch(NamedBlock shown, int epoch, Path folder) {
        if (variational) {
            ImageMakingTask.super.afterEpoch(shown, epoch, folder);
        }
        List<Pixels> pairs = reconstructed((ImageCoder) shown);
        if (!pairs.isEmpty()) {
            reconstructions.write(pairs, epoch, folder);
        }
    }

    /** Held-out images of the first batch, as many as are on a sheet, each before what is drawn of it. */
    private List<Pixels> reconstructed(ImageCoder coder) {
        int most = recipe.samples().count();
        List<Pixels> pairs = new ArrayList<>();
        try (NDManager owner = PyTorch.newManager();
                Autograd.Scope off = Autograd.withoutGradients();
                Batches<ImageBatch> batches = heldOut().batches(0, 0);
                ImageBatch batch = batches.next()) {
            if (batch.size() > 0) {
                NDArray originals = batch.images(owner);
                Pass pass = new Pass(new ParameterStore(owner, false), false);
                List<Pixels> before = DrawnImages.pixels(Tensor.of(originals));
                List<Pixels> after = DrawnImages.pixels(Tensor.of(coder.forward(format.of(originals), pass)));
                for (int i = 0; i < Math.min(most, before.size()); i++) {
                    pairs.add(before.get(i));
                    pairs.add(after.get(i));
                }
            }
        }
        return pairs;
    }

    @Override
    public List<Exhibit> exhibits(NamedBlock model, int pictures) {
        return new AutoencoderExhibits(this, (ImageCoder) model, format, pictures).all();
    }
}
