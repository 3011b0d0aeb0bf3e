package djinn.predict.detection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.inference.Predictor;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import ai.djl.modality.cv.output.DetectedObjects;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.repository.zoo.ZooModel;
import djinn.data.Interpolation;
import djinn.data.Pixels;
import djinn.data.Preprocessing;
import djinn.data.detection.Annotation;
import djinn.data.detection.ObjectData;
import djinn.data.detection.VocXml;
import djinn.data.detection.YoloText;
import djinn.export.Exporter;
import djinn.export.onnx.OnnxOptions;
import djinn.inference.LoadedModel;
import djinn.inference.ModelCard;
import djinn.ops.AtomicFile;
import djinn.ops.Box;
import djinn.ops.DataException;
import djinn.ops.PyTorch;
import djinn.ops.Randomness;
import djinn.ops.Suppression;
import djinn.zoo.detection.Detector;
import djinn.zoo.detection.Detectors;
import djinn.zoo.detection.FastestDet;
import djinn.zoo.weights.Catalogue;
import djinn.zoo.weights.CatalogueEntry;
import djinn.zoo.weights.Preference;
import djinn.zoo.weights.Safetensors;
import djinn.zoo.weights.StateDict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** Which objects are told, in which forms, and by which ways of opening a detector. */
class ToldObjectsTest {

    private static final Preprocessing STRETCHED =
            new Preprocessing(64, 64, 3, List.of(.4, .4, .4), List.of(.25, .25, .25), Preprocessing.Fit.STRETCH, 1);
    private static final DetectionCard CARD = new DetectionCard(
            new ModelCard("fastestdet", List.of("cat", "dog", "hot dog"), STRETCHED), Optional.empty());

    /** Lower than what random weights see. */
    private static final ObjectChoice SOME = ObjectChoice.USUAL.withLeastScore(.05);

    private static final Pixels IMAGE = noise(48, 96);

    @TempDir
    private static Path folder;

    private static Path weights;

    private static Pixels noise(int height, int width) {
        SplittableRandom random = new SplittableRandom(3);
        byte[] values = new byte[height * width * 3];
        random.nextBytes(values);
        return new Pixels(height, width, 3, values);
    }

    @BeforeAll
    static void makeWeights() {
        weights = folder.resolve("best.safetensors");
        save(CARD.newModel(), weights, CARD.toMetadata());
    }

    private static void save(Detector model, Path file, Map<String, String> metadata) {
        try (NDManager manager = PyTorch.newManager()) {
            Randomness.seed(6);
            model.initialize(manager);
            Safetensors.write(file, StateDict.of(model), metadata);
        }
    }

    private static List<DetectedObject> told(Path file, ObjectChoice choice) {
        try (ObjectDetector detector = ObjectDetector.open(file, choice)) {
            return detector.detect(IMAGE).objects();
        }
    }

    private static Path exported(String name, UnaryOperator<OnnxOptions> options) {
        Path file = folder.resolve(name);
        try (LoadedModel<DetectionCard> model = LoadedModel.open(weights, CARD, Preference.EMA);
                NDManager manager = PyTorch.newManager()) {
            Randomness.seed(1);
            NDList example = new NDList(manager.randomNormal(new Shape(1, 3, 64, 64)));
            OnnxOptions all = options.apply(OnnxOptions.DEFAULT.withMetadata(CARD.toMetadata()));
            Exporter.write(model.block(), example, file, Exporter.Settings.DEFAULT.withOptions(all));
        }
        return file;
    }

    @Test
    void thresholdsAndClassesAreHeeded() {
        List<DetectedObject> all = told(weights, SOME);
        assertThat(all).hasSizeGreaterThan(2).isSortedAccordingTo((a, b) -> Double.compare(b.score(), a.score()));
        double middle = all.get(all.size() / 2).score();
        assertThat(told(weights, SOME.withLeastScore(middle)))
                .isNotEmpty()
                .allMatch(object -> object.score() > middle)
                .isEqualTo(
                        all.stream().filter(object -> object.score() > middle).toList());
        assertThat(told(weights, SOME.withMost(2))).isEqualTo(all.subList(0, 2));
        assertThat(told(weights, SOME.withOverlap(0)))
                .hasSizeLessThan(all.size())
                .first()
                .isEqualTo(all.get(0));
        // FastestDet compares boxes of all classes: what another class has dropped is told once that class is not
        String name = all.get(0).label();
        assertThat(told(weights, SOME.withClasses(List.of(name))))
                .isNotEmpty()
                .allMatch(object -> object.label().equals(name));
        assertThat(told(weights, ObjectChoice.USUAL.withLeastScore(1))).isEmpty();
    }

