package djinn.training.recipe;

import djinn.config.RecipeException;
import djinn.config.RecordBinder;
import djinn.config.Yaml;
import djinn.data.Augmentation;
import djinn.data.BatchAugmentation;
import djinn.data.ClassWeights;
import djinn.data.Interpolation;
import djinn.data.OnError;
import djinn.data.Preprocessing;
import djinn.data.Sampling;
import djinn.losses.LossFunction;
import djinn.ops.Default;
import djinn.ops.MemoryFormat;
import djinn.ops.Precision;
import djinn.training.optimizer.OptimizerRule;
import djinn.training.schedule.Schedule;
import djinn.zoo.nn.Initialization;
import djinn.zoo.weights.Preference;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * Everything that decides a training run; its YAML form has the components as snake_case keys.
 *
 * @param task what is trained
 * @param seed decides weights, order, augmentation and dropout
 * @param model the network
 * @param data the images
 * @param loss what is minimised
 * @param optimizer how
 * @param schedule how the learning rate moves
 * @param train how long, and in what steps
 */
public record Recipe(
        @Default("classification") TaskName task,
        @Default("0") long seed,
        Model model,
        Data data,
        @Default("{name: cross_entropy}") LossFunction loss,
        OptimizerRule optimizer,
        @Default("{name: constant}") Schedule schedule,
        Train train) {

    /** The tasks there are. */
    public enum TaskName {
        /** One class per image. */
        CLASSIFICATION
    }

    /** Where images come from. */
    public enum Source {
        /** The digits that come with Djinn. */
        DIGITS,
        /** One folder per class. */
        IMAGE_FOLDER,
        /** A CSV file of names and labels. */
        CSV
    }

    /** What a schedule counts. */
    public enum Unit {
        /** Passes over the data. */
        EPOCH,
        /** Updates of the weights. */
        STEP
    }

    /**
     * The network.
     *
     * @param name as {@code djinn models} lists it
     * @param numClasses K; the data's classes if left out
     * @param weights what to start from: a safetensors file, a PyTorch state dict, or {@code djinn:NAME} for public ones
     *     as {@code djinn weights list} names them
     * @param init how weights start that are not loaded; the network's own way if left out
     * @param resetHead whether what does not fit in shape, the head of other classes, starts anew
     * @param prefer which of the file's weights are taken where it has averaged and plain ones
     */
    public record Model(
            String name,
            OptionalInt numClasses,
            Optional<String> weights,
            Optional<Initialization> init,
            @Default("false") boolean resetHead,
            @Default("ema") Preference prefer) {

        /** Checks that there are weights where a head is to be reset. */
        public Model {
            if (resetHead && weights.isEmpty()) {
                throw new IllegalArgumentException("expected weights, the file to start from, with reset_head");
            }
        }
    }

    /**
     * The images.
     *
     * @param source where they come from
     * @param root the folder of {@code image_folder} and {@code csv}
     * @param labels the file of {@code csv}
     * @param valFraction the share held out where the data says nothing of it
     * @param splitSeed decides which are
     * @param size height and width the model gets; its own if left out
     * @param channels 1 for grey, 3 for colour
     * @param fit how an image of another shape comes to the size
     * @param cropFraction with fit crop, the share of the resized image that is cut out: 0.875 for most ImageNet models
     * @param interpolation how it is resized, in training, validation and prediction
     * @param mean taken off each channel, of values from 0 to 1
     * @param std divides each channel
     * @param augment changes of training images, in order
     * @param mix changes of whole batches, one of them drawn for each, which make labels into distributions
     * @param sampling how often images of rare classes are drawn
     * @param workers threads that make batches
     * @param onError what becomes of an image that cannot be read
     * @param cacheMb how many megabytes of decoded images are kept
     */
    public record Data(
            Source source,
            Optional<String> root,
            Optional<String> labels,
            @Default("0.2") double valFraction,
            @Default("0") long splitSeed,
            OptionalInt size,
            @Default("3") int channels,
            @Default("crop") Preprocessing.Fit fit,
            @Default("1") double cropFraction,
            @Default("bilinear") Interpolation interpolation,
            @Default("[]") List<Double> mean,
            @Default("[]") List<Double> std,
            @Default("[]") List<Augmentation> augment,
            @Default("[]") List<BatchAugmentation> mix,
            @Default("none") Sampling sampling,
            @Default("2") int workers,
            @Default("fail") OnError onError,
            @Default("512") int cacheMb) {

        /** Checks what the source needs; a mean and deviation left out are ImageNet's, or 0.5 for grey. */
        public Data {
            augment = List.copyOf(augment);
            mix = List.copyOf(mix);
            if (channels != 1 && channels != 3) {
                throw new IllegalArgumentException("expected channels of 1 (grey) or 3 (colour), got " + channels);
            }
            Normalisation usual = Normalisation.usual(channels);
            mean = mean.isEmpty() ? usual.mean : List.copyOf(mean);
            std = std.isEmpty() ? usual.std : List.copyOf(std);
            if (source != Source.DIGITS && root.isEmpty()) {
                throw new IllegalArgumentException("expected root, the folder of the images, with this source");
            }
            if (source == Source.CSV && labels.isEmpty()) {
                throw new IllegalArgumentException("expected labels, a CSV file, with this source");
            }
            if (workers < 1 || cacheMb < 0) {
                throw new IllegalArgumentException("expected workers of at least 1 and cache_mb of at least 0, got "
                        + workers + " and " + cacheMb);
            }
            // checks mean, std and size together
            new Preprocessing(size.orElse(1), size.orElse(1), channels, mean, std, fit, cropFraction, interpolation);
        }
    }

    /**
     * What is taken off each channel and divides it.
     *
     * @param mean of values from 0 to 1
     * @param std of values from 0 to 1
     */
    public record Normalisation(List<Double> mean, List<Double> std) {

        /** ImageNet's for colour, a half for grey. */
        public static Normalisation usual(int channels) {
            return channels == 3
                    ? new Normalisation(List.of(0.485, 0.456, 0.406), List.of(0.229, 0.224, 0.225))
                    : new Normalisation(List.of(0.5), List.of(0.5));
        }
    }

    /** In what order the elements of images and weights lie in memory. */
    public enum Layout {
        /** Whichever is faster: channels last. */
        AUTO(MemoryFormat.CHANNELS_LAST),
        /** The channels of one position together. */
        CHANNELS_LAST(MemoryFormat.CHANNELS_LAST),
        /** The rows of one channel together. */
        DEFAULT(MemoryFormat.CONTIGUOUS);

        private final MemoryFormat format;

        Layout(MemoryFormat format) {
            this.format = format;
        }

        /** Returns the engine's format. */
        public MemoryFormat format() {
            return format;
        }
    }

    /** Which parameters have no weight decay, whatever the optimizer says. */
    public enum DecayExempt {
        /** None. */
        NONE,
        /** Those of at most one dimension. */
        NORMS_AND_BIASES
    }

    /**
     * How long, and in what steps.
     *
     * @param epochs passes over the data
     * @param batchSize images in a batch
     * @param accumulationSteps batches whose gradients are added before one step
     * @param scheduleUnit what the schedule counts; in epochs, the rise of a warm-up still moves with every step
     * @param memoryFormat the order of elements in memory, which changes speed and the last digits only
     * @param precision of 2-D convolutions and linear layers in training; validation is in float32
     * @param agc the largest norm of a unit's gradient in proportion to its weights' (adaptive gradient clipping), the
     *     head's left alone; clipping is done in the order of these three keys
     * @param clipValue the largest size of a gradient's element
     * @param clipNorm the largest global norm of gradients
     * @param l1Penalty the L1 penalty's factor, added to the gradients after clipping
     * @param emaDecay what the moving average of weights keeps in a step; validated and saved as best where given
     * @param swa the equal average of the weights of the last epochs; instead of ema_decay
     * @param classWeights how the loss makes up for rare classes; of losses with one weight per class, left out there
     * @param patience epochs without a better validation accuracy before the run stops
     * @param checkpointEvery epochs between checkpoints that are kept
     * @param freeze patterns of parameter names that are not trained, such as {@code features.*}
     * @param lrScale factors of the learning rate by patterns of names; the first that matches counts
     * @param layerDecay factor of the learning rate from each layer to the one before, the head's being 1; what a layer
     *     is, {@link djinn.training.optimizer.LayerDepth} says
     * @param decayScale factors of the weight decay by patterns of names; the first that matches counts
     * @param decayExempt which have no weight decay
     */
    public record Train(
            int epochs,
            @Default("64") int batchSize,
            @Default("1") int accumulationSteps,
            @Default("epoch") Unit scheduleUnit,
            @Default("auto") Layout memoryFormat,
            @Default("fp32") Precision precision,
            OptionalDouble agc,
            OptionalDouble clipValue,
            OptionalDouble clipNorm,
            OptionalDouble l1Penalty,
            OptionalDouble emaDecay,
            Optional<Swa> swa,
            Optional<ClassWeights> classWeights,
            OptionalInt patience,
            OptionalInt checkpointEvery,
            @Default("[]") List<String> freeze,
            @Default("{}") Map<String, Double> lrScale,
            @Default("1") double layerDecay,
            @Default("{}") Map<String, Double> decayScale,
            @Default("none") DecayExempt decayExempt) {

        /** Checks the ranges. */
        public Train {
            freeze = List.copyOf(freeze);
            lrScale = factors("lr_scale", lrScale);
            decayScale = factors("decay_scale", decayScale);
            if (!(layerDecay > 0 && layerDecay <= 1)) {
                throw new IllegalArgumentException("expected layer_decay above 0 and at most 1, got " + layerDecay);
            }
            if (epochs < 1 || batchSize < 1 || accumulationSteps < 1) {
                throw new IllegalArgumentException(
                        "expected epochs, batch_size and accumulation_steps of at least 1, got " + epochs + ", "
                                + batchSize + " and " + accumulationSteps);
            }
            positive("agc", agc);
            positive("clip_value", clipValue);
            positive("clip_norm", clipNorm);
            positive("l1_penalty", l1Penalty);
            if (emaDecay.isPresent() && !(emaDecay.getAsDouble() >= 0 && emaDecay.getAsDouble() < 1)) {
                throw new IllegalArgumentException(
                        "expected ema_decay from 0 to below 1, got " + emaDecay.getAsDouble());
            }
            if (emaDecay.isPresent() && swa.isPresent()) {
                throw new IllegalArgumentException("expected ema_decay or swa, got both");
            }
            if (swa.isPresent() && swa.get().firstEpoch(epochs) >= epochs) {
                throw new IllegalArgumentException("expected swa.start of at most the " + epochs + " epochs, got "
                        + swa.get().start());
            }
            if (patience.orElse(1) < 1 || checkpointEvery.orElse(1) < 1) {
                throw new IllegalArgumentException("expected patience and checkpoint_every of at least 1");
            }
        }

        private static Map<String, Double> factors(String key, Map<String, Double> factors) {
            if (factors.values().stream().anyMatch(factor -> !(factor >= 0))) {
                throw new IllegalArgumentException("expected factors of at least 0 in " + key + ", got " + factors);
            }
            return Collections.unmodifiableMap(new LinkedHashMap<>(factors));
        }

        private static void positive(String key, OptionalDouble value) {
            if (value.isPresent() && !(value.getAsDouble() > 0)) {
                throw new IllegalArgumentException("expected " + key + " above 0, got " + value.getAsDouble());
            }
        }

        private Train withEpochs(int other) {
            return new Train(
                    other,
                    batchSize,
                    accumulationSteps,
                    scheduleUnit,
                    memoryFormat,
                    precision,
                    agc,
                    clipValue,
                    clipNorm,
                    l1Penalty,
                    emaDecay,
                    swa,
                    classWeights,
                    patience,
                    checkpointEvery,
                    freeze,
                    lrScale,
                    layerDecay,
                    decayScale,
                    decayExempt);
        }
    }

    private static final RecordBinder BINDER = new RecordBinder(Vocabulary.VARIANTS, Vocabulary.LISTS);

    /**
     * Reads a recipe.
     *
     * @param file a YAML file
     * @param overrides {@code key.path=value}, applied in order
     * @return the recipe
     * @throws RecipeException if a key is unknown, missing or mistyped, with its place and the nearest valid key
     * @throws djinn.ops.DataException if there is no such file
     */
    public static Recipe read(Path file, List<String> overrides) {
        Yaml.Document document = Yaml.read(file);
        for (String override : overrides) {
            document = document.with(override);
        }
        return BINDER.bind(document, Recipe.class);
    }

    /** Returns the recipe with another number of epochs. */
    public Recipe withEpochs(int epochs) {
        return new Recipe(task, seed, model, data, loss, optimizer, schedule, train.withEpochs(epochs));
    }

    /** Returns the recipe as YAML with every default spelled out; {@link #read} gives an equal one. */
    public String toYaml() {
        return BINDER.write(this);
    }
}
