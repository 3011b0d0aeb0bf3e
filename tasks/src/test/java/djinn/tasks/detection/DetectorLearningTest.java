package djinn.tasks.detection;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import djinn.data.OnError;
import djinn.data.Preprocessing;
import djinn.data.SceneBatch;
import djinn.data.detection.AnnotatedImage;
import djinn.data.detection.CocoJson;
import djinn.data.detection.ObjectData;
import djinn.data.detection.SceneLoader;
import djinn.losses.detection.BoxTargets;
import djinn.ops.Autograd;
import djinn.ops.Gradients;
import djinn.ops.PyTorch;
import djinn.ops.Randomness;
import djinn.ops.RunLengthMask;
import djinn.training.Outcome;
import djinn.training.optimizer.AdamW;
import djinn.training.optimizer.Optimizer;
import djinn.zoo.detection.Anchored;
import djinn.zoo.detection.Detector;
import djinn.zoo.detection.DetectorEntry;
import djinn.zoo.detection.DetectorOptions;
import djinn.zoo.detection.Detectors;
import djinn.zoo.detection.ProposingDetector;
import djinn.zoo.detection.Regions;
import djinn.zoo.detection.YoloV1;
import djinn.zoo.nn.Pass;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every detector that has a loss learns by it. */
class DetectorLearningTest {

    /** One of each family, and each head and trunk that is its own. */
    private static final List<String> FAMILIES = List.of(
            "yolov1",
            "yolov2",
            "yolov3_tiny",
            "yolov4",
            "yolov5n",
            "retinanet",
            "fcos",
            "ssd",
            "mobilenet_ssd",
            "ssdlite",
            "fastestdet",
            "faster_rcnn",
            "mask_rcnn",
            "fast_rcnn",
            "fast_rcnn_spp",
            "rcnn",
            "cascade_rcnn",
            "softer_rcnn",
            "relation_rcnn",
            "relation_rcnn_learned_nms");

    private static final int SIDE = 128;

    /**
     * YOLO takes images of one size: here it is of the test's, with narrower fully connected layers. R-CNN looks at crops of
     * the size of its classifier, of which there are many: here at small ones.
     */
    private static Detector model(String name, int side, int classes) {
        return switch (name) {
            case "yolov1" -> new YoloV1(new YoloV1.Config(classes, side, 256));
            case "rcnn" -> Detectors.named(name).build(new DetectorOptions(classes, Optional.of("cifar_resnet20")));
            default -> Detectors.named(name).build(classes);
        };
    }

    private static List<String> families() {
        return FAMILIES;
    }

    private static Stream<String> trainable() {
        return Detectors.all().stream()
                .filter(entry -> DetectionLosses.train(entry.build(2)))
                .map(DetectorEntry::name);
    }

    @Test
    void noFamilyIsLeftOut() {
        List<Class<?>> here =
                FAMILIES.stream().<Class<?>>map(DetectorLearningTest::family).toList();
        assertThat(trainable()).allSatisfy(name -> assertThat(here).contains(family(name)));
    }

    private static Class<?> family(String name) {
        Class<?> type = Detectors.named(name).build(2).getClass();
        Class<?> parent = type.getSuperclass();
        return parent == Detector.class || parent == ProposingDetector.class ? type : parent;
    }

    /** The trained arrays, by name. */
    private static Map<String, NDArray> parameters(Detector model) {
        Map<String, NDArray> parameters = new LinkedHashMap<>();
        model.getParameters().forEach(entry -> {
            Parameter parameter = entry.getValue();
            if (parameter.requiresGradient()) {
                parameter.getArray().setRequiresGradient(true);
                parameters.put(entry.getKey(), parameter.getArray());
            }
        });
        return parameters;
    }

    private static NDArray loss(Detector model, NDArray images, List<BoxTargets> targets) {
        int height = Math.toIntExact(images.getShape().get(2));
        int width = Math.toIntExact(images.getShape().get(3));
        Pass pass = new Pass(new ParameterStore(images.getManager(), false), true);
        NDList heads =
                model.forward(images, DetectionLosses.regions(model, targets, DetectionLosses.Choices.USUAL), pass);
        Map<String, NDArray> terms = DetectionLosses.of(
                model, new DetectionLosses.Step(heads, targets, height, width, DetectionLosses.Choices.USUAL));
        assertThat(terms).allSatisfy((term, value) -> {
            assertThat(value.getFloat()).as(term).isFinite();
            // the logarithm of a small variance is what a network gains that is sure
            if (!term.equals("box_kl")) {
                assertThat(value.getFloat()).as(term).isNotNegative();
            }
        });
        return terms.values().stream().reduce(NDArray::add).orElseThrow();
    }

