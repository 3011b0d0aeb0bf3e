package djinn.tasks.autoencoder;

import djinn.ops.Default;
import djinn.predict.autoencoder.AutoencoderCard;
import djinn.tasks.generative.DrawnData;
import djinn.tasks.generative.ImageMakingRecipe;
import djinn.tasks.generative.Quality;
import djinn.tasks.generative.Samples;
import djinn.training.Goal;
import djinn.training.optimizer.OptimizerRule;
import djinn.training.recipe.Train;
import djinn.training.schedule.Schedule;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What decides the training of an autoencoder of images.
 *
 * @param task {@code autoencoder}
 * @param seed decides weights, order, the vectors that are drawn and, where they are, black and white pixels
 * @param model the network
 * @param data the images
 * @param likelihood how likely an image is, given what was drawn of its vector
 * @param beta the weight of the divergence from the standard normal distribution, of a {@code vae} (Higgins et al. 2017);
 *     1, with which the loss is a bound of the likelihood, if left out
 * @param samples the pictures drawn after each epoch
 * @param quality who judges images that a {@code vae} makes, beside held-out ones; nobody if left out
 * @param optimizer how the network learns
 * @param schedule how the learning rate moves
 * @param train how long, and in what steps
 */
public record AutoencoderRecipe(
        @Default("autoencoder") String task,
        @Default("0") long seed,
        @Default("{}") AutoencoderModel model,
        DrawnData data,
        @Default("{}") ImageLikelihood likelihood,
        OptionalDouble beta,
        @Default("{}") Samples samples,
        Optional<Quality> quality,
        OptimizerRule optimizer,
        @Default("{name: constant}") Schedule schedule,
        Train train)
        implements ImageMakingRecipe {

    /** Checks that the network fits the images, and that there are a beta and a quality only where they are used. */
    public AutoencoderRecipe {
        model.extents(data, likelihood.name());
        if (beta.isPresent()
                && (model.name() != AutoencoderCard.Kind.VAE
                        || !(beta.getAsDouble() >= 0 && beta.getAsDouble() < Double.POSITIVE_INFINITY))) {
            throw new IllegalArgumentException(
                    "expected a beta of at least 0, and only with the model vae, got " + beta.getAsDouble());
        }
        if (quality.isPresent() && model.name() != AutoencoderCard.Kind.VAE) {
            throw new IllegalArgumentException("expected quality only with the model vae: a plain autoencoder makes no"
                    + " new images; leave it out");
        }
    }

    @Override
    public AutoencoderTask newTask() {
        return new AutoencoderTask(this);
    }

    @Override
    public Goal goal() {
        return Goal.falling(AutoencoderFigures.LOSS);
    }

    @Override
    public String modelName() {
        return model.name().text();
    }
}
