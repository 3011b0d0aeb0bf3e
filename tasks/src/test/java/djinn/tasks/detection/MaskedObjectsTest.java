package djinn.tasks.detection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.inference.Predictor;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import ai.djl.modality.cv.output.DetectedObjects;
import ai.djl.modality.cv.output.Mask;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.training.ParameterStore;
import djinn.data.Batches;
import djinn.data.ImageObject;
import djinn.data.Pixels;
import djinn.data.Preprocessing;
import djinn.data.SceneBatch;
import djinn.inference.ModelCard;
import djinn.ops.AtomicFile;
import djinn.ops.Autograd;
import djinn.ops.Box;
import djinn.ops.DataException;
import djinn.ops.MaskClasses;
import djinn.ops.PyTorch;
import djinn.ops.Randomness;
import djinn.ops.RunLengthMask;
import djinn.predict.detection.DetectedObject;
import djinn.predict.detection.DetectionCard;
import djinn.predict.detection.DetectionCriteria;
import djinn.predict.detection.DetectionFile;
import djinn.predict.detection.DetectionFormat;
import djinn.predict.detection.Detections;
import djinn.predict.detection.DetectorHeads;
import djinn.predict.detection.ObjectChoice;
import djinn.predict.detection.ObjectDetector;
import djinn.tasks.Recipes;
import djinn.training.Outcome;
import djinn.zoo.detection.Detector;
import djinn.zoo.detection.DetectorOptions;
import djinn.zoo.detection.Detectors;
import djinn.zoo.nn.Pass;
import djinn.zoo.weights.Safetensors;
import djinn.zoo.weights.StateDict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** The task with a detector that tells the pixels of objects, from its recipe to what people get. */
class MaskedObjectsTest {

    private static final Preprocessing LETTERBOX =
            new Preprocessing(64, 64, 3, List.of(.4, .4, .4), List.of(.25, .25, .25), Preprocessing.Fit.LETTERBOX, 1);
    private static final DetectionCard CARD = new DetectionCard(
            new ModelCard("mask_rcnn", List.of("disc", "square"), LETTERBOX),
            Optional.of("resnet18"),
            List.of(),
            Optional.empty(),
            MaskClasses.SOFTMAX,
            Optional.empty());
    private static final Pixels IMAGE = noise(32, 64);

    @TempDir
    private Path folder;

    private static Pixels noise(int height, int width) {
        SplittableRandom random = new SplittableRandom(3);
        byte[] values = new byte[height * width * 3];
        random.nextBytes(values);
        return new Pixels(height, width, 3, values);
    }

    private DetectionRecipe recipe(String... overrides) throws IOException {
        Path file = Files.writeString(folder.resolve("recipe.yaml"), """
            task: detection
            seed: 5
            model: {name: mask_rcnn, backbone: resnet18, samples: 64}
            data: {source: shapes, size: 64, augment: [{name: random_quarter_turn}], mix: [{name: copy_paste}]}
            optimizer: {name: sgd, lr: 1e-3}
            train: {epochs: 1, batch_size: 2}
            """);
        return Recipes.read(file, List.of(overrides), DetectionRecipe.class);
    }

    @Test
    void aRunThatStopsGoesOnToTheSameBytes() throws IOException {
        DetectionRecipe recipe = recipe();
        CutRuns.assertGoesOnToTheSameBytes(recipe, folder);
    }

    @Test
    void validationMeasuresTheMasksThatAreTold() throws IOException {
        DetectionTask task = recipe().newTask();
        try (NDManager manager = PyTorch.newManager();
                Autograd.Scope off = Autograd.withoutGradients();
                Batches<SceneBatch> batches = task.heldOut().batches(0, 0);
                SceneBatch batch = batches.next();
                DetectionFigures figures = task.newFigures()) {
            Randomness.seed(2);
            Detector model = task.newModel();
            model.initialize(manager);
            Outcome outcome = task.evaluate(model, batch, manager, new Pass(new ParameterStore(manager, false), false));
            assertThat(outcome.terms().keySet())
                    .containsExactly("objectness", "proposal_regression", "classification", "bbox_regression", "mask");
            outcome.terms()
                    .forEach((term, value) ->
                            assertThat(value.getFloat()).as(term).isFinite().isNotNegative());
            assertThat(outcome.answers()).hasSize(5);
            figures.add(batch, outcome);
            assertThat(figures.figures())
                    .containsExactly("loss", "ap", "ap50", "ap75", "mask_ap", "mask_ap50", "mask_ap75");
            assertThat(figures.values().get("mask_ap")).isBetween(0., 1.);
            assertThat(task.perClass(figures).orElseThrow().figures())
                    .endsWith("f1", "mask_ap", "mask_ap50", "mask_ap75");
        }
    }