    private static BoxTargets targets(NDManager manager, float[] boxes, long... labels) {
        NDArray places = labels.length == 0
                ? manager.zeros(new Shape(0, 4))
                : manager.create(boxes, new Shape(labels.length, 4));
        NDArray classes = labels.length == 0 ? manager.zeros(new Shape(0), DataType.INT64) : manager.create(labels);
        return new BoxTargets(
                places,
                classes,
                IntStream.range(0, labels.length)
                        .mapToObj(i -> filled(boxes, 4 * i))
                        .toList());
    }

    /** The mask of all pixels whose centres a box holds; a quarter of the image is cut off, so that there are others. */
    private static RunLengthMask filled(float[] boxes, int at) {
        boolean[] pixels = new boolean[SIDE * SIDE];
        for (int i = 0; i < pixels.length; i++) {
            double x = i % SIDE + .5;
            double y = Math.floorDiv(i, SIDE) + .5;
            pixels[i] = x > boxes[at] && y > boxes[at + 1] && x < boxes[at + 2] && y < boxes[at + 3] && x + y > 40;
        }
        return RunLengthMask.of(SIDE, SIDE, pixels);
    }

    /**
     * Two images, one of them without objects: every parameter moves. Both without: what tells boxes has nothing to learn
     * from, and SSD, whose backgrounds are counted by its objects, nothing at all; but there is a gradient, of zeros.
     */
    @ParameterizedTest
    @MethodSource("families")
    void aStepGivesEveryParameterAFiniteGradient(String name) {
        Randomness.seed(3);
        try (NDManager manager = PyTorch.newManager();
                Autograd.Scope on = Autograd.withGradients()) {
            Detector model = model(name, SIDE, 2);
            model.initialize(manager);
            Map<String, NDArray> parameters = parameters(model);
            NDArray images = manager.randomUniform(-1, 1, new Shape(2, 3, SIDE, SIDE));
            BoxTargets none = targets(manager, new float[0]);
            List<String> still = gradients(model, parameters, images, List.of(objects(manager, model), none));
            assertThat(still).as("parameters that do not move").isEmpty();
            gradients(model, parameters, images, List.of(none, none));
        }
    }

    /** An object for each level of anchors, where there are any: each level's head has something to learn. */
    private static BoxTargets objects(NDManager manager, Detector model) {
        if (!(model instanceof Anchored anchored)) {
            return targets(manager, new float[] {70, 80, 73, 84, 10, 20, 50, 52, 2, 4, 120, 126}, 0, 1, 1);
        }
        List<Integer> levels = anchored.levels(SIDE, SIDE);
        float[] anchors = anchored.anchors(manager, SIDE, SIDE).toFloatArray();
        float[] boxes = new float[4 * levels.size()];
        long[] labels = new long[levels.size()];
        int from = 0;
        for (int level = 0; level < labels.length; level++) {
            int middle = from + levels.get(level) / 2;
            System.arraycopy(anchors, 4 * middle, boxes, 4 * level, 4);
            labels[level] = level % 2;
            from += levels.get(level);
        }
        return targets(manager, boxes, labels);
    }

    /** The names of the parameters whose gradient is all zeros; others than finite ones are refused. */
    private static List<String> gradients(
            Detector model, Map<String, NDArray> parameters, NDArray images, List<BoxTargets> targets) {
        List<String> still = new ArrayList<>();
        try (Gradients gradients =
                Gradients.of(loss(model, images, targets), new NDList(parameters.values()), images.getManager())) {
            int at = 0;
            for (Map.Entry<String, NDArray> parameter : parameters.entrySet()) {
                NDArray gradient = gradients.arrays().get(at++);
                assertThat(gradient.getShape())
                        .as(parameter.getKey())
                        .isEqualTo(parameter.getValue().getShape());
                float most = gradient.abs().max().getFloat();
                assertThat(most).as(parameter.getKey()).isFinite();
                if (most == 0) {
                    still.add(parameter.getKey());
                }
            }
        }
        return still;
    }

