package djinn.tasks.imagetranslation;

import djinn.data.Augmentation;
import djinn.data.DataChecking;
import djinn.data.DataReport;
import djinn.data.DigitDomains;
import djinn.data.Digits;
import djinn.data.IdxFolder;
import djinn.data.ImageCheck;
import djinn.data.Interpolation;
import djinn.data.LooseImages;
import djinn.data.OnError;
import djinn.data.Preprocessing;
import djinn.data.Splits;
import djinn.ops.DataException;
import djinn.ops.Default;
import djinn.predict.imagetranslation.ImageTranslationCard;
import djinn.tasks.images.SourceKeys;
import djinn.training.Goal;
import djinn.training.optimizer.OptimizerRule;
import djinn.training.recipe.Recipe;
import djinn.training.recipe.Train;
import djinn.training.schedule.Schedule;
import djinn.zoo.generative.PatchDiscriminator;
import djinn.zoo.generative.ResnetGenerator;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What decides the training of two generators that translate between two domains of images, of which there are no pairs.
 *
 * @param task {@code image_translation}
 * @param seed decides weights, order, augmentation and what the pools hand out
 * @param model the generators and the discriminators
 * @param data the images of both domains
 * @param loss how much the terms beside the game count
 * @param poolSize how many earlier translations of each domain the discriminators are shown again; 0 for none
 * @param samples the sheet drawn after each epoch: in a row an image of a, what it becomes in b, and what comes back; then
 *     the same of b
 * @param optimizer how the generators learn
 * @param discriminatorOptimizer how the discriminators learn; as the generators if left out
 * @param schedule how all learning rates move
 * @param train how long, and in what steps
 */
