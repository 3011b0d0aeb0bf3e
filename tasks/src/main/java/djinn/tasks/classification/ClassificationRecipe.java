package djinn.tasks.classification;

import djinn.data.Augmentation;
import djinn.data.AugmentationSheet;
import djinn.data.BatchAugmentation;
import djinn.data.ContactSheet;
import djinn.data.DataReport;
import djinn.data.Dataset;
import djinn.data.ImageCheck;
import djinn.data.ImageFiles;
import djinn.data.Interpolation;
import djinn.data.OnError;
import djinn.data.Pixels;
import djinn.data.Preprocessing;
import djinn.data.Sampling;
import djinn.losses.LossFunction;
import djinn.ops.Default;
import djinn.tasks.images.ImageData;
import djinn.tasks.images.ImageModel;
import djinn.tasks.images.ImageRecipe;
import djinn.tasks.images.SourceKeys;
import djinn.training.Goal;
import djinn.training.optimizer.OptimizerRule;
import djinn.training.recipe.Train;
import djinn.training.schedule.Schedule;
import djinn.zoo.Models;
import djinn.zoo.nn.Initialization;
import djinn.zoo.weights.Preference;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What decides a training run of a classifier of images.
 *
 * @param task what is trained: {@code classification}
 * @param seed decides weights, order, augmentation and dropout
 * @param model the network
 * @param data the images
 * @param loss what is minimised
 * @param optimizer how gradients become steps
 * @param schedule how the learning rate moves
 * @param train how long, and in what steps
 */
public record ClassificationRecipe(
        @Default("classification") String task,
        @Default("0") long seed,
        Model model,
        Data data,
        @Default("{name: cross_entropy}") LossFunction loss,
        OptimizerRule optimizer,
        @Default("{name: constant}") Schedule schedule,
        Train train)
        implements ImageRecipe {

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
            @Default("ema") Preference prefer)
            implements ImageModel {

        /** Checks that there are weights where a head is to be reset. */
        public Model {
            ImageModel.requireWeights(weights, resetHead, false);
        }
    }

    /**
     * The images.
     *
     * @param source where they come from: {@code digits}, {@code image_folder}, {@code csv}, {@code jsonl}, {@code idx},
     *     {@code cifar}, {@code oxford_pets}, {@code oxford_flowers}, {@code webdataset}, {@code parquet}, or one that joined
     * @param root the folder of all but {@code digits}; of {@code webdataset} and {@code parquet} also one file, or a path with
     *     ranges and lists in braces, as train-{000..007}.tar
     * @param labels the file of {@code csv} and {@code jsonl}
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
            String source,
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
            @Default("512") int cacheMb)
            implements ImageData {

        private static final double USUAL_VAL = .2;

        /** Checks what the source needs; a mean and deviation left out are ImageNet's, or 0.5 for grey. */
        public Data {
            augment = List.copyOf(augment);
            mix = List.copyOf(mix);
            ImageData.require(channels, workers, cacheMb);
            mean = ImageData.meanOr(mean, channels);
            std = ImageData.stdOr(std, channels);
            ImageSource from = ImageSources.named(source);
            from.require(root, labels);
            new SourceKeys(source)
                    .idle("root", root.isPresent() && !from.keys().contains("root"))
                    .idle("labels", labels.isPresent() && !from.keys().contains("labels"))
                    .idle(
                            "val_fraction",
                            valFraction != USUAL_VAL && !from.keys().contains("val_fraction"))
                    .idle("split_seed", splitSeed != 0 && !from.keys().contains("split_seed"))
                    .refuse();
            // checks mean, std, size and fit together
            new Preprocessing(size.orElse(1), size.orElse(1), channels, mean, std, fit, cropFraction, interpolation)
                    .ofOneSize();
        }
    }

    @Override
    public DataReport checkData() {
        return ImageCheck.ofLabelled(newTask().splits(), data.channels());
    }

    @Override
    public AugmentationSheet augmentationSheet(Optional<Path> photo, int rows, long draws) {
        if (data.augment().isEmpty()) {
            throw new IllegalArgumentException(
                    "expected data.augment, a list of augmentations to show, but the recipe has none");
        }
        Preprocessing preprocessing =
                data.preprocessing(Models.named(model.name()).size());
        int channels = preprocessing.channels();
        Optional<Dataset> images = photo.isPresent()
                ? Optional.empty()
                : Optional.of(newTask().splits().train());
        Pixels image = images.map(all -> all.image(0, channels))
                .orElseGet(() -> ImageFiles.read(photo.orElseThrow(), channels));
        return new AugmentationSheet(
                images.map(all -> all.name(0))
                        .orElseGet(() -> photo.orElseThrow().toString()),
                data.augment().size(),
                ContactSheet.of(image, preprocessing, data.augment(), rows, draws));
    }

    @Override
    public ClassificationTask newTask() {
        return ClassificationTask.of(this);
    }

    @Override
    public Goal goal() {
        return Goal.rising("accuracy");
    }

    @Override
    public void requireNames() {
        Models.named(model.name());
    }
}