    /** Objects as they are, found by a model that sees images of twice the size; without their pixels no mask is found. */
    @Test
    void masksAreComparedInPixelsOfTheImagesAsTheyWereRead() throws IOException {
        DetectionTask task = recipe("data.size=128").newTask();
        try (NDManager manager = PyTorch.newManager();
                Batches<SceneBatch> batches = task.heldOut().batches(0, 0);
                SceneBatch batch = batches.next();
                DetectionFigures perfect = task.newFigures();
                DetectionFigures without = task.newFigures()) {
            int most = batch.objects().stream()
                    .mapToInt(all -> all.objects().size())
                    .max()
                    .orElseThrow();
            float[] boxes = new float[2 * most * 4];
            float[] masks = new float[2 * most * 28 * 28];
            long[] labels = new long[2 * most];
            long[] counts = new long[2];
            for (int n = 0; n < 2; n++) {
                List<ImageObject> objects = batch.objects().get(n).objects();
                counts[n] = objects.size();
                for (int i = 0; i < objects.size(); i++) {
                    int at = n * most + i;
                    Box box = objects.get(i).box();
                    labels[at] = objects.get(i).label();
                    float[] corners = {
                        (float) box.x(),
                        (float) box.y(),
                        (float) (box.x() + box.width()),
                        (float) (box.y() + box.height())
                    };
                    System.arraycopy(corners, 0, boxes, 4 * at, 4);
                    System.arraycopy(shares(objects.get(i)), 0, masks, 784 * at, 784);
                }
            }
            NDArray scores = manager.ones(new Shape(2, most));
            NDList answers = new NDList(
                    manager.create(boxes, new Shape(2, most, 4)),
                    scores,
                    manager.create(labels, new Shape(2, most)),
                    manager.create(counts),
                    manager.create(masks, new Shape(2, most, 28, 28)));
            perfect.add(batch, Outcome.of(manager.create(1f), answers));
            assertThat(perfect.values().get("ap50")).isEqualTo(1);
            assertThat(perfect.values().get("mask_ap50")).isEqualTo(1);
            assertThat(perfect.values().get("mask_ap")).isGreaterThan(.7);
            answers.set(4, manager.zeros(new Shape(2, most, 28, 28)));
            without.add(batch, Outcome.of(manager.create(1f), answers));
            assertThat(without.values().get("ap")).isEqualTo(perfect.values().get("ap"));
            assertThat(without.values().get("mask_ap50")).isZero();
        }
    }

    /** The mask's pixel at the middle of each cell over the box. */
    private static float[] shares(ImageObject object) {
        RunLengthMask mask = object.mask().orElseThrow();
        boolean[] pixels = mask.pixels();
        float[] shares = new float[784];
        for (int y = 0; y < 28; y++) {
            for (int x = 0; x < 28; x++) {
                int column =
                        (int) (object.box().x() + (x + .5) / 28 * object.box().width());
                int row = (int) (object.box().y() + (y + .5) / 28 * object.box().height());
                shares[28 * y + x] = pixels[row * mask.width() + column] ? 1 : 0;
            }
        }
        return shares;
    }

    private Path weights() {
        Path file = folder.resolve("best.safetensors");
        try (NDManager manager = PyTorch.newManager()) {
            Randomness.seed(6);
            Detector model = CARD.newModel();
            model.initialize(manager);
            Map<String, NDArray> state = StateDict.of(model);
            // squares fill their boxes: e^4 of 1 + e^2 + e^4; discs have no pixels
            state.get("roi_heads.mask_predictor.mask_fcn_logits.bias").set(new float[] {0, 2, 4});
            Safetensors.write(file, state, CARD.toMetadata());
        }
        return file;
    }

