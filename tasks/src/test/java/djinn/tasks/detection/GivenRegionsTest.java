package djinn.tasks.detection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import djinn.data.Pixels;
import djinn.data.Preprocessing;
import djinn.data.Scene;
import djinn.data.Source;
import djinn.data.detection.SceneSplits;
import djinn.data.proposals.ProposalFile;
import djinn.data.proposals.ProposalMethod;
import djinn.data.proposals.ProposalRule;
import djinn.inference.ImagePredictor;
import djinn.inference.ModelCard;
import djinn.ops.Autograd;
import djinn.ops.Box;
import djinn.ops.BoxGrid;
import djinn.ops.DataException;
import djinn.ops.MaskClasses;
import djinn.ops.PyTorch;
import djinn.ops.Randomness;
import djinn.ops.SelectedBox;
import djinn.predict.detection.DetectedObject;
import djinn.predict.detection.DetectionCard;
import djinn.predict.detection.Detections;
import djinn.predict.detection.ObjectChoice;
import djinn.predict.detection.ObjectDetector;
import djinn.tasks.Recipes;
import djinn.zoo.detection.Decoded;
import djinn.zoo.detection.Detector;
import djinn.zoo.detection.Regions;
import djinn.zoo.nn.Pass;
import djinn.zoo.weights.Safetensors;
import djinn.zoo.weights.StateDict;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The task with detectors that look at given regions. */
class GivenRegionsTest {

    private static final String FAST = "{name: fast_rcnn, backbone: resnet18}";

    @TempDir
    private Path folder;

    private DetectionRecipe recipe(String model, String data) throws IOException {
        Path file = Files.writeString(folder.resolve("recipe.yaml"), """
            task: detection
            seed: 5
            model: %s
            data: {source: shapes, size: 64, workers: 1, %s}
            optimizer: {name: sgd, lr: 1e-3}
            train: {epochs: 1, batch_size: 2}
            """.formatted(model, data));
        return Recipes.read(file, List.of(), DetectionRecipe.class);
    }

    /** The windows of a grid for all painted images, or for some of them. */
    private String file(int trained) throws IOException {
        SceneSplits painted = SceneSplits.painted(5);
        StringBuilder lines = new StringBuilder();
        for (Source<Scene> part : List.of(painted.train(), painted.validation())) {
            for (int i = 0; i < part.size() && (part != painted.train() || i < trained); i++) {
                Scene scene = part.example(i);
                lines.append(ProposalFile.line(
                                part.name(i), scene.image(), ProposalMethod.GRID.propose(scene.image(), 200)))
                        .append('\n');
            }
        }
        return Files.writeString(folder.resolve("proposals.jsonl"), lines).toString();
    }

    @ParameterizedTest
    @ValueSource(strings = {FAST, "{name: rcnn, backbone: cifar_resnet20, samples: 8}"})
    void aRunThatStopsGoesOnToTheSameBytes(String model) throws IOException {
        DetectionRecipe recipe = recipe(
                model, "augment: [{name: random_horizontal_flip}], proposals: {file: '" + file(320) + "', most: 100}");
        CutRuns.assertGoesOnToTheSameBytes(recipe, folder);
    }

