package djinn.tasks.pairedtranslation;

import djinn.data.Augmentation;
import djinn.data.DataChecking;
import djinn.data.DataReport;
import djinn.data.Digits;
import djinn.data.IdxFolder;
import djinn.data.ImageCheck;
import djinn.data.ImagePairs;
import djinn.data.Interpolation;
import djinn.data.Preprocessing;
import djinn.ops.Default;
import djinn.predict.imagetranslation.PairedTranslationCard;
import djinn.tasks.images.SourceKeys;
import djinn.tasks.imagetranslation.DomainChecks;
import djinn.tasks.imagetranslation.TranslationSheet;
import djinn.training.Goal;
import djinn.training.optimizer.OptimizerRule;
import djinn.training.recipe.Recipe;
import djinn.training.recipe.Train;
import djinn.training.schedule.Schedule;
import djinn.zoo.generative.PatchDiscriminator;
import djinn.zoo.generative.Pix2PixUNet;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What decides the training of a generator that makes of an image the one that belongs to it.
 *
 * @param task {@code paired_image_translation}
 * @param seed decides weights, order, augmentation and dropout
 * @param model the generator and the discriminator
 * @param data the pairs
 * @param loss how much the difference counts beside the game
 * @param samples the sheet drawn after each epoch: in a row a held-out image of a, what is made of it, and the image of b
 * @param optimizer how the generator learns
 * @param discriminatorOptimizer how the discriminator learns; as the generator if left out
 * @param schedule how both learning rates move
 * @param train how long, and in what steps
 */
