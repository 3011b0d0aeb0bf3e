package djinn.predict.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import djinn.data.Normalisation;
import djinn.data.Preprocessing;
import djinn.inference.LoadedModel;
import djinn.inference.ModelCard;
import djinn.ops.DataException;
import djinn.ops.Foreach;
import djinn.ops.PyTorch;
import djinn.zoo.detection.Detector;
import djinn.zoo.detection.DetectorEntry;
import djinn.zoo.detection.Detectors;
import djinn.zoo.detection.FastestDet;
import djinn.zoo.detection.Ssd;
import djinn.zoo.detection.Yolo;
import djinn.zoo.detection.YoloV1;
import djinn.zoo.weights.NameFit;
import djinn.zoo.weights.Preference;
import djinn.zoo.weights.StateDict;
import djinn.zoo.weights.StateLayout;
import djinn.zoo.weights.WeightFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Weights of detectors as their authors publish them, which say nothing of themselves: how many classes they are for their
 * shapes tell, what the classes are called and what is done to images is known here.
 *
 * <p>Classes are COCO's, where nobody names them. Images are fitted as the authors have it, but for RetinaNet and FCOS, whose
 * images come in many sizes: they become letterboxes of the architecture's size.
 */
public final class PublishedDetectors {

    private static final int COCO_CLASSES = 80;
    /** COCO's ids with the gaps in them; with 91, label 0 is the background. */
    private static final int COCO_IDS = 90;

    private PublishedDetectors() {}

    /**
     * What is known of weights beside their file.
     *
     * @param model the architecture's name
     * @param classes the names of the classes, by index; empty for COCO's
     * @param images changes what is done to every image
     * @param preference which weights are taken where there are averaged and plain ones
     */
    public record Asked(
            String model, List<String> classes, UnaryOperator<Preprocessing> images, Preference preference) {

        /** Copies the names. */
        public Asked {
            classes = List.copyOf(classes);
        }

        /** COCO's classes, and images as the authors have them. */
        public static Asked usual(String model) {
            return new Asked(model, List.of(), UnaryOperator.identity(), Preference.EMA);
        }
    }

    /**
     * Loads weights for images as Djinn makes them, red first.
     *
     * @param weights a safetensors file or a PyTorch state dict
     * @param asked what is known beside
     * @return the model, to be closed
     * @throws DataException if the file is missing or damaged, does not fit the architecture, or is for classes that nobody
     *     names
     * @throws IllegalArgumentException if there is no such architecture
     */
    public static LoadedModel<DetectionCard> open(Path weights, Asked asked) {
        LoadedModel<DetectionCard> model = openRaw(weights, asked);
        if (model.block() instanceof FastestDet) {
            reverse(model.state().get(FastestDet.FIRST));
        }
        return model;
    }

    /**
     * Loads weights as they are, for arrays that are prepared already.
     *
     * @param weights a safetensors file or a PyTorch state dict
     * @param asked what is known beside
     * @return the model, to be closed
     * @throws DataException as the other method; classes need no names
     * @throws IllegalArgumentException if there is no such architecture
     */
    public static LoadedModel<DetectionCard> openRaw(Path weights, Asked asked) {
        DetectorEntry entry = Detectors.named(asked.model());
        LoadedModel.requireExists(weights);
        NDManager manager = PyTorch.newManager();
        try (NDManager reading = PyTorch.newManager()) {
            WeightFile file = WeightFile.read(weights, reading, asked.preference());
            Optional<NameFit> fit =
                    NameFit.of(file.arrays(), entry.build(), entry.keyMaps(), asked.preference(), weights.toString());
            Map<String, NDArray> arrays = fit.map(NameFit::arrays).orElse(file.arrays());
            List<String> notes = new ArrayList<>(file.notes());
            fit.ifPresent(named -> notes.addAll(named.notes()));
            DetectionCard card = card(entry, asked, classes(entry, arrays), weights);
            Detector block = card.newModel();
            block.initialize(manager);
            StateDict.load(block, arrays, weights.toString());
            return LoadedModel.of(card, manager, block, weights.toString(), notes);
        } catch (RuntimeException e) {
            manager.close();
            throw e;
        }
    }