    @Test
    void detectorsTellMasksAsTheyAreAskedTo() throws Exception {
        Path weights = weights();
        assertThat(DetectionCard.fromMetadata(CARD.toMetadata(), weights)).isEqualTo(CARD);
        assertThat(CARD.output()).contains("masks, (N, M, S, S)");
        ObjectChoice some = ObjectChoice.USUAL.withLeastScore(.1).withOverlap(.3);
        Detections found = told(weights, some);
        assertThat(found.objects()).hasSizeGreaterThan(3).allSatisfy(object -> {
            RunLengthMask mask = object.mask().orElseThrow();
            assertThat(List.of(mask.height(), mask.width())).containsExactly(32, 64);
        });
        assertThat(found.objects())
                .anyMatch(object -> object.mask().orElseThrow().area() > 20);
        assertThat(found.objects())
                .allMatch(object ->
                        object.index() == 1 || object.mask().orElseThrow().area() == 0);
        assertThat(told(weights, some.withMost(2)).objects())
                .isEqualTo(found.objects().subList(0, 2));
        assertThat(told(weights, some.withOverlap(0)).objects())
                .hasSizeLessThan(found.objects().size());
        assertThat(told(weights, some.withClasses(List.of("square"))).objects())
                .isEqualTo(found.objects().stream()
                        .filter(object -> object.label().equals("square"))
                        .toList());
        assertThatThrownBy(() -> told(weights, some.withMirrored()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("--flip");
        written(found);

        ObjectChoice usual = ObjectChoice.USUAL.withLeastScore(.1);
        List<DetectedObject> expected = told(weights, usual).objects();
        try (ZooModel<Image, DetectedObjects> model =
                        DetectionCriteria.of(weights, usual).loadModel();
                Predictor<Image, DetectedObjects> predictor = model.newPredictor()) {
            DetectedObjects djls = predictor.predict(ImageFactory.getInstance().fromImage(IMAGE.toBufferedImage()));
            assertThat(djls.getNumberOfObjects()).isEqualTo(expected.size());
            for (int i = 0; i < expected.size(); i++) {
                DetectedObjects.DetectedObject object = djls.item(i);
                Mask mask = (Mask) object.getBoundingBox();
                long area = 0;
                for (float[] row : mask.getProbDist()) {
                    for (float share : row) {
                        area += share > .5f ? 1 : 0;
                    }
                }
                RunLengthMask own = expected.get(i).mask().orElseThrow();
                // the grid around the box may reach one pixel beyond it
                assertThat(area).isLessThanOrEqualTo(own.area()).isGreaterThanOrEqualTo(own.area() / 2);
                assertThat(mask.getBounds().getX() * 64)
                        .isCloseTo(expected.get(i).box().x(), within(1e-3));
            }
        }
        assertThatThrownBy(() -> DetectionCriteria.of(weights, some))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("selects boxes itself");
    }

    private static Detections told(Path weights, ObjectChoice choice) {
        try (ObjectDetector detector = ObjectDetector.open(weights, choice)) {
            return detector.detect(IMAGE);
        }
    }

    /** Lines, COCO's results and pictures have the masks. */
    private void written(Detections found) throws IOException {
        DetectedObject first = found.objects().get(0);
        Map<?, ?> fields = (Map<?, ?>) ((List<?>) found.fields().get("objects")).get(0);
        assertThat(fields.get("mask"))
                .isEqualTo(Map.of(
                        "size",
                        List.of(32, 64),
                        "counts",
                        first.mask().orElseThrow().string()));
        Path to = folder.resolve("results.json");
        DetectionFile file = DetectionFormat.COCO.start(to, CARD.classes(), Optional.empty());
        file.add("1.png", found);
        file.finish();
        JsonNode result = new ObjectMapper().readTree(Files.readString(to)).get(0);
        assertThat(RunLengthMask.ofString(
                        32, 64, result.get("segmentation").get("counts").asString()))
                .isEqualTo(first.mask().orElseThrow());
        boolean[] pixels = first.mask().orElseThrow().pixels();
        DetectedObject bare = new DetectedObject(first.label(), first.index(), first.score(), first.box());
        var with = new Detections(List.of(first), 32, 64).pictures(IMAGE).get("boxes");
        var without = new Detections(List.of(bare), 32, 64).pictures(IMAGE).get("boxes");
        int changed = 0;
        for (int i = 0; i < pixels.length; i++) {
            int row = Math.floorDiv(i, 64);
            boolean differs = with.getRGB(i % 64, row) != without.getRGB(i % 64, row);
            assertThat(!differs || pixels[i]).as("pixel " + i).isTrue();
            changed += differs ? 1 : 0;
        }
        assertThat(changed).isPositive();
    }

    /** The names that the records of torchvision's detectors have, but for anchors, which go with the proposals. */
    @Test
    void headsHaveTheNamesOfTheRecords() {
        List<String> ofTwoStages = List.of(
                "feature.0",
                "feature.2",
                "feature.pool",
                "rpn.objectness.0",
                "rpn.deltas.3",
                "rpn.anchors",
                "roi.pooled",
                "roi.class_logits",
                "roi.box_deltas",
                "roi.decoded_boxes");
        try (NDManager manager = PyTorch.newManager()) {
            for (String name : List.of("faster_rcnn", "mask_rcnn")) {
                Detector model = Detectors.named(name).build(new DetectorOptions(3, Optional.of("resnet18")));
                model.initialize(manager);
                NDArray images = manager.randomUniform(-1, 1, new Shape(1, 3, 64, 96));
                NDArray regions = manager.create(new float[] {0, 4, 6, 60, 50, 0, 1, 2, 3, 4}, new Shape(2, 5));
                Map<String, NDArray> named = DetectorHeads.of(model, images, (proposed, stage) -> regions);
                assertThat(named).containsKeys(ofTwoStages.toArray(String[]::new));
                assertThat(named.get("roi.pooled").getShape()).isEqualTo(new Shape(2, 96, 7, 7));
                assertThat(named.get("roi.decoded_boxes").getShape()).isEqualTo(new Shape(2, 4, 4));
                if (name.equals("mask_rcnn")) {
                    assertThat(named.get("mask.logits").getShape()).isEqualTo(new Shape(2, 4, 28, 28));
                }
            }
        }
    }

    /** A folder of images for each part, as the nuclei have them. */
    @Test
    void aPartsImagesAreInItsFolder() throws IOException {
        for (String part : List.of("train", "val")) {
            Path images = Files.createDirectories(folder.resolve(part).resolve("images"));
            AtomicFile.writePng(images.resolve(part + ".png"), IMAGE.toBufferedImage());
            Files.writeString(folder.resolve(part + ".json"), """
                {"images": [{"id": 1, "file_name": "%s.png", "height": 32, "width": 64}],
                 "categories": [{"id": 1, "name": "disc"}],
                 "annotations": [{"id": 7, "image_id": 1, "category_id": 1, "bbox": [4, 4, 20, 10], "area": 200, "iscrowd": 0,
                                  "segmentation": [[4, 4, 24, 4, 24, 14, 4, 14]]}]}
                """.formatted(part));
        }
        DetectionTask task = recipe("data={source: coco, root: '" + folder + "/{part}/images', train_file: "
                        + folder.resolve("train.json") + ", val_file: " + folder.resolve("val.json") + ", size: 64}")
                .newTask();
        try (Batches<SceneBatch> batches = task.heldOut().batches(0, 0);
                SceneBatch batch = batches.next()) {
            assertThat(batch.masks(0).get(0).area()).isEqualTo(20 * 10);
            assertThat(batch.origins().get(0).objects().get(0).mask()).isPresent();
        }
    }

    @Test
    void objectsWithoutMasksCannotTeachThem() throws IOException {
        AtomicFile.writePng(folder.resolve("a.png"), IMAGE.toBufferedImage());
        Path list = Files.writeString(folder.resolve("list.json"), """
            {"images": [{"id": 1, "file_name": "a.png", "height": 32, "width": 64}],
             "categories": [{"id": 1, "name": "disc"}],
             "annotations": [{"id": 7, "image_id": 1, "category_id": 1, "bbox": [1, 2, 20, 10], "area": 200, "iscrowd": 0}]}
            """);
        DetectionRecipe recipe = recipe("data={source: coco, root: " + folder + ", train_file: " + list + ", val_file: "
                + list + ", size: 64}");
        assertThatThrownBy(recipe::newTask)
                .isInstanceOf(DataException.class)
                .hasMessageContaining("expected a mask (segmentation) of every object, annotation 7 of a.png has none");
        assertThatThrownBy(() ->
                        recipe("model.name=faster_rcnn", "model.masks=softmax").newTask())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("masks");
    }
}