public record PairedTranslationRecipe(
        @Default("paired_image_translation") String task,
        @Default("0") long seed,
        @Default("{}") Model model,
        Data data,
        @Default("{}") Weights loss,
        @Default("{}") TranslationSheet samples,
        OptimizerRule optimizer,
        Optional<OptimizerRule> discriminatorOptimizer,
        @Default("{name: constant}") Schedule schedule,
        Train train)
        implements Recipe, DataChecking {

    /** Where pairs come from. */
    public enum Source {
        /** Image files of the same names in two folders and in those below them. */
        FOLDERS,
        /** Image files that show a pair each, a at the left and b at the right, as pix2pix's own data sets. */
        SIDE_BY_SIDE,
        /** The digits of a folder of IDX files, as MNIST's: a is coloured on a texture, b the same in grey. */
        COLOURED_DIGITS,
        /** The same of the digits that come with Djinn, 8x8. */
        DIGITS
    }

    /**
     * The networks.
     *
     * @param width the generator's channels next to the images; eight times as many from the fourth level on
     * @param levels how often the generator halves an image, 5 to 10; as often as its size allows, but not more than 8
     *     times, if left out
     * @param dropout the rate of the generator's innermost levels, of which there are some from 6 levels on, in training
     * @param discriminatorWidth the discriminator's channels next to the images
     * @param discriminatorLayers its layers of stride 2: 3 judge patches of 70x70 pixels, 2 of 34x34, 1 of 16x16
     */
    public record Model(
            @Default("64") int width,
            OptionalInt levels,
            @Default("0.5") double dropout,
            @Default("64") int discriminatorWidth,
            @Default("3") int discriminatorLayers) {

        private static final int USUAL_MOST = 8;

        /** Checks the rate. */
        public Model {
            if (!(dropout >= 0 && dropout < 1)) {
                throw new IllegalArgumentException("expected a dropout from 0 to below 1, got " + dropout);
            }
        }

        /** Returns the levels for images of a size. */
        int levelsFor(int size) {
            return levels.orElse(Math.min(USUAL_MOST, Integer.numberOfTrailingZeros(size)));
        }
    }

    /**
     * The pairs.
     *
     * @param source where they come from
     * @param root the folder of {@code side_by_side} and {@code coloured_digits}
     * @param rootA the folder of the first domain, with {@code folders}
     * @param rootB the folder of the second domain, with {@code folders}
     * @param swap whether a and b are exchanged: images are translated from a to b
     * @param valFraction the share held out where the data says nothing of it
     * @param splitSeed decides which are
     * @param size height and width, a multiple of 32
     * @param channels of both domains: 1 for grey, 3 for colour
     * @param interpolation how an image of another size is resized; its centre is cut out
     * @param augment changes of training images, in order, the same for both of a pair
     * @param workers threads that make batches
     * @param cacheMb how many megabytes of decoded images are kept
     */
    public record Data(
            Source source,
            Optional<String> root,
            Optional<String> rootA,
            Optional<String> rootB,
            @Default("false") boolean swap,
            @Default("0.1") double valFraction,
            @Default("0") long splitSeed,
            @Default("256") int size,
            @Default("3") int channels,
            @Default("bilinear") Interpolation interpolation,
            @Default("[]") List<Augmentation> augment,
            @Default("1") int workers,
            @Default("512") int cacheMb) {

        private static final double USUAL_VAL = .1;
        private static final int STEP = 32;

        /** Checks what the source needs. */
        public Data {
            augment = List.copyOf(augment);
            DomainChecks.requireReading(channels, workers, cacheMb);
            boolean isFolders = source == Source.FOLDERS;
            boolean isDigits = source == Source.DIGITS;
            if (isFolders) {
                DomainChecks.requireFolders(rootA, rootB);
            }
            if (!isFolders && !isDigits && root.isEmpty()) {
                throw new IllegalArgumentException("expected root, the folder of the images, with this source");
            }
            new SourceKeys(source)
                    .idle("root", (isFolders || isDigits) && root.isPresent())
                    .idle("root_a", !isFolders && rootA.isPresent())
                    .idle("root_b", !isFolders && rootB.isPresent())
                    .idle("val_fraction", isDigits && valFraction != USUAL_VAL)
                    .idle("split_seed", isDigits && splitSeed != 0)
                    .refuse();
            if (size < STEP || size % STEP != 0) {
                throw new IllegalArgumentException(
                        "expected a size that is a multiple of " + STEP + ", such as 64 or 256, got " + size);
            }
        }

        /** Values within -1 to 1, as the generator draws them. */
        Preprocessing preprocessing() {
            return Preprocessing.asDrawn(size, channels, interpolation);
        }

        /** The pairs, listed. */
        ImagePairs pairs() {
            ImagePairs read = switch (source) {
                case FOLDERS ->
                    ImagePairs.ofFolders(
                            Path.of(rootA.orElseThrow()), Path.of(rootB.orElseThrow()), valFraction, splitSeed);
                case SIDE_BY_SIDE -> ImagePairs.sideBySide(Path.of(root.orElseThrow()), valFraction, splitSeed);
                case COLOURED_DIGITS ->
                    ImagePairs.ofDigits(IdxFolder.read(Path.of(root.orElseThrow()), valFraction, splitSeed));
                case DIGITS -> ImagePairs.ofDigits(Digits.splits());
            };
            return swap ? read.swapped() : read;
        }
    }

    /**
     * What counts beside the game.
     *
     * @param l1 the weight of the mean absolute difference between what is made and the image that belongs there
     */
    public record Weights(@Default("100") double l1) {

        /** Checks that it is not negative. */
        public Weights {
            if (!(l1 >= 0 && Double.isFinite(l1))) {
                throw new IllegalArgumentException("expected an l1 of at least 0, got " + l1);
            }
        }
    }

    /** Checks that the networks fit the images. */
    public PairedTranslationRecipe {
        int levels = model.levelsFor(data.size);
        new Pix2PixUNet.Config(data.channels, data.channels, model.width, levels, true, model.dropout);
        if (data.size % (1 << levels) != 0) {
            throw new IllegalArgumentException("expected data.size that is a multiple of " + (1 << levels)
                    + " with model.levels of " + levels + ", got " + data.size + "; take fewer levels");
        }
        DomainChecks.requireFit(discriminator(model, data), data.size);
    }

    /** Returns what varies in the discriminator, which sees both images of a pair. */
    PatchDiscriminator.Config discriminator() {
        return discriminator(model, data);
    }

    private static PatchDiscriminator.Config discriminator(Model model, Data data) {
        return new PatchDiscriminator.Config(
                2 * data.channels, model.discriminatorWidth, model.discriminatorLayers, true);
    }

    /** Returns what the file of the generator says. */
    PairedTranslationCard card() {
        return new PairedTranslationCard(data.preprocessing(), model.width, model.levelsFor(data.size));
    }

    @Override
    public PairedTranslationTask newTask() {
        return new PairedTranslationTask(this);
    }

    /** Looks at both images of each pair: they must be equally large, too. */
    @Override
    public DataReport checkData() {
        ImagePairs pairs = data.pairs();
        return ImageCheck.ofDomains(pairs.a(), pairs.b(), data.channels);
    }

    @Override
    public Goal goal() {
        return Goal.newest();
    }

    @Override
    public String modelName() {
        return PairedTranslationCard.NAME;
    }
}