    /** Eight photos of blood cells are learned by heart. */
    @ParameterizedTest
    @MethodSource("trainable")
    @Tag("slow")
    void everyDetectorOverfitsEightPhotos(String name) {
        assertThat(overfitted(name, "bccd8", "ap50", .95)).as(name).isGreaterThanOrEqualTo(.95);
    }

    /** The masks of four images of nuclei are. */
    @Test
    @Tag("slow")
    void masksOfFourImagesAreOverfitted() {
        assertThat(overfitted("mask_rcnn", "nuclei4", "mask_ap50", .9)).isGreaterThanOrEqualTo(.9);
    }

    /** What a figure comes to, when it is reached or after 600 steps. */
    private static double overfitted(String name, String folder, String figure, double wanted) {
        int side = side(name);
        int most = 600;
        Path root = resource(folder);
        ObjectData data = CocoJson.read(root.resolve("coco.json"), root, OnError.FAIL);
        int classes = data.classes().size();
        int[] images = IntStream.range(0, data.images().size()).toArray();
        Preprocessing shape = new Preprocessing(
                side, side, 3, List.of(.5, .5, .5), List.of(.25, .25, .25), Preprocessing.Fit.LETTERBOX, 1);
        boolean withMasks = figure.startsWith("mask_");
        SceneLoader loader = new SceneLoader(
                data.scenes(new AnnotatedImage.Wanted(3, withMasks, true, 0, 0)),
                shape,
                1,
                List.of(),
                OnError.FAIL,
                100_000_000);
        Randomness.seed(5);
        try (NDManager manager = PyTorch.newManager()) {
            Detector model = model(name, side, classes);
            model.initialize(manager);
            AdamW rule = new AdamW(1e-3, List.of(.9, .999), 1e-8, 0, false);
            double found = 0;
            try (Optimizer optimizer = new Optimizer(rule, parameters(model), manager)) {
                for (int step = 1; step <= most && found < wanted; step++) {
                    double lr = 1e-3 * Math.min(1, step / 20.);
                    try (NDManager owner = PyTorch.newManager();
                            Autograd.Scope on = Autograd.withGradients();
                            SceneBatch batch = loader.batch(images, 0, 0)) {
                        List<BoxTargets> targets = IntStream.range(0, batch.size())
                                .mapToObj(n ->
                                        new BoxTargets(batch.boxes(n, owner), batch.labels(n, owner), batch.masks(n)))
                                .toList();
                        try (Gradients gradients = optimizer.gradients(loss(model, batch.images(owner), targets))) {
                            optimizer.step(gradients.clipNorm(10), lr);
                        }
                    }
                    if (step % 25 == 0) {
                        found = figure(figure, model, loader, images, side);
                    }
                }
            }
            return found;
        }
    }

    /** Those whose one map is coarse see larger images: in grids of 6 by 6 no two objects share a cell. */
    private static int side(String name) {
        return switch (name) {
            case "ssd300_vgg16" -> 300;
            case "yolov1" -> 384;
            case "yolov2" -> 192;
            default -> 224;
        };
    }

    private static Path resource(String name) {
        try {
            return Path.of(Objects.requireNonNull(DetectorLearningTest.class.getResource(name), name)
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static double figure(String figure, Detector model, SceneLoader loader, int[] images, int side) {
        DetectionFigures figures =
                new DetectionFigures(model.classes(), model.selection(side, side), figure.startsWith("mask_"));
        try (NDManager owner = PyTorch.newManager();
                Autograd.Scope off = Autograd.withoutGradients();
                SceneBatch batch = loader.batch(images, 0, 0)) {
            Pass pass = new Pass(new ParameterStore(owner, false), false);
            NDList heads = model.forward(batch.images(owner), Regions.WITHOUT_MASKS, pass);
            figures.add(batch, Outcome.of(owner.create(0f), model.answer(heads, side, side, pass)));
            return figures.values().get(figure);
        } finally {
            figures.close();
        }
    }
}
