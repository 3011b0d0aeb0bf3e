package djinn.tasks.segmentation;

import djinn.data.Augmentation;
import djinn.data.AugmentationSheet;
import djinn.data.BoundaryWeights;
import djinn.data.ContactSheet;
import djinn.data.DataReport;
import djinn.data.ImageFiles;
import djinn.data.Interpolation;
import djinn.data.LabelColours;
import djinn.data.LabelMap;
import djinn.data.MaskColours;
import djinn.data.MaskedImage;
import djinn.data.OnError;
import djinn.data.Pixels;
import djinn.data.Preprocessing;
import djinn.data.Scaling;
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
import djinn.zoo.weights.Preference;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * What decides a training run of a segmenter of images.
 *
 * @param task {@code segmentation}
 * @param seed decides weights, order, augmentation and dropout
 * @param model the network
 * @param data the images and masks
 * @param loss what is minimised, of logits (N, K, H, W) and classes (N, H, W), -100 where a class is unknown, which no loss
 *     counts
 * @param boundary adds the cross entropy of background between objects, the more the closer they are; nothing if left out
 * @param optimizer how
 * @param schedule how the learning rate moves
 * @param train how long, and in what steps
 */
public record SegmentationRecipe(
        @Default("segmentation") String task,
        @Default("0") long seed,
        Model model,
        Data data,

        @Default("[{loss: cross_entropy}, {loss: multiclass_dice}]")
        LossFunction loss,

        Optional<BoundaryWeights> boundary,
        OptimizerRule optimizer,
        @Default("{name: constant}") Schedule schedule,
        Train train)
        implements ImageRecipe {

    private static final double STRENGTH = 0.6;
    private static final int DRAWN = 256;

    /** Where images and masks come from. */
    public enum Source {
        /** The folders train, val and perhaps test, in each images and masks. */
        MASK_FOLDER,
        /** Lists of objects with masks as COCO has them, of which class maps are drawn, and a folder of images. */
        COCO,
        /** Painted discs and squares of 64x64. */
        SHAPES
    }

    /**
     * The network.
     *
     * @param name as {@code djinn models --filter segmentation} lists it
     * @param width the channels at full size, of {@code unet}; of the pyramid, of {@code fpn}; of the coarsest step, of
     *     {@code backbone_unet}; the model's own if left out
     * @param backbone the classifier it is built on, of {@code fcn32s}, {@code fcn16s}, {@code fcn8s}, {@code fpn} and
     *     {@code backbone_unet}; {@code mobilenet_v2} if left out
     * @param auxiliaryWeight the share of each auxiliary head's loss, 0 to train none; the model's own if left out
     * @param weights what to start from, the model's weights or those of the classifier that is its backbone: a
     *     safetensors file, a PyTorch state dict, or {@code djinn:NAME} for public ones
     * @param resetHead whether what does not fit in shape, the head of other classes, starts anew
     * @param prefer which of the file's weights are taken where it has averaged and plain ones
     * @param renewNorms whether the backbone's batch norms get the statistics of the training images first, the function
     *     staying the same; for weights whose batch norms were folded into the convolutions
     */
    public record Model(
            String name,
            OptionalInt width,
            Optional<String> backbone,
            OptionalDouble auxiliaryWeight,
            Optional<String> weights,
            @Default("false") boolean resetHead,
            @Default("ema") Preference prefer,
            @Default("false") boolean renewNorms)
            implements ImageModel {

        /** Checks that there are weights where something is to be done with them. */
        public Model {
            ImageModel.requireWeights(weights, resetHead, renewNorms);
            if (!(auxiliaryWeight.orElse(0) >= 0)) {
                throw new IllegalArgumentException(
                        "expected auxiliary_weight of at least 0, got " + auxiliaryWeight.getAsDouble());
            }
        }
    }

    /**
     * The images and masks.
     *
     * @param source where they come from
     * @param root the folder of {@code mask_folder}; of {@code coco} that of the images
     * @param trainFile the JSON file to learn from, of {@code coco}
     * @param valFile the JSON file to validate with, of {@code coco}
     * @param testFile the JSON file to test on, of {@code coco}
     * @param valFraction the share that is held out, of {@code coco} without a file to validate with
     * @param classes the names of the classes, by index, the background first; left out, those of the source, or
     *     background and foreground with masks {@code nonzero}
     * @param masks what the values of masks mean
     * @param colours with masks {@code colours}, the colour of each class, by index, as '#rrggbb'
     * @param ignoredColours with masks {@code colours}, those of pixels that count for nothing
     * @param size height and width the model gets; its own if left out
     * @param channels 1 for grey, 3 for colour
     * @param fit how an image and its mask of another shape come to the size
     * @param interpolation how an image is resized; masks always by nearest
     * @param mean taken off each channel, of values from 0 to 1
     * @param std divides each channel
     * @param scaling whether each image is also brought to its own mean 0 and deviation 1
     * @param augment changes of training images and their masks, in order
     * @param workers threads that make batches
     * @param onError what becomes of an image that cannot be read, or has no mask of its size
     * @param cacheMb how many megabytes of decoded images and masks are kept
     */
    public record Data(
            Source source,
            Optional<String> root,
            Optional<String> trainFile,
            Optional<String> valFile,
            Optional<String> testFile,
            @Default("0.2") double valFraction,
            @Default("[]") List<String> classes,
            @Default("classes") LabelMap.Coding masks,
            @Default("[]") List<String> colours,
            @Default("[]") List<String> ignoredColours,
            OptionalInt size,
            @Default("3") int channels,
            @Default("stretch") Preprocessing.Fit fit,
            @Default("bilinear") Interpolation interpolation,
            @Default("[]") List<Double> mean,
            @Default("[]") List<Double> std,
            @Default("fixed") Scaling scaling,
            @Default("[]") List<Augmentation> augment,
            @Default("2") int workers,
            @Default("fail") OnError onError,
            @Default("512") int cacheMb)
            implements ImageData {

        private static final double USUAL_VAL = .2;

        /** Checks what the source needs; a mean and deviation left out are ImageNet's, or 0.5 for grey. */
        public Data {
            augment = List.copyOf(augment);
            ImageData.require(channels, workers, cacheMb);
            mean = ImageData.meanOr(mean, channels);
            std = ImageData.stdOr(std, channels);
            classes = List.copyOf(classes);
            colours = List.copyOf(colours);
            ignoredColours = List.copyOf(ignoredColours);
            boolean isListed = source == Source.COCO;
            new SourceKeys(source)
                    .idle("root", source == Source.SHAPES && root.isPresent())
                    .idle("train_file", !isListed && trainFile.isPresent())
                    .idle("val_file", !isListed && valFile.isPresent())
                    .idle("test_file", !isListed && testFile.isPresent())
                    .idle("val_fraction", (!isListed || valFile.isPresent()) && valFraction != USUAL_VAL)
                    .idle("classes", source != Source.MASK_FOLDER && !classes.isEmpty())
                    .idle("masks", source != Source.MASK_FOLDER && masks != LabelMap.Coding.CLASSES)
                    .refuse();
            if (source == Source.COCO && (root.isEmpty() || trainFile.isEmpty())) {
                throw new IllegalArgumentException(
                        "expected root, the folder of the images, and train_file, the list, with source coco");
            }
            if (!(valFraction > 0 && valFraction < 1)) {
                throw new IllegalArgumentException("expected val_fraction above 0 and below 1, got " + valFraction);
            }
            boolean coloured = source == Source.MASK_FOLDER && masks == LabelMap.Coding.COLOURS;
            if (coloured ? colours.size() != classes.size() : !(colours.isEmpty() && ignoredColours.isEmpty())) {
                throw new IllegalArgumentException(
                        "expected colours, one for each class, with masks colours alone, got " + colours.size()
                                + " for " + classes.size() + " classes");
            }
            // checks them
            new MaskColours(colours, ignoredColours);
            if (source == Source.MASK_FOLDER) {
                if (root.isEmpty()) {
                    throw new IllegalArgumentException(
                            "expected root, the folder of the images and masks, with this source");
                }
                if (classes.isEmpty() && masks == LabelMap.Coding.NONZERO) {
                    classes = List.of("background", "foreground");
                }
                if (classes.size() < 2 || (masks == LabelMap.Coding.NONZERO && classes.size() != 2)) {
                    throw new IllegalArgumentException("expected classes, the names of "
                            + (masks == LabelMap.Coding.NONZERO ? "two" : "all") + " classes with the background first,"
                            + " got " + classes);
                }
            }
            // checks mean, std, size and fit together
            new Preprocessing(size.orElse(1), size.orElse(1), channels, mean, std, fit, 1, interpolation).ofOneSize();
        }
    }

    @Override
    public DataReport checkData() {
        return SegmentationSources.check(data, seed);
    }

    @Override
    public AugmentationSheet augmentationSheet(Optional<Path> photo, int rows, long draws) {
        if (data.augment().isEmpty()) {
            throw new IllegalArgumentException(
                    "expected data.augment, a list of augmentations to show, but the recipe has none");
        }
        Preprocessing shape = data.preprocessing(Models.named(model.name()).size());
        Optional<djinn.data.Source<MaskedImage>> images = photo.isPresent()
                ? Optional.empty()
                : Optional.of(newTask().splits().train().examples(data.channels()));
        MaskedImage image = images.map(all -> all.example(0))
                .orElseGet(() -> unlabelled(ImageFiles.read(photo.orElseThrow(), data.channels())));
        return new AugmentationSheet(
                images.map(all -> all.name(0))
                        .orElseGet(() -> photo.orElseThrow().toString()),
                data.augment().size(),
                ContactSheet.of(
                        ContactSheet.columns(
                                image,
                                shape,
                                data.augment(),
                                rows,
                                draws,
                                one -> LabelColours.overlay(one.image(), one.labels(), STRENGTH)),
                        shape,
                        rows,
                        DRAWN));
    }

    private static MaskedImage unlabelled(Pixels image) {
        return new MaskedImage(
                image, new LabelMap(image.height(), image.width(), new byte[image.height() * image.width()]));
    }

    @Override
    public SegmentationTask newTask() {
        return SegmentationTask.of(this);
    }

    @Override
    public Goal goal() {
        return SegmentationTask.GOAL;
    }

    @Override
    public void requireNames() {
        Models.named(model.name());
    }
}