    /** What belongs to a detector's weights if they are those of COCO. */
    static DetectionCard usualCard(String model) {
        DetectorEntry entry = Detectors.named(model);
        return card(entry, Asked.usual(model), entry.classes(), Path.of(model));
    }

    private static DetectionCard card(DetectorEntry entry, Asked asked, int classes, Path weights) {
        List<String> names =
                asked.classes().isEmpty() ? names(entry.build(classes), classes, weights) : asked.classes();
        if (names.size() != classes) {
            throw new DataException(weights + ": expected the names of " + classes + " classes, got " + names.size());
        }
        Preprocessing images = asked.images().apply(images(entry));
        return new DetectionCard(new ModelCard(entry.name(), names, images), Optional.empty());
    }

    private static List<String> names(Detector detector, int classes, Path weights) {
        return switch (classes) {
            case COCO_CLASSES ->
                detector instanceof FastestDet ? CocoCategories.darknetNames() : CocoCategories.names();
            case COCO_IDS -> CocoCategories.byId(1, classes);
            case COCO_IDS + 1 -> CocoCategories.byId(0, classes);
            default ->
                throw new DataException(weights + ": is for " + classes + " classes and does not name them; expected"
                        + " their names beside, in a file with one a line");
        };
    }

    /** Finds K: arrays of which an extent grows with the classes tell it. */
    private static int classes(DetectorEntry entry, Map<String, NDArray> arrays) {
        int usual = entry.classes();
        Map<String, Shape> own = StateLayout.of(entry.build(usual)).shapes();
        Map<String, Shape> more = StateLayout.of(entry.build(usual + 1)).shapes();
        for (Map.Entry<String, Shape> each : own.entrySet()) {
            NDArray given = arrays.get(each.getKey());
            Shape shape = each.getValue();
            Shape larger = more.get(each.getKey());
            if (given == null || shape.equals(larger) || given.getShape().dimension() != shape.dimension()) {
                continue;
            }
            for (int axis = 0; axis < shape.dimension(); axis++) {
                long step = larger.get(axis) - shape.get(axis);
                long apart = given.getShape().get(axis) - shape.get(axis);
                if (step != 0 && apart % step == 0 && usual + apart / step >= 1) {
                    return Math.toIntExact(usual + apart / step);
                }
            }
        }
        return usual;
    }

    /** What the authors do to an image. */
    private static Preprocessing images(DetectorEntry entry) {
        Detector detector = entry.build();
        if (detector instanceof FastestDet || detector instanceof YoloV1) {
            return images(entry, List.of(0.0, 0.0, 0.0), List.of(1.0, 1.0, 1.0), Preprocessing.Fit.STRETCH);
        } else if (detector instanceof Yolo) {
            return images(entry, List.of(0.0, 0.0, 0.0), List.of(1.0, 1.0, 1.0), Preprocessing.Fit.LETTERBOX);
        } else if (detector instanceof Ssd && entry.name().startsWith("ssd300")) {
            double byte255 = 1 / 255.0;
            return images(
                    entry,
                    List.of(.48235, .45882, .40784),
                    List.of(byte255, byte255, byte255),
                    Preprocessing.Fit.STRETCH);
        } else if (detector instanceof Ssd) {
            return images(entry, List.of(.5, .5, .5), List.of(.5, .5, .5), Preprocessing.Fit.STRETCH);
        }
        Normalisation usual = Normalisation.usual(3);
        return images(entry, usual.mean(), usual.std(), Preprocessing.Fit.LETTERBOX);
    }

    private static Preprocessing images(
            DetectorEntry entry, List<Double> mean, List<Double> std, Preprocessing.Fit fit) {
        return new Preprocessing(entry.size(), entry.size(), 3, mean, std, fit, 1);
    }

    /** Reverses what weights (out, 3, h, w) do with the colours: blue first becomes red first. */
    private static void reverse(NDArray weights) {
        try (NDManager owner = weights.getManager().newSubManager()) {
            NDList colours = new NDList();
            for (int channel = 2; channel >= 0; channel--) {
                NDArray colour = weights.get(new NDIndex(":, " + channel + ":" + (channel + 1)));
                colour.attach(owner);
                colours.add(colour);
            }
            NDArray reversed = NDArrays.concat(colours, 1);
            reversed.attach(owner);
            Foreach.copy(new NDList(weights), new NDList(reversed));
        }
    }
}