    @Test
    void choicesThatAreNoneAreRefused() {
        assertThatThrownBy(() -> told(weights, SOME.withClasses(List.of("cat", "dgo"))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("unknown class 'dgo', did you mean 'dog'?");
        assertThatThrownBy(() -> SOME.withLeastScore(1.5)).hasMessageContaining("from 0 to 1, got 1.5");
        assertThatThrownBy(() -> SOME.withOverlap(Double.NaN)).hasMessageContaining("an overlap (IoU) from 0 to 1");
        assertThatThrownBy(() -> SOME.withMost(0)).hasMessageContaining("at least 1");
    }

    @Test
    void everyFormatTellsTheSameAndOnnxSelectsToo() {
        List<DetectedObject> all = told(weights, SOME);
        assertSame(told(exported("model.onnx", options -> options), SOME), all);
        assertSame(told(exported("model.pt", options -> options), SOME), all);
        Path selecting = exported("selecting.onnx", options -> CARD.selecting(options, SOME, CARD.newModel()));
        assertSame(told(selecting, ObjectChoice.USUAL), all);
        double middle = all.get(all.size() / 2).score() + 1e-4;
        assertSame(
                told(selecting, SOME.withLeastScore(middle)),
                all.stream().filter(object -> object.score() > middle).toList());
        assertSame(told(selecting, SOME.withMost(2)), all.subList(0, 2));
        String name = all.get(0).label();
        assertSame(
                told(selecting, SOME.withClasses(List.of(name))),
                all.stream().filter(object -> object.label().equals(name)).toList());
        for (ObjectChoice beyond : List.of(SOME.withLeastScore(.01), SOME.withOverlap(.9), SOME.withMost(1000))) {
            assertThatThrownBy(() -> told(selecting, beyond))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("selecting.onnx: selects boxes itself, of scores above 0.05");
        }
        try (ObjectDetector one = ObjectDetector.open(selecting);
                ObjectDetector other = ObjectDetector.open(weights, SOME)) {
            List<Pixels> images = List.of(IMAGE, noise(10, 20), noise(90, 30));
            List<Detections> both = other.detectAll(images);
            List<Detections> selected = one.detectAll(images);
            for (int i = 0; i < images.size(); i++) {
                assertSame(selected.get(i).objects(), both.get(i).objects());
                assertThat(selected.get(i).height()).isEqualTo(images.get(i).height());
            }
        }
    }

    @Test
    void otherSuppressionsAreChosenOrAreTheFiles() {
        List<DetectedObject> all = told(weights, SOME);
        List<DetectedObject> soft = told(weights, SOME.withSuppression(new Suppression.SoftNms(.3)));
        assertThat(soft).isNotEqualTo(all).first().isEqualTo(all.get(0));
        assertThat(soft).isSortedAccordingTo((a, b) -> Double.compare(b.score(), a.score()));
        ObjectChoice linear = SOME.withSuppression(new Suppression.SoftNmsLinear());
        assertThat(told(weights, linear.withOverlap(1))).isEqualTo(told(weights, SOME.withOverlap(1)));
        assertThat(told(weights, linear.withOverlap(.1)))
                .hasSizeGreaterThan(told(weights, SOME.withOverlap(.1)).size());
        List<DetectedObject> voted = told(weights, SOME.withSuppression(new Suppression.BoxVoting(.5)));
        assertThat(voted)
                .isNotEqualTo(all)
                .extracting(DetectedObject::score)
                .isEqualTo(all.stream().map(DetectedObject::score).toList());
        DetectionCard card =
                new DetectionCard(CARD.model(), Optional.empty(), List.of(), Optional.of(new Suppression.SoftNms(.3)));
        Path own = folder.resolve("soft.safetensors");
        save(card.newModel(), own, card.toMetadata());
        assertThat(DetectionCard.fromMetadata(card.toMetadata(), own)).isEqualTo(card);
        assertThat(told(own, SOME)).isEqualTo(soft);
        assertThat(told(own, SOME.withSuppression(Suppression.NMS))).isEqualTo(all);
        assertThat(CARD.toMetadata()).doesNotContainKey("djinn.suppression");
        assertThatThrownBy(() -> card.selecting(OnnxOptions.DEFAULT, SOME, card.newModel()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("got soft_nms=0.3; export it with --suppression nms");
        assertThat(card.selecting(OnnxOptions.DEFAULT, SOME.withSuppression(Suppression.NMS), card.newModel())
                        .selection())
                .isPresent();
        assertThatThrownBy(() ->
                        DetectionCard.fromMetadata(Map.of("djinn.task", "detection", "djinn.suppression", "no"), own))
                .isInstanceOf(DataException.class);
    }

    @Test
    void theMirrorImageTellsTheSameTheOtherWayRound() {
        Pixels image = noise(64, 64);
        byte[] turned = new byte[image.values().length];
        for (int i = 0; i < turned.length; i++) {
            int pixel = i / 3;
            turned[i] = image.values()[(pixel / 64 * 64 + 63 - pixel % 64) * 3 + i % 3];
        }
        Path raw = exported("mirrored.onnx", options -> options);
        Path selecting = exported(
                "mirrored-selecting.onnx",
                options -> CARD.selecting(options, SOME.withLeastScore(.025), CARD.newModel()));
        for (Path file : List.of(weights, raw, selecting)) {
            ObjectChoice choice = SOME.withMirrored();
            try (ObjectDetector detector = ObjectDetector.open(file, choice)) {
                List<DetectedObject> both = detector.detect(image).objects();
                List<DetectedObject> other =
                        detector.detect(new Pixels(64, 64, 3, turned)).objects();
                assertThat(both).isNotEmpty();
                assertSame(
                        other,
                        both.stream()
                                .map(object -> new DetectedObject(
                                        object.label(),
                                        object.index(),
                                        object.score(),
                                        new Box(
                                                64
                                                        - object.box().x()
                                                        - object.box().width(),
                                                object.box().y(),
                                                object.box().width(),
                                                object.box().height())))
                                .toList());
                assertThat(detector.detectAll(List.of(image, IMAGE)).get(0).objects())
                        .isEqualTo(both);
            }
        }
    }

    private static void assertSame(List<DetectedObject> objects, List<DetectedObject> expected) {
        assertThat(objects)
                .extracting(DetectedObject::label)
                .isEqualTo(expected.stream().map(DetectedObject::label).toList());
        for (int i = 0; i < expected.size(); i++) {
            Box box = objects.get(i).box();
            Box wanted = expected.get(i).box();
            assertThat(objects.get(i).score()).isCloseTo(expected.get(i).score(), within(1e-4));
            assertThat(List.of(box.x() - wanted.x(), box.y() - wanted.y()))
                    .allSatisfy(off -> assertThat(off).isCloseTo(0, within(1e-3)));
            assertThat(List.of(box.width() - wanted.width(), box.height() - wanted.height()))
                    .allSatisfy(off -> assertThat(off).isCloseTo(0, within(1e-3)));
        }
    }

    @Test
    void djlTellsThemByCriteria() throws Exception {
        List<DetectedObject> expected = told(weights, SOME);
        try (ZooModel<Image, DetectedObjects> model =
                        DetectionCriteria.of(weights, SOME).loadModel();
                Predictor<Image, DetectedObjects> predictor = model.newPredictor()) {
            DetectedObjects found = predictor.predict(ImageFactory.getInstance().fromImage(IMAGE.toBufferedImage()));
            assertThat(found.getNumberOfObjects()).isEqualTo(expected.size());
            for (int i = 0; i < expected.size(); i++) {
                DetectedObjects.DetectedObject object = found.item(i);
                assertThat(object.getClassName()).isEqualTo(expected.get(i).label());
                assertThat(object.getProbability()).isCloseTo(expected.get(i).score(), within(1e-6));
                assertThat(object.getBoundingBox().getBounds().getX() * 96)
                        .isCloseTo(expected.get(i).box().x(), within(1e-3));
                assertThat(object.getBoundingBox().getBounds().getHeight() * 48)
                        .isCloseTo(expected.get(i).box().height(), within(1e-3));
            }
        }
    }

    /** Two objects in an image of 48 by 96, and none in another. */
    private static Optional<String> write(DetectionFormat format, Path to, Optional<Path> list) {
        DetectionFile file = format.start(to, CARD.classes(), list);
        file.add(
                "photos/a.png",
                new Detections(
                        List.of(
                                new DetectedObject("hot dog", 2, .75, new Box(24, 12, 48, 24)),
                                new DetectedObject("cat", 0, .5, new Box(0, 0, 96, 6.5)),
                                new DetectedObject("cat", 0, .4, new Box(96, 0, 0, 48))),
                        48,
                        96));
        file.add("photos/b.png", new Detections(List.of(), 48, 96));
        return file.finish();
    }

    @Test
    void yolosFilesAreReadBack() throws IOException {
        Path to = folder.resolve("yolo");
        write(DetectionFormat.YOLO, to, Optional.empty());
        assertThat(to.resolve("labels/a.txt"))
                .hasContent("2 0.500000 0.500000 0.500000 0.500000\n0 0.500000 0.067708 1.000000 0.135417");
        assertThat(to.resolve("labels/b.txt")).isEmptyFile();
        for (String name : List.of("a.png", "b.png")) {
            AtomicFile.writePng(Files.createDirectories(to.resolve("images")).resolve(name), IMAGE.toBufferedImage());
        }
        ObjectData data = YoloText.read(to.resolve("data.yaml"), "val");
        assertThat(data.classes()).isEqualTo(CARD.classes());
        assertThat(data.findings()).isEmpty();
        List<Annotation> objects = data.images().get(0).annotations();
        assertThat(objects).extracting(Annotation::label).containsExactly(2, 0);
        assertThat(objects.get(0).box()).isEqualTo(new Box(.25, .25, .5, .5));
        assertThat(data.images().get(1).annotations()).isEmpty();
    }

    @Test
    void vocsFilesAreReadBack() throws IOException {
        Path to = folder.resolve("voc");
        write(DetectionFormat.VOC, to, Optional.empty());
        Files.createDirectories(to.resolve("ImageSets/Main"));
        Files.writeString(to.resolve("ImageSets/Main/val.txt"), "a\nb\n");
        ObjectData data = VocXml.read(to, "val", CARD.classes());
        assertThat(data.findings()).isEmpty();
        List<Annotation> objects = data.images().get(0).annotations();
        assertThat(objects).extracting(Annotation::label).containsExactly(2, 0);
        assertThat(objects)
                .extracting(Annotation::box)
                .containsExactly(new Box(24, 12, 48, 24), new Box(0, 0, 96, 6.5));
        assertThat(data.images().get(0).extent().orElseThrow().width()).isEqualTo(96);
        assertThat(data.images().get(1).annotations()).isEmpty();
    }

    @Test
    void cocosResultsHaveTheListsNumbers() throws IOException {
        Path to = folder.resolve("results.json");
        assertThat(write(DetectionFormat.COCO, to, Optional.empty()).orElseThrow())
                .contains("an image's place among those asked about", "--ids FILE");
        JsonNode results = new ObjectMapper().readTree(Files.readString(to));
        assertThat(results.size()).isEqualTo(3);
        assertThat(results.get(0).path("image_id").asInt()).isEqualTo(1);
        assertThat(results.get(0).path("category_id").asInt()).isEqualTo(3);
        assertThat(results.get(0).path("bbox").valueStream().map(JsonNode::asDouble))
                .containsExactly(24.0, 12.0, 48.0, 24.0);
        assertThat(results.get(0).path("score").asDouble()).isEqualTo(.75);
        Path list = Files.writeString(folder.resolve("list.json"), """
                {"images": [{"id": 7, "file_name": "b.png"}, {"id": 42, "file_name": "val/a.png"}], "annotations": [],
                 "categories": [{"id": 18, "name": "dog"}, {"id": 17, "name": "cat"}, {"id": 58, "name": "hot dog"}]}
                """);
        assertThat(write(DetectionFormat.COCO, to, Optional.of(list))).isEmpty();
        JsonNode numbered = new ObjectMapper().readTree(Files.readString(to));
        assertThat(numbered.get(0).path("image_id").asInt()).isEqualTo(42);
        assertThat(numbered.valueStream()
                        .map(result -> result.path("category_id").asInt()))
                .containsExactly(58, 17, 17);
        DetectionFile file = DetectionFormat.COCO.start(to, CARD.classes(), Optional.of(list));
        assertThatThrownBy(() -> file.add("c.png", new Detections(List.of(), 1, 1)))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("list.json")
                .hasMessageContaining("c.png");
        assertThatThrownBy(() -> DetectionFormat.COCO.start(to, List.of("fox"), Optional.of(list)))
                .hasMessageContaining("there is no 'fox'");
        assertThatThrownBy(() -> DetectionFormat.VOC.start(to, List.of("cat"), Optional.of(list)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void imagesWhoseNamesAreNumbersHaveThem() throws IOException {
        Path to = folder.resolve("numbered.json");
        DetectionFile file = DetectionFormat.COCO.start(to, CocoCategories.names(), Optional.empty());
        DetectedObject clock =
                new DetectedObject("clock", CocoCategories.names().indexOf("clock"), .5, new Box(0, 0, 1, 1));
        file.add("val/000000000139.jpg", new Detections(List.of(clock), 2, 2));
        assertThat(file.finish()).isEmpty();
        JsonNode result = new ObjectMapper().readTree(Files.readString(to)).get(0);
        assertThat(result.path("image_id").asInt()).isEqualTo(139);
        // COCO's own number of clocks
        assertThat(result.path("category_id").asInt()).isEqualTo(85);
    }

    @Test
    void cocosCategoriesAreThoseOfItsList() {
        assertThat(CocoCategories.names())
                .hasSize(80)
                .doesNotHaveDuplicates()
                .startsWith("person")
                .endsWith("toothbrush");
        assertThat(CocoCategories.darknetNames())
                .contains("sofa", "diningtable")
                .doesNotContain("couch");
        assertThat(CocoCategories.byId(0, 91))
                .startsWith("N/A 0", "person")
                .contains("N/A 12")
                .endsWith("toothbrush");
        assertThat(CocoCategories.byId(1, 90))
                .startsWith("person")
                .endsWith("toothbrush")
                .hasSize(90);
    }

    /** The reference's first weights meet blue first; Djinn's images have red first. */
    @Test
    void publishedWeightsAreOpenedByName() {
        Path published = folder.resolve("published.safetensors");
        save(Detectors.named("fastestdet").build(), published, Map.of());
        PublishedDetectors.Asked usual = PublishedDetectors.Asked.usual("fastestdet");
        try (LoadedModel<DetectionCard> raw = PublishedDetectors.openRaw(published, usual);
                LoadedModel<DetectionCard> model = PublishedDetectors.open(published, usual);
                NDManager manager = PyTorch.newManager()) {
            assertThat(model.card().classes()).isEqualTo(CocoCategories.darknetNames());
            assertThat(model.card().preprocessing().fit()).isEqualTo(Preprocessing.Fit.STRETCH);
            assertThat(model.card().preprocessing().width()).isEqualTo(352);
            NDArray blueFirst = raw.state().get(FastestDet.FIRST);
            NDArray redFirst = model.state().get(FastestDet.FIRST);
            for (int channel = 0; channel < 3; channel++) {
                assertThat(redFirst.get(":, " + channel)).isEqualTo(blueFirst.get(":, " + (2 - channel)));
            }
            NDArray images = manager.randomUniform(0, 1, new Shape(1, 3, 64, 64));
            NDArray swapped =
                    images.get(":, 2:3").concat(images.get(":, 1:2"), 1).concat(images.get(":, 0:1"), 1);
            NDArray one = DetectorHeads.of((Detector) raw.block(), images).get("output");
            NDArray other = DetectorHeads.of((Detector) model.block(), swapped).get("output");
            assertThat(one.getShape()).isEqualTo(new Shape(1, 85, 4, 4));
            assertThat(one.sub(other).abs().max().getFloat()).isLessThan(1e-5f);
            assertThatThrownBy(() -> DetectorHeads.of((Detector) raw.block(), images.get(":, :, 0:40")))
                    .hasMessageContaining("multiples of 32, got float32 (1, 3, 40, 64)");
            assertThatThrownBy(() -> DetectorHeads.of((Detector) raw.block(), images.toType(DataType.FLOAT64, true)))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    /** torchvision's weights say nothing of themselves; what the catalogue lists of them is what is done to images. */
    @ParameterizedTest
    @ValueSource(
            strings = {"retinanet_resnet50_fpn", "fcos_resnet50_fpn", "ssd300_vgg16", "ssdlite320_mobilenet_v3_large"})
    void theCatalogueTellsWhatIsDoneToImages(String name) {
        CatalogueEntry entry = Catalogue.find(name);
        DetectionCard card = PublishedDetectors.usualCard(name);
        Preprocessing images = card.preprocessing();
        assertThat(images.mean()).isEqualTo(entry.mean());
        assertThat(images.std()).isEqualTo(entry.std());
        assertThat(images.height()).isEqualTo(entry.size());
        assertThat(images.interpolation()).isEqualTo(Interpolation.BILINEAR);
        // torchvision's labels are COCO's ids; of SSD's, the background is told apart
        boolean isSsd = name.startsWith("ssd");
        assertThat(card.classes()).hasSize(isSsd ? 90 : 91);
        assertThat(card.classes().get(isSsd ? 0 : 1)).isEqualTo("person");
        assertThat(card.classes().get(isSsd ? 89 : 90)).isEqualTo("toothbrush");
        assertThat(card.classes().stream().filter(each -> each.startsWith("N/A")))
                .hasSize(isSsd ? 10 : 11);
    }

    @Test
    void publishedWeightsOfTorchvisionAnswerByName() {
        Path published = folder.resolve("ssdlite.safetensors");
        save(Detectors.named("ssdlite320_mobilenet_v3_large").build(), published, Map.of());
        PublishedDetectors.Asked usual = PublishedDetectors.Asked.usual("ssdlite320_mobilenet_v3_large");
        try (ObjectDetector detector =
                ObjectDetector.published("ssdlite320_mobilenet_v3_large", published, SOME.withLeastScore(0))) {
            assertThat(detector.detect(IMAGE).objects())
                    .isNotEmpty()
                    .allSatisfy(object -> assertThat(detector.card().classes().get(object.index()))
                            .isEqualTo(object.label()));
        }
        try (LoadedModel<DetectionCard> raw = PublishedDetectors.openRaw(published, usual);
                NDManager manager = PyTorch.newManager()) {
            Map<String, NDArray> heads =
                    DetectorHeads.of((Detector) raw.block(), manager.zeros(new Shape(1, 3, 320, 320)));
            // the names of the reference's record
            assertThat(heads.keySet())
                    .containsExactly(
                            "feature.0",
                            "feature.1",
                            "feature.2",
                            "feature.3",
                            "feature.4",
                            "feature.5",
                            "head.bbox_regression",
                            "head.cls_logits",
                            "anchors");
            assertThat(heads.get("feature.0").getShape()).isEqualTo(new Shape(1, 672, 20, 20));
        }
    }

    @Test
    void howManyClassesWeightsAreForTheirShapesTell() {
        Path three = folder.resolve("three.safetensors");
        save(Detectors.named("yolov5n").build(3), three, Map.of());
        PublishedDetectors.Asked unnamed = PublishedDetectors.Asked.usual("yolov5n");
        assertThatThrownBy(() -> PublishedDetectors.open(three, unnamed))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("three.safetensors: is for 3 classes and does not name them");
        PublishedDetectors.Asked named =
                new PublishedDetectors.Asked("yolov5n", CARD.classes(), UnaryOperator.identity(), Preference.EMA);
        try (LoadedModel<DetectionCard> model = PublishedDetectors.open(three, named);
                NDManager manager = PyTorch.newManager()) {
            assertThat(((Detector) model.block()).classes()).isEqualTo(3);
            Map<String, NDArray> heads =
                    DetectorHeads.of((Detector) model.block(), manager.zeros(new Shape(2, 3, 64, 96)));
            // the names of the reference's record
            assertThat(heads.keySet()).containsExactly("decoded", "head.0", "head.1", "head.2");
            // 3 anchors in 8x12, 4x6 and 2x3 cells, each of 5 + 3 numbers
            assertThat(heads.get("decoded").getShape()).isEqualTo(new Shape(2, 378, 8));
            assertThat(heads.get("head.1").getShape()).isEqualTo(new Shape(2, 3, 4, 6, 8));
        }
        PublishedDetectors.Asked two =
                new PublishedDetectors.Asked("yolov5n", List.of("a", "b"), UnaryOperator.identity(), Preference.EMA);
        assertThatThrownBy(() -> PublishedDetectors.open(three, two))
                .hasMessageContaining("expected the names of 3 classes, got 2");
        assertThatThrownBy(() -> PublishedDetectors.open(three, PublishedDetectors.Asked.usual("yolov5s")))
                .isInstanceOf(DataException.class);
    }
}
