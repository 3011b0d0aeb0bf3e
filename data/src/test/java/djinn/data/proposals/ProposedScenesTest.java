package djinn.data.proposals;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import djinn.data.Augmented;
import djinn.data.Geometry;
import djinn.data.ImageObject;
import djinn.data.ImageObjects;
import djinn.data.OnError;
import djinn.data.Pixels;
import djinn.data.Preprocessing;
import djinn.data.RandomAffine;
import djinn.data.RandomHorizontalFlip;
import djinn.data.Scene;
import djinn.data.SceneBatch;
import djinn.data.Source;
import djinn.data.detection.SceneLoader;
import djinn.data.detection.SceneSplits;
import djinn.ops.Box;
import djinn.ops.PyTorch;
import java.util.List;
import java.util.function.IntFunction;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** Proposals go where the objects of their image go. */
class ProposedScenesTest {

    private static final Preprocessing MODEL =
            new Preprocessing(96, 96, 3, List.of(.5, .5, .5), List.of(1., 1., 1.), Preprocessing.Fit.LETTERBOX, 1);

    private static Scene scene(List<Box> proposals) {
        Pixels image = new Pixels(10, 20, 3, new byte[600]);
        return new Scene(image, new ImageObjects(10, 20, List.of(), 0)).withProposals(proposals);
    }

    private static List<Box> proposals(Scene scene) {
        return scene.proposals().orElseThrow().objects().stream()
                .map(ImageObject::box)
                .toList();
    }

    private static Source<Scene> source(int size, IntFunction<Scene> examples) {
        return new Source<>() {
            @Override
            public int size() {
                return size;
            }

            @Override
            public Scene example(int index) {
                return examples.apply(index);
            }

            @Override
            public String name(int index) {
                return "image " + index;
            }
        };
    }

    /** The right half is cut out and turned round: of the boxes to the left nothing is left. */
    @Test
    void boxesAreMovedClippedAndDropped() {
        Scene scene = scene(List.of(new Box(1, 1, 3, 3), new Box(8, 2, 6, 4), new Box(15, 0, 2, 10)));
        Pixels half = new Pixels(10, 10, 3, new byte[300]);
        Scene moved = scene.changed(
                new Augmented(half, List.of(Geometry.cut(10, 20, 0, 10, 10, 10, 10, 10), Geometry.mirrored(10, 10))));
        assertThat(proposals(moved)).containsExactly(new Box(6, 2, 4, 4), new Box(3, 0, 2, 10));
    }

    /** The objects themselves are proposed: through all that is drawn both stay the same. */
    @Test
    void boxesFollowEveryAugmentation() {
        Source<Scene> painted = SceneSplits.painted(1).train();
        Source<Scene> boxed = source(painted.size(), i -> {
            Scene scene = painted.example(i);
            List<ImageObject> boxes = scene.objects().objects().stream()
                    .map(object -> new ImageObject(0, object.box()))
                    .toList();
            return new Scene(scene.image(), new ImageObjects(64, 64, boxes, 0));
        });
        Source<Scene> proposed = ProposedScenes.of(
                boxed,
                scene ->
                        scene.objects().objects().stream().map(ImageObject::box).toList());
        SceneLoader loader = new SceneLoader(
                proposed,
                MODEL,
                32,
                List.of(new RandomHorizontalFlip(.5), new RandomAffine(15, .3, List.of(.7, 1.5), 5, 0)),
                OnError.FAIL,
                0);
        for (int i = 0; i < 20; i++) {
            Scene scene = loader.load(i, 3, 1).orElseThrow();
            assertThat(proposals(scene))
                    .isEqualTo(scene.objects().objects().stream()
                            .map(ImageObject::box)
                            .toList());
        }
    }

    @Test
    void aBatchHasThemInItsPixelsAndTheWholeImageWhereThereAreNone() {
        Source<Scene> scenes =
                source(2, i -> scene(i == 0 ? List.of(new Box(0, 0, 10, 5), new Box(19, 9, 1, 1)) : List.of()));
        SceneLoader loader = new SceneLoader(scenes, MODEL, 32, List.of(), OnError.FAIL, 0);
        try (NDManager manager = PyTorch.newManager();
                SceneBatch batch = loader.batch(new int[] {0, 1}, 0, 0)) {
            // 20 columns become 96, 10 rows 48, which begin at row 24
            NDArray regions = batch.regions(manager);
            assertThat(regions.getShape()).isEqualTo(new Shape(3, 5));
            float[] corners = regions.toFloatArray();
            float[] expected = {0, 0, 24, 48, 48, 0, 91.2f, 67.2f, 96, 72, 1, 0, 0, 96, 96};
            for (int i = 0; i < expected.length; i++) {
                assertThat(corners[i]).isCloseTo(expected[i], Offset.offset(1e-4f));
            }
        }
    }
}
