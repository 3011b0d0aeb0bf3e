package djinn.tasks.detection;

import djinn.data.Augmentation;
import djinn.data.AugmentationSheet;
import djinn.data.DataReport;
import djinn.data.Interpolation;
import djinn.data.OnError;
import djinn.data.Preprocessing;
import djinn.data.SceneMixing;
import djinn.data.detection.DataCheck;
import djinn.ops.Default;
import djinn.ops.Suppression;
import djinn.tasks.images.ImageData;
import djinn.tasks.images.ImageModel;
import djinn.tasks.images.ImageRecipe;
import djinn.tasks.images.SourceKeys;
import djinn.training.Goal;
import djinn.training.optimizer.OptimizerRule;
import djinn.training.recipe.Train;
import djinn.training.schedule.Schedule;
import djinn.zoo.detection.Detectors;
import djinn.zoo.weights.Preference;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What decides a training run of a detector of objects. The loss is the detector's own.
 *
 * @param task {@code detection}
 * @param seed decides weights, order and augmentation
 * @param model the network
 * @param data the images and objects
 * @param select which boxes are told
 * @param optimizer how
 * @param schedule how the learning rate moves
 * @param train how long, and in what steps
 */
public record DetectionRecipe(
        @Default("detection") String task,
        @Default("0") long seed,
        Model model,
        Data data,
        @Default("{}") Select select,
        OptimizerRule optimizer,
        @Default("{name: constant}") Schedule schedule,
        Train train)
        implements ImageRecipe {

    /** Where images and objects come from. */
    public enum Source {
        /** COCO's JSON, a file for each part. */
        COCO,
        /** CSV files with a line for each box, a file for each part. */
        CSV,
        /** Pascal VOC's folders Annotations, ImageSets and JPEGImages. */
        VOC,
        /** YOLO's text files, with a data.yaml. */
        YOLO,
        /** Painted discs and squares of 64x64. */
        SHAPES
    }

    /** How anchors get their objects in training. */
    public enum Matching {
        /** By thresholds of the IoU, the same for all objects. */
        IOU,
        /** By a threshold that each object finds in the IoUs of the anchors around it (Zhang et al. 2020). */
        ATSS
    }

    /**
     * Which boxes are told, in validation and, unless it is asked for others, by the trained detector.
     *
     * @param suppression what becomes of boxes that overlap a better one of their class; the detector's own if left out
     */
    public record Select(Optional<Suppression> suppression) {}

    /**
     * The network.
     *
     * @param name the detector, as {@code djinn models --filter detection} lists them
     * @param backbone what it sees with, of a detector that leaves that open
     * @param weights what to start from, a detector's weights or those of the classifier that is its backbone: a
     *     safetensors file, a PyTorch state dict, or {@code djinn:NAME} for public ones
     * @param resetHead whether what does not fit in shape, the head of other classes, starts anew
     * @param prefer which of the file's weights are taken where it has averaged and plain ones
     * @param renewNorms whether the backbone's batch norms get the statistics of the training images first, the function
     *     staying the same; for weights whose batch norms were folded into the convolutions
     * @param anchors [width, height] in pixels of the size, the finest map's first, of a YOLO; as {@code djinn anchors}
     *     gives them, its own if left out
     * @param matcher how anchors get their objects, of a RetinaNet
     * @param samples how many regions of an image a second stage learns from, of a detector of two stages; 512 if left out
     */
    public record Model(
            String name,
            Optional<String> backbone,
            Optional<String> weights,
            @Default("false") boolean resetHead,
            @Default("ema") Preference prefer,
            @Default("false") boolean renewNorms,
            @Default("[]") List<List<Double>> anchors,
            @Default("iou") Matching matcher,
            OptionalInt samples)
            implements ImageModel {

        /** Copies the anchors, and checks that there are weights where something is to be done with them. */
        public Model {
            anchors = anchors.stream().map(List::copyOf).toList();
            ImageModel.requireWeights(weights, resetHead, renewNorms);
        }
    }

    /**
     * The images and objects.
     *
     * @param source where they come from
     * @param root of {@code coco} and {@code csv} the folder of the images, of {@code voc} that of Annotations, of
     *     {@code yolo} the data.yaml
     * @param trainFile the file to learn from, of {@code coco} and {@code csv}
     * @param valFile the file to validate with, of {@code coco} and {@code csv}
     * @param testFile the file to test on, of {@code coco} and {@code csv}
     * @param valFraction the share that is held out, where the data has no part to validate with
     * @param classes the names of the classes, of {@code voc} and {@code csv}; by name in the order of the alphabet if left out
     * @param smallest training goes without objects of which a side is of fewer pixels
     * @param size height and width the model gets; its own if left out
     * @param fit how an image of another shape comes to the size
     * @param interpolation how an image is resized
     * @param mean taken off each channel, of values from 0 to 1; the model's own if left out
     * @param std divides each channel; the model's own if left out
     * @param augment changes of training images and their objects, in order
     * @param mix changes of whole training batches that put several images together, in order
     * @param sizes heights and widths of which one is drawn for each training batch; {@code size} alone if left out
     * @param leastVisible training goes without objects of which augmentation leaves a lesser share
     * @param workers threads that make batches
     * @param onError what becomes of an image that cannot be read
     * @param cacheMb how many megabytes of decoded images are kept
     */
    public record Data(
            Source source,
            Optional<String> root,
            Optional<String> trainFile,
            Optional<String> valFile,
            Optional<String> testFile,
            @Default("0.1") double valFraction,
            @Default("[]") List<String> classes,
            @Default("1") double smallest,
            OptionalInt size,
            @Default("letterbox") Preprocessing.Fit fit,
            @Default("bilinear") Interpolation interpolation,
            @Default("[]") List<Double> mean,
            @Default("[]") List<Double> std,
            @Default("[]") List<Augmentation> augment,
            @Default("[]") List<SceneMixing> mix,
            @Default("[]") List<Integer> sizes,
            @Default("0.2") double leastVisible,
            @Default("2") int workers,
            @Default("fail") OnError onError,
            @Default("512") int cacheMb)
            implements ImageData {

        private static final int COLOURS = 3;
        private static final double USUAL_VAL = .1;
        private static final double USUAL_VISIBLE = .2;

        /** Checks what the source needs. */
        public Data {
            augment = List.copyOf(augment);
            mix = List.copyOf(mix);
            sizes = List.copyOf(sizes);
            classes = List.copyOf(classes);
            mean = ImageData.meanOr(mean, COLOURS);
            std = ImageData.stdOr(std, COLOURS);
            if (source != Source.SHAPES && root.isEmpty()) {
                throw new IllegalArgumentException("expected root, where the images are, with this source");
            }
            if ((source == Source.COCO || source == Source.CSV) && trainFile.isEmpty()) {
                throw new IllegalArgumentException(
                        "expected train_file, the list of the images to train on, with source coco or csv");
            }
            boolean isPainted = source == Source.SHAPES;
            boolean hasLists = source == Source.COCO || source == Source.CSV;
            new SourceKeys(source)
                    .idle("root", isPainted && root.isPresent())
                    .idle("train_file", !hasLists && trainFile.isPresent())
                    .idle("val_file", !hasLists && valFile.isPresent())
                    .idle("test_file", !hasLists && testFile.isPresent())
                    .idle("val_fraction", (isPainted || valFile.isPresent()) && valFraction != USUAL_VAL)
                    .idle("classes", source != Source.VOC && source != Source.CSV && !classes.isEmpty())
                    .idle("smallest", isPainted && smallest != 1)
                    .idle("least_visible", isPainted && leastVisible != USUAL_VISIBLE)
                    .refuse();
            if (fit == Preprocessing.Fit.SHORTER_SIDE || fit == Preprocessing.Fit.CROP) {
                throw new IllegalArgumentException("expected fit letterbox or stretch, got "
                        + fit.name().toLowerCase(java.util.Locale.ROOT) + "; a detector gets whole images of one size");
            }
            ImageData.require(COLOURS, workers, cacheMb);
            if (!(smallest >= 0)) {
                throw new IllegalArgumentException("expected smallest of at least 0, got " + smallest);
            }
            // checks mean, std, size and fit together
            new Preprocessing(size.orElse(1), size.orElse(1), COLOURS, mean, std, fit, 1, interpolation).ofOneSize();
        }

        @Override
        public int channels() {
            return COLOURS;
        }
    }

    @Override
    public DataReport checkData() {
        return DataCheck.of(DetectionSources.of(data, OnError.SKIP).all(data.valFraction(), seed));
    }

    @Override
    public AugmentationSheet augmentationSheet(Optional<Path> photo, int rows, long draws) {
        if (data.augment().isEmpty() && data.mix().isEmpty()) {
            throw new IllegalArgumentException(
                    "expected data.augment or data.mix, lists of augmentations to show, but the recipe has none");
        }
        return photo.isPresent()
                ? AugmentedScenes.ofPhoto(this, photo.get(), rows, draws)
                : newTask().sheet(rows, draws);
    }

    @Override
    public DetectionTask newTask() {
        return DetectionTask.of(this);
    }

    @Override
    public Goal goal() {
        return DetectionTask.GOAL;
    }

    @Override
    public void requireNames() {
        Detectors.named(model.name());
    }
}