    /** A photo twice as wide as high, seen as a square: the windows of the one are those of the other, stretched. */
    @ParameterizedTest
    @CsvSource({"fast_rcnn, resnet18", "rcnn, cifar_resnet20"})
    void photosAreAnsweredByTheMethodOfTheCard(String name, String backbone) {
        Preprocessing shape =
                new Preprocessing(64, 64, 3, List.of(.4, .4, .4), List.of(.25, .25, .25), Preprocessing.Fit.STRETCH, 1);
        DetectionCard card = new DetectionCard(
                new ModelCard(name, List.of("disc", "square"), shape),
                Optional.of(backbone),
                List.of(),
                Optional.empty(),
                MaskClasses.PER_CLASS,
                Optional.of(new ProposalRule(ProposalMethod.GRID, 30)));
        Path weights = folder.resolve("best.safetensors");
        byte[] noise = new byte[48 * 96 * 3];
        new SplittableRandom(3).nextBytes(noise);
        Pixels photo = new Pixels(48, 96, 3, noise);
        List<SelectedBox> expected;
        ObjectChoice choice = ObjectChoice.USUAL.withLeastScore(.05);
        try (NDManager manager = PyTorch.newManager();
                Autograd.Scope off = Autograd.withoutGradients()) {
            Randomness.seed(6);
            Detector model = card.newModel();
            model.initialize(manager);
            Safetensors.write(weights, StateDict.of(model), card.toMetadata());
            float[] regions = new float[150];
            for (int i = 0; i < 30; i++) {
                Box box = BoxGrid.of(64, 64).get(i);
                regions[5 * i + 1] = (float) box.x();
                regions[5 * i + 2] = (float) box.y();
                regions[5 * i + 3] = (float) (box.x() + box.width());
                regions[5 * i + 4] = (float) (box.y() + box.height());
            }
            FloatBuffer values = FloatBuffer.allocate(3 * 64 * 64);
            shape.normalise(shape.fit(photo), values);
            NDArray images = manager.create(values.array(), new Shape(1, 3, 64, 64));
            NDList heads = model.forward(
                    images,
                    Regions.given(manager.create(regions, new Shape(30, 5))),
                    new Pass(new ParameterStore(manager, false), false));
            Decoded decoded = model.decode(heads, 64, 64);
            expected = model.selection(64, 64)
                    .select(decoded.boxes().toFloatArray(), decoded.scores().toFloatArray(), 2);
        }
        assertThat(expected).isNotEmpty();
        try (ObjectDetector detector = ObjectDetector.open(weights, choice)) {
            ImagePredictor<Detections> asked = detector.asPredictor();
            List<Detections> both = asked.predictAll(List.of(asked.prepare(photo, "a"), asked.prepare(photo, "b")));
            for (Detections answer : both) {
                assertThat(answer.objects()).hasSameSizeAs(expected);
                for (int i = 0; i < expected.size(); i++) {
                    DetectedObject object = answer.objects().get(i);
                    assertThat(object.score()).isCloseTo(expected.get(i).score(), Offset.offset(1e-4));
                    assertThat(object.box().x()).isCloseTo(expected.get(i).x1() * 1.5, Offset.offset(1e-2));
                    assertThat(object.box().y()).isCloseTo(expected.get(i).y1() * .75, Offset.offset(1e-2));
                }
            }
        }
        assertThatThrownBy(() -> ObjectDetector.open(weights, choice.withMirrored()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected no look at the mirror image");
    }

    @Test
    void aCardSaysHowRegionsAreProposed() throws IOException {
        DetectionCard card = recipe(FAST, "proposals: {most: 50}").newTask().card();
        assertThat(card.toMetadata()).containsEntry("djinn.proposals", "selective_search 50");
        assertThat(DetectionCard.fromMetadata(card.toMetadata(), Path.of("some")))
                .isEqualTo(card);
        assertThat(recipe(FAST, "").newTask().card().proposals()).contains(ProposalRule.USUAL);
        assertThat(recipe("{name: yolov5n}", "").newTask().card().proposals()).isEqualTo(Optional.empty());
    }

    @Test
    void aFileOfOtherImagesIsToldBeforeTheTrainingBegins() throws IOException {
        DetectionRecipe recipe = recipe(FAST, "proposals: {file: '" + file(7) + "'}");
        assertThatThrownBy(recipe::newTask)
                .isInstanceOf(DataException.class)
                .hasMessageContaining("proposals.jsonl: expected proposals for the image painting 7 of seed");
        DetectionRecipe missing = recipe(FAST, "proposals: {file: '" + folder.resolve("none.jsonl") + "'}");
        assertThatThrownBy(missing::newTask).isInstanceOf(DataException.class).hasMessageContaining("none.jsonl");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{name: fast_rcnn}|mix: [{name: mosaic}]|data.mix: expected none with fast_rcnn",
                "{name: yolov5n}|proposals: {}|data.proposals: expected none with yolov5n",
                "{name: fast_rcnn}|proposals: {most: 0}|expected most of at least 1, got 0",
                "{name: fast_rcnn}|proposals: {method: magic}|magic"
            })
    void whatDoesNotFitIsRefusedInOneLine(String model, String data, String message) {
        assertThatThrownBy(() -> recipe(model, data).newTask())
                .hasMessageContaining(message)
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n"));
    }
}