public record ImageTranslationRecipe(
        @Default("image_translation") String task,
        @Default("0") long seed,
        @Default("{}") Model model,
        Data data,
        @Default("{}") Weights loss,
        @Default("50") int poolSize,
        @Default("{}") TranslationSheet samples,
        OptimizerRule optimizer,
        Optional<OptimizerRule> discriminatorOptimizer,
        @Default("{name: constant}") Schedule schedule,
        Train train)
        implements Recipe, DataChecking {

    /** Where images come from. */
    public enum Source {
        /** All image files in two folders and in those below them. */
        FOLDERS,
        /** The digits of a folder of IDX files, as MNIST's: half of them grey, the others coloured on textures. */
        COLOURED_DIGITS,
        /** The same of the digits that come with Djinn, 8x8. */
        DIGITS
    }

    /**
     * The networks.
     *
     * @param width the generators' channels next to the images
     * @param blocks the generators' residual blocks; nine for images of 256 pixels and more, else six, if left out
     * @param discriminatorWidth the discriminators' channels next to the images
     * @param discriminatorLayers their layers of stride 2: 3 judge patches of 70x70 pixels, 2 of 34x34, 1 of 16x16
     */
    public record Model(
            @Default("64") int width,
            OptionalInt blocks,
            @Default("64") int discriminatorWidth,
            @Default("3") int discriminatorLayers) {

        private static final int LARGE = 256;

        /** Returns the residual blocks for images of a size. */
        int blocksFor(int size) {
            return blocks.orElse(size < LARGE ? 6 : 9);
        }
    }

    /**
     * The images.
     *
     * @param source where they come from
     * @param root the folder of {@code coloured_digits}
     * @param rootA the folder of the first domain, with {@code folders}
     * @param rootB the folder of the second domain, with {@code folders}
     * @param valFraction the share held out where the data says nothing of it
     * @param splitSeed decides which are
     * @param size height and width, a multiple of 4 from 8 on
     * @param channels of both domains: 1 for grey, 3 for colour
     * @param interpolation how an image of another size is resized; its centre is cut out
     * @param augment changes of training images, in order
     * @param workers threads that make batches
     * @param onError what becomes of an image that cannot be read
     * @param cacheMb how many megabytes of decoded images are kept
     */
    public record Data(
            Source source,
            Optional<String> root,
            Optional<String> rootA,
            Optional<String> rootB,
            @Default("0.1") double valFraction,
            @Default("0") long splitSeed,
            @Default("256") int size,
            @Default("3") int channels,
            @Default("bilinear") Interpolation interpolation,
            @Default("[]") List<Augmentation> augment,
            @Default("1") int workers,
            @Default("fail") OnError onError,
            @Default("512") int cacheMb) {

        private static final double USUAL_VAL = .1;

        /** Checks what the source needs. */
        public Data {
            augment = List.copyOf(augment);
            DomainChecks.requireReading(channels, workers, cacheMb);
            boolean isFolders = source == Source.FOLDERS;
            if (isFolders) {
                DomainChecks.requireFolders(rootA, rootB);
            }
            if (source == Source.COLOURED_DIGITS && root.isEmpty()) {
                throw new IllegalArgumentException(
                        "expected root, the folder of the IDX files, with source coloured_digits");
            }
            new SourceKeys(source)
                    .idle("root", source != Source.COLOURED_DIGITS && root.isPresent())
                    .idle("root_a", !isFolders && rootA.isPresent())
                    .idle("root_b", !isFolders && rootB.isPresent())
                    .idle("val_fraction", source == Source.DIGITS && valFraction != USUAL_VAL)
                    .idle("split_seed", source == Source.DIGITS && splitSeed != 0)
                    .refuse();
            if (size < ResnetGenerator.Config.LEAST_SIZE || size % ResnetGenerator.Config.STEP != 0) {
                throw new IllegalArgumentException("expected a size that is a multiple of "
                        + ResnetGenerator.Config.STEP + " and at least " + ResnetGenerator.Config.LEAST_SIZE
                        + ", such as 128 or 256, got " + size);
            }
        }

        /** Values within -1 to 1, as the generators draw them. */
        Preprocessing preprocessing() {
            return Preprocessing.asDrawn(size, channels, interpolation);
        }

        /** Both domains, listed. */
        List<Splits> domains() {
            return switch (source) {
                case FOLDERS -> List.of(folder("root_a", rootA.orElseThrow()), folder("root_b", rootB.orElseThrow()));
                case COLOURED_DIGITS -> digits(IdxFolder.read(Path.of(root.orElseThrow()), valFraction, splitSeed));
                case DIGITS -> digits(Digits.splits());
            };
        }

        private static List<Splits> digits(Splits digits) {
            DigitDomains domains = DigitDomains.of(digits);
            return List.of(domains.grey(), domains.coloured());
        }

        private Splits folder(String key, String name) {
            Path folder = Path.of(name);
            if (!Files.isDirectory(folder)) {
                throw new DataException(folder + ": expected a folder of images, found "
                        + (Files.exists(folder) ? "a file" : "nothing") + "; set data." + key + " to the folder");
            }
            return LooseImages.read(folder, valFraction, splitSeed);
        }
    }

    /**
     * How much the terms beside the game count.
     *
     * @param cycle of the difference between an image and what comes back of it after both generators
     * @param identity of the difference between an image and what the generator to its own domain makes of it; 0 for none
     */
    public record Weights(
            @Default("10") double cycle, @Default("5") double identity) {

        /** Checks that they are not negative. */
        public Weights {
            if (!(cycle >= 0 && Double.isFinite(cycle) && identity >= 0 && Double.isFinite(identity))) {
                throw new IllegalArgumentException(
                        "expected cycle and identity of at least 0, got " + cycle + " and " + identity);
            }
        }
    }

    /** Checks that the networks fit the images. */
    public ImageTranslationRecipe {
        if (poolSize < 0) {
            throw new IllegalArgumentException("expected pool_size of at least 0, got " + poolSize);
        }
        new ResnetGenerator.Config(data.channels, data.channels, model.width, model.blocksFor(data.size));
        DomainChecks.requireFit(discriminator(model, data), data.size);
    }

    /** Returns what varies in the discriminators. */
    PatchDiscriminator.Config discriminator() {
        return discriminator(model, data);
    }

    private static PatchDiscriminator.Config discriminator(Model model, Data data) {
        return new PatchDiscriminator.Config(data.channels, model.discriminatorWidth, model.discriminatorLayers, false);
    }

    /** Returns what the file of the generators says. */
    ImageTranslationCard card() {
        return new ImageTranslationCard(data.preprocessing(), model.width, model.blocksFor(data.size));
    }

    @Override
    public ImageTranslationTask newTask() {
        return new ImageTranslationTask(this);
    }

    @Override
    public DataReport checkData() {
        List<Splits> domains = data.domains();
        return ImageCheck.ofDomains(domains.get(0), domains.get(1), data.channels);
    }

    @Override
    public Goal goal() {
        return Goal.newest();
    }

    @Override
    public String modelName() {
        return ImageTranslationCard.NAME;
    }
}
