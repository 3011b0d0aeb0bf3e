package example.regression;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import djinn.data.ExampleFeed;
import djinn.data.ExampleLoader;
import djinn.data.Feed;
import djinn.data.ImagePreparation;
import djinn.data.Normalisation;
import djinn.data.OnError;
import djinn.data.Preprocessing;
import djinn.data.Sampler;
import djinn.inference.ModelCard;
import djinn.training.Goal;
import djinn.training.Outcome;
import djinn.training.Product;
import djinn.training.Task;
import djinn.training.Turn;
import djinn.zoo.ModelEntry;
import djinn.zoo.Models;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** One number for one image: the angle of a bar. */
final class RegressionTask implements Task<AngleBatch> {

    private static final int CHANNELS = 1;
    private static final long CACHE_BYTES = 64_000_000;

    private final RegressionRecipe recipe;
    private final ModelCard card;
    private final BarImages training;
    private final BarImages heldOut;
    private final Feed<AngleBatch> trainingFeed;
    private final Feed<AngleBatch> heldOutFeed;

    /**
     * Makes the task that a recipe describes.
     *
     * @throws IllegalArgumentException if the model is unknown or no classifier
     */
    RegressionTask(RegressionRecipe recipe) {
        ModelEntry model = Models.named(recipe.model().name());
        if (!model.task().equals("classification")) {
            throw new IllegalArgumentException("model.name: expected a model for classification, got " + model.name()
                    + ", which is for " + model.task() + "; 'djinn models --filter classification' lists them");
        }
        this.recipe = recipe;
        Normalisation usual = Normalisation.usual(CHANNELS);
        Preprocessing shape = new Preprocessing(
                BarImages.EDGE, BarImages.EDGE, CHANNELS, usual.mean(), usual.std(), Preprocessing.Fit.CROP, 1);
        card = new ModelCard(model.name(), List.of("degrees"), shape);
        training = BarImages.training(recipe.data());
        heldOut = BarImages.heldOut(recipe.data());
        trainingFeed = feed(training, Sampler.shuffled(training.size()), shape);
        heldOutFeed = feed(heldOut, Sampler.sequential(heldOut.size()), shape);
    }

    private Feed<AngleBatch> feed(BarImages bars, Sampler sampler, Preprocessing shape) {
        return new ExampleFeed<>(
                new ExampleLoader<>(bars, new ImagePreparation<>(shape, List.of()), OnError.FAIL, CACHE_BYTES),
                sampler,
                (examples, random) -> new AngleBatch(examples.toList(), shape),
                recipe.seed(),
                recipe.train().batchSize(),
                recipe.data().workers());
    }

    @Override
    public ArrayBlock newModel() {
        return card.newModel();
    }

    @Override
    public Feed<AngleBatch> training() {
        return trainingFeed;
    }

    @Override
    public Feed<AngleBatch> heldOut() {
        return heldOutFeed;
    }

    @Override
    public List<Turn<AngleBatch>> turns() {
        return List.of(Turn.sole(this::run));
    }

    @Override
    public Outcome evaluate(NamedBlock model, AngleBatch batch, NDManager owner, Pass pass) {
        return run(model, batch, owner, pass);
    }

    private Outcome run(NamedBlock model, AngleBatch batch, NDManager owner, Pass pass) {
        NDArray images = recipe.train().memoryFormat().format().of(batch.images(owner));
        NDArray answers = ((ArrayBlock) model).forward(images, pass).flatten(); // (N, 1) to (N)
        NDArray loss = recipe.loss().apply(answers, batch.answers(owner));
        if (loss.getShape().dimension() > 0) {
            throw new IllegalArgumentException("loss: expected one value for a batch, got " + loss.getShape()
                    + "; a loss that is trained on cannot have reduction: none");
        }
        return Outcome.of(loss, new NDList(BarImages.SCALE.degrees(answers.stopGradient())));
    }

    @Override
    public RegressionFigures newFigures() {
        return new RegressionFigures();
    }

    @Override
    public Goal goal() {
        return recipe.goal();
    }

    @Override
    public Product product(NamedBlock model) {
        return Product.whole(model, new RegressionCard(card, BarImages.SCALE).toMetadata());
    }

    @Override
    public String dataFingerprint() {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (BarImages bars : List.of(training, heldOut)) {
                for (int i = 0; i < bars.size(); i++) {
                    AngledImage bar = bars.example(i);
                    digest.update(bar.image().values());
                    digest.update(Double.toString(bar.degrees()).getBytes(StandardCharsets.US_ASCII));
                }
            }
            return "sha256:" + HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    @Override
    public String examples() {
        return "images";
    }

    @Override
    public List<String> summary() {
        return List.of(
                training.size() + " painted bars to learn from, " + heldOut.size() + " held out, 0 to 90 degrees",
                "images are " + BarImages.EDGE + "x" + BarImages.EDGE + " grey");
    }
}
