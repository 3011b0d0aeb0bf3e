package djinn.tasks.detection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import djinn.data.OnError;
import djinn.data.Pixels;
import djinn.data.Preprocessing;
import djinn.data.SceneBatch;
import djinn.data.detection.SceneLoader;
import djinn.data.detection.SceneSplits;
import djinn.losses.detection.BoxTargets;
import djinn.ops.Autograd;
import djinn.ops.BoxSelection;
import djinn.ops.PyTorch;
import djinn.ops.Randomness;
import djinn.predict.detection.Detections;
import djinn.predict.detection.ObjectChoice;
import djinn.predict.detection.ObjectDetector;
import djinn.tasks.Recipes;
import djinn.tasks.TrainingRun;
import djinn.training.Outcome;
import djinn.training.TrainingEvent;
import djinn.training.run.RunFolder;
import djinn.zoo.detection.Detector;
import djinn.zoo.detection.DetectorOptions;
import djinn.zoo.detection.Detectors;
import djinn.zoo.detection.Yolo;
import djinn.zoo.nn.Pass;
import djinn.zoo.weights.Safetensors;
import djinn.zoo.weights.StateDict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DetectionTest {

    private static final Preprocessing LETTERBOX =
            new Preprocessing(64, 64, 3, List.of(.4, .4, .4), List.of(.25, .25, .25), Preprocessing.Fit.LETTERBOX, 1);

    @TempDir
    private Path folder;

    private DetectionRecipe recipe(String... overrides) throws IOException {
        Path file = Files.writeString(folder.resolve("recipe.yaml"), """
            task: detection
            seed: 5
            model: {name: yolov5n}
            data: {source: shapes, size: 64, augment: [{name: random_horizontal_flip}]}
            optimizer: {name: adamw, lr: 2e-3}
            train: {epochs: 2, batch_size: 64}
            """);
        return Recipes.read(file, List.of(overrides), DetectionRecipe.class);
    }

    private Path train(DetectionRecipe recipe, String name) {
        TrainingRun run = TrainingRun.start(recipe, folder.resolve("runs"), name, List.of());
        run.fit();
        return run.folder().path();
    }

    @Test
    void theRecipesAnchorsStayWhereWeightsBringOthers() throws IOException {
        String anchors = "model.anchors=[[3,4],[5,6],[7,8],[9,10],[11,12],[13,14],[15,16],[17,18],[19,20]]";
        Path weights = folder.resolve("weights.safetensors");
        try (NDManager manager = PyTorch.newManager()) {
            Detector other = recipe().newTask().newModel();
            other.initialize(manager);
            Safetensors.write(weights, StateDict.of(other), Map.of());
            DetectionTask task = recipe(anchors, "model.weights=" + weights).newTask();
            Yolo model = (Yolo) task.newModel();
            model.initialize(manager);
            task.startFrom(model);
            // in cells of stride 8
            assertThat(model.anchors(manager).get(0).toFloatArray()).startsWith(3 / 8f, 4 / 8f, 5 / 8f, 6 / 8f);
        }
    }

    @Test
    void ssd300TakesOneSize() {
        assertThatThrownBy(
                        () -> recipe("model.name=ssd300_vgg16", "data.size=600").newTask())
                .hasMessage("data.size: expected 300, the one size it takes, for ssd300_vgg16, got 600");
    }

    @Test
    void figuresAreThoseOfTheObjects() {
        SceneSplits splits = SceneSplits.painted(3);
        SceneLoader loader = new SceneLoader(splits.validation(), LETTERBOX, 32, List.of(), OnError.FAIL, 0);
        DetectionFigures figures = new DetectionFigures(2, new BoxSelection(.01, 100, .9, 100));
        try (NDManager manager = PyTorch.newManager();
                SceneBatch batch = loader.batch(new int[] {0, 1, 2, 3}, 3, 0)) {
            // the objects themselves, told with certainty
            int most = batch.objects().stream()
                    .mapToInt(objects -> objects.objects().size())
                    .max()
                    .orElseThrow();
            NDList boxes = new NDList();
            NDList scores = new NDList();
            for (int n = 0; n < batch.size(); n++) {
                long own = batch.objects().get(n).objects().size();
                NDArray none = manager.zeros(new Shape(most - own, 4));
                boxes.add(batch.boxes(n, manager).concat(none, 0).expandDims(0));
                NDArray told = batch.labels(n, manager).oneHot(2).toType(DataType.FLOAT32, false);
                scores.add(
                        told.concat(manager.zeros(new Shape(most - own, 2)), 0).expandDims(0));
            }
            NDList answers =
                    new NDList(ai.djl.ndarray.NDArrays.concat(boxes, 0), ai.djl.ndarray.NDArrays.concat(scores, 0));
            figures.add(batch, Outcome.of(manager.create(.5f), answers));
        }
        assertThat(figures.values().get("ap")).isCloseTo(1, within(1e-9));
        assertThat(figures.values().get("loss")).isEqualTo(.5);
        DetectionFigures merged = new DetectionFigures(2, new BoxSelection(.01, 100, .9, 100));
        merged.merge(figures.state());
        assertThat(merged.values()).isEqualTo(figures.values());
    }

    @Test
    void aRunIsTrainedAndAsked() throws IOException {
        Path run = train(recipe(), "one");
        assertThat(run.resolve("samples.png")).exists();
        assertThat(List.of(
                        "labels.png",
                        "labels.csv",
                        "train_batch.png",
                        "pr_curve.png",
                        "f1_curve.png",
                        "confusion_matrix.png"))
                .allSatisfy(name -> assertThat(run.resolve(name)).isNotEmptyFile());
        assertThat(Files.readAllLines(run.resolve("f1_curve.csv")))
                .hasSize(1002)
                .first()
                .isEqualTo("score,disc,square,mean");
        List<String> precision = Files.readAllLines(run.resolve("pr_curve.csv"));
        assertThat(precision).hasSize(102).first().isEqualTo("recall,disc,square,mean");
        assertThat(Files.readAllLines(run.resolve("per_class.csv")).get(0))
                .isEqualTo("class,ap,ap50,ap75,ar100,objects,score,precision,recall,f1");
        assertThat(Files.readAllLines(run.resolve("results.csv"))).hasSize(3).allMatch(line -> !line.contains(",,"));
        try (ObjectDetector detector = ObjectDetector.open(run, ObjectChoice.USUAL.withLeastScore(0))) {
            assertThat(detector.card().classes()).containsExactly("disc", "square");
            Detections seen = detector.detect(new Pixels(30, 90, 3, new byte[30 * 90 * 3]));
            assertThat(seen.objects()).isNotEmpty().allSatisfy(object -> {
                assertThat(object.box().x()).isBetween(0.0, 90.0);
                assertThat(object.box().y() + object.box().height()).isBetween(0.0, 30.0);
            });
        }
    }

    @Test
    void aDetectorWithOtherAnchorsOpensByItsCard() throws IOException {
        Path run = train(recipe("model.anchors=[[6, 6], [8, 9], [12, 10], [14, 14], [18, 20], [24, 24]]"), "anchors");
        try (ObjectDetector detector = ObjectDetector.open(run)) {
            assertThat(detector.card().anchors()).hasSize(6).startsWith(List.of(6.0, 6.0));
            Yolo model = (Yolo) detector.card().newModel();
            assertThat(model.shapes().perCell()).isEqualTo(2);
            assertThat(model.shapes().levels().get(1).sizes()).containsExactly(12.0, 10.0, 14.0, 14.0);
        }
        assertThatThrownBy(() ->
                        recipe("model.name=ssdlite", "model.anchors=[[6, 6]]").newTask())
                .hasMessageContaining("expected no anchors for ssdlite");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "data.mix=[]",
                "data.mix=[mosaic, {name: mixup, p: 0.5}, {name: copy_paste, p: 0.5}]",
                "data.sizes=[64, 96]"
            })
    void aKilledRunGoesOnToTheSameBytes(String data) throws IOException {
        DetectionRecipe recipe = recipe("train.checkpoint_every=1", data);
        byte[] whole = Files.readAllBytes(train(recipe, "whole").resolve("best.safetensors"));
        TrainingRun killed = TrainingRun.start(recipe, folder.resolve("runs"), "killed", List.of(event -> {
            if (event instanceof TrainingEvent.BatchEnded ended && ended.epoch() == 1 && ended.batch() == 2) {
                throw new Killed();
            }
        }));
        assertThatThrownBy(killed::fit).isInstanceOf(Killed.class);
        RunFolder run = RunFolder.open(killed.folder().path());
        TrainingRun.resume(run, Recipes.of(run, List.of()), List.of()).fit();
        assertThat(Files.readAllBytes(run.path().resolve("best.safetensors"))).isEqualTo(whole);
    }

    /** Ends a run without any chance to tidy up in its own code. */
    private static final class Killed extends Error {
        private static final long serialVersionUID = 1L;
    }

    @ParameterizedTest
    @CsvSource({"yolov3_tiny,", "retinanet,mobilenet_v2", "retinanet,resnet18", "fcos,resnet18", "ssdlite,mobilenet_v2"
    })
    void everyFamilyTakesAStep(String name, String backbone) {
        Detector model = Detectors.named(name).build(new DetectorOptions(2, Optional.ofNullable(backbone)));
        SceneSplits splits = SceneSplits.painted(4);
        Preprocessing shape = new Preprocessing(
                128, 128, 3, List.of(.4, .4, .4), List.of(.25, .25, .25), Preprocessing.Fit.LETTERBOX, 1);
        SceneLoader loader = new SceneLoader(splits.train(), shape, 32, List.of(), OnError.FAIL, 0);
        Randomness.seed(2);
        try (NDManager manager = PyTorch.newManager();
                Autograd.Scope gradients = Autograd.withGradients();
                SceneBatch batch = loader.batch(new int[] {0, 1, 2, 3}, 0, 0)) {
            model.initialize(manager);
            NDList heads = model.forward(batch.images(manager), new Pass(new ParameterStore(manager, false), true));
            List<BoxTargets> targets = new ArrayList<>();
            for (int n = 0; n < batch.size(); n++) {
                targets.add(new BoxTargets(batch.boxes(n, manager), batch.labels(n, manager)));
            }
            Map<String, NDArray> terms = DetectionLosses.of(
                    model, new DetectionLosses.Step(heads, targets, 128, 128, DetectionLosses.Choices.USUAL));
            assertThat(terms)
                    .allSatisfy((term, value) ->
                            assertThat(value.getFloat()).isFinite().isPositive());
            Autograd.backward(terms.values().stream().reduce(NDArray::add).orElseThrow());
            for (var parameter : model.getParameters()) {
                if (parameter.getValue().requiresGradient()) {
                    assertThat(parameter
                                    .getValue()
                                    .getArray()
                                    .getGradient()
                                    .abs()
                                    .sum()
                                    .getFloat())
                            .as(parameter.getKey())
                            .isFinite();
                }
            }
        }
    }

    @Test
    void whatDoesNotGoTogetherIsRefused() throws IOException {
        assertThatThrownBy(() -> recipe("data.size=70").newTask())
                .hasMessage("data.size: expected a multiple of 32 for yolov5n, got 70");
        assertThatThrownBy(() -> recipe("data.source=coco")).hasMessageContaining("expected root");
        assertThatThrownBy(() -> recipe("data.fit=crop")).hasMessageContaining("expected fit letterbox or stretch");
        assertThatThrownBy(() -> recipe("model.name=yolov5z").newTask()).hasMessageContaining("did you mean 'yolov5");
        assertThatThrownBy(() -> recipe("model.backbone=resnet18").newTask())
                .hasMessage("expected no backbone for yolov5n, which has its own, got resnet18");
    }
}
