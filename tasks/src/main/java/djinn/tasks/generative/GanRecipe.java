package djinn.tasks.generative;

import djinn.data.Interpolation;
import djinn.data.OnError;
import djinn.data.Preprocessing;
import djinn.ops.Default;
import djinn.tasks.images.SourceKeys;
import djinn.training.Goal;
import djinn.training.optimizer.OptimizerRule;
import djinn.training.recipe.Recipe;
import djinn.training.recipe.Train;
import djinn.training.schedule.Schedule;
import djinn.zoo.SmallGan;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * What decides the training of a generator of images against a critic.
 *
 * @param task {@code gan}
 * @param seed decides weights, order and random vectors
 * @param model the two networks
 * @param data the images
 * @param loss what they lower against each other
 * @param criticSteps how many steps the critic takes to one of the generator's
 * @param samples the pictures drawn after each epoch
 * @param best the figure of held-out images that tells the best weights; the newest are kept if it is left out
 * @param optimizer how the generator learns
 * @param criticOptimizer how the critic learns; as the generator if left out
 * @param schedule how both learning rates move
 * @param train how long, and in what steps: one of the critic's for each batch
 */
public record GanRecipe(
        @Default("gan") String task,
        @Default("0") long seed,
        @Default("{}") Model model,
        Data data,
        @Default("{}") GanObjective loss,
        @Default("5") int criticSteps,
        @Default("{}") Samples samples,
        Optional<Best> best,
        OptimizerRule optimizer,
        Optional<OptimizerRule> criticOptimizer,
        @Default("{name: constant}") Schedule schedule,
        Train train)
        implements Recipe {

    /** Where images come from. */
    public enum Source {
        /** The digits that come with Djinn, 8x8. */
        DIGITS,
        /** IDX files in a folder, as MNIST's. */
        IDX,
        /** All image files in a folder and in those below it. */
        IMAGES
    }

    /**
     * The networks.
     *
     * @param latent the length of the generator's random vectors
     * @param width the channels of the layers next to the image
     */
    public record Model(
            @Default("64") int latent, @Default("64") int width) {}

    /**
     * The images.
     *
     * @param source where they come from
     * @param root the folder of {@code idx} and {@code images}
     * @param valFraction the share held out where the data says nothing of it
     * @param splitSeed decides which are
     * @param size height and width, a multiple of 4
     * @param channels 1 for grey, 3 for colour
     * @param interpolation how an image of another size is resized
     * @param workers threads that make batches
     * @param onError what becomes of an image that cannot be read
     * @param cacheMb how many megabytes of decoded images are kept
     */
    public record Data(
            Source source,
            Optional<String> root,
            @Default("0.1") double valFraction,
            @Default("0") long splitSeed,
            @Default("28") int size,
            @Default("1") int channels,
            @Default("bilinear") Interpolation interpolation,
            @Default("1") int workers,
            @Default("fail") OnError onError,
            @Default("512") int cacheMb) {

        private static final double USUAL_VAL = .1;

        /** Checks what the source needs. */
        public Data {
            if (channels != 1 && channels != 3) {
                throw new IllegalArgumentException("expected channels of 1 (grey) or 3 (colour), got " + channels);
            }
            if (source != Source.DIGITS && root.isEmpty()) {
                throw new IllegalArgumentException("expected root, the folder of the images, with this source");
            }
            boolean isEmbedded = source == Source.DIGITS;
            new SourceKeys(source)
                    .idle("root", isEmbedded && root.isPresent())
                    .idle("val_fraction", isEmbedded && valFraction != USUAL_VAL)
                    .idle("split_seed", isEmbedded && splitSeed != 0)
                    .refuse();
            if (workers < 1 || cacheMb < 0) {
                throw new IllegalArgumentException("expected workers of at least 1 and cache_mb of at least 0, got "
                        + workers + " and " + cacheMb);
            }
        }

        /** Values within -1 to 1, as the generator draws them. */
        Preprocessing preprocessing() {
            List<Double> half = Collections.nCopies(channels, .5);
            return new Preprocessing(size, size, channels, half, half, Preprocessing.Fit.CROP, 1, interpolation);
        }
    }

    /**
     * The pictures drawn after each epoch, all from the same random vectors.
     *
     * @param rows of a sheet
     * @param columns of a sheet
     * @param seed decides the vectors
     */
    public record Samples(
            @Default("8") int rows,
            @Default("8") int columns,
            @Default("0") long seed) {

        /** Checks that there are some. */
        public Samples {
            if (rows < 1 || columns < 1) {
                throw new IllegalArgumentException(
                        "expected rows and columns of at least 1, got " + rows + " and " + columns);
            }
        }
    }

    /**
     * Which weights are the best.
     *
     * @param figure the figure's name
     * @param rises whether more is better
     */
    public record Best(String figure, @Default("false") boolean rises) {}

    /** Checks that the networks fit the images. */
    public GanRecipe {
        if (criticSteps < 1) {
            throw new IllegalArgumentException("expected critic_steps of at least 1, got " + criticSteps);
        }
        new SmallGan.Config(data.channels, data.size, model.latent, model.width);
    }

    /** Returns what varies in the networks. */
    public SmallGan.Config config() {
        return new SmallGan.Config(data.channels, data.size, model.latent, model.width);
    }

    @Override
    public GanTask newTask() {
        return new GanTask(this);
    }

    @Override
    public Goal goal() {
        return best.map(own -> own.rises ? Goal.rising(own.figure) : Goal.falling(own.figure))
                .orElse(Goal.newest());
    }

    @Override
    public String modelName() {
        return "small_gan";
    }
}
