package djinn.zoo.detection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import djinn.ops.Autograd;
import djinn.ops.PyTorch;
import djinn.ops.Randomness;
import djinn.zoo.nn.Pass;
import java.util.Optional;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Detectors that look at given regions. */
class RegionDetectorTest {

    private static final float[] REGIONS = {
        0, 3, 4, 50, 60, 0, 10.5f, 10.5f, 11.5f, 11.5f, 1, 0, 0, 64, 64, 1, 20, 5, 30, 64, 1, 63, 63, 64, 64
    };

    private final NDManager manager = PyTorch.newManager();
    private Autograd.Scope off;

    @BeforeEach
    void recordNothing() {
        off = Autograd.withoutGradients();
    }

    @AfterEach
    void close() {
        off.close();
        manager.close();
    }

    private Detector detector(String name, String backbone) {
        Randomness.seed(4);
        Detector detector = Detectors.named(name)
                .build(new DetectorOptions(3, backbone == null ? Optional.empty() : Optional.of(backbone)));
        detector.initialize(manager);
        return detector;
    }

    private Pass pass() {
        return new Pass(new ParameterStore(manager, false), false);
    }

    private static void assertClose(NDArray actual, NDArray expected) {
        assertThat(actual.getShape()).isEqualTo(expected.getShape());
        assertThat(actual.sub(expected).abs().max().getFloat())
                .isCloseTo(0, Offset.offset(1e-5f * (1 + expected.abs().max().getFloat())));
    }

    /** What is said of a region does not depend on the others, nor on the images beside its own. */
    @ParameterizedTest
    @CsvSource({"fast_rcnn, resnet18", "fast_rcnn_spp, resnet18", "fast_rcnn_vgg16,", "rcnn, cifar_resnet20"})
    void itLooksAtTheRegionsThatAreGivenEachByItself(String name, String backbone) {
        Detector detector = detector(name, backbone);
        NDArray images = manager.randomNormal(new Shape(2, 3, 64, 64));
        NDArray regions = manager.create(REGIONS, new Shape(5, 5));
        NDList heads = detector.forward(images, Regions.given(regions), pass());
        assertThat(detector.headNames())
                .containsExactly("roi.counts", "roi.proposals", "roi.class_logits", "roi.box_deltas");
        assertThat(heads.get(0).toLongArray()).containsExactly(2, 3);
        assertThat(heads.get(1)).isEqualTo(regions);
        assertThat(heads.get(2).getShape()).isEqualTo(new Shape(5, 4));
        assertThat(heads.get(3).getShape()).isEqualTo(new Shape(5, 16));

        NDArray alone = regions.get("3:4").duplicate();
        alone.set(new ai.djl.ndarray.index.NDIndex(":, 0"), 0);
        NDList ofOne = detector.forward(images.get("1:2"), Regions.given(alone), pass());
        assertClose(ofOne.get(2), heads.get(2).get("3:4"));
        assertClose(ofOne.get(3), heads.get(3).get("3:4"));

        Decoded decoded = detector.decode(heads, 64, 64);
        assertThat(decoded.boxes().getShape()).isEqualTo(new Shape(2, 3, 3, 4));
        assertThat(decoded.scores().getShape()).isEqualTo(new Shape(2, 3, 3));
        // the first image has a region less
        assertThat(decoded.scores().get("0, 2").sum().getFloat()).isZero();
        assertThat(decoded.scores().get("1, 2").sum().getFloat()).isPositive();

        NDList asBlock = detector.forward(new ParameterStore(manager, false), new NDList(images, regions), false);
        assertThat(asBlock.get(0)).isEqualTo(decoded.boxes());
        assertThat(asBlock.get(1)).isEqualTo(decoded.scores());
    }

    @ParameterizedTest
    @CsvSource({"fast_rcnn, resnet18", "rcnn, cifar_resnet20"})
    void withoutRegionsItLooksAtAGrid(String name, String backbone) {
        Detector detector = detector(name, backbone);
        NDList heads = detector.forward(manager.randomNormal(new Shape(2, 3, 64, 64)), pass());
        assertThat(heads.get(0).toLongArray()).containsExactly(898, 898);
        assertThat(heads.get(1).get("898").toFloatArray()).containsExactly(1, 0, 0, 64, 64);
        NDArray none = manager.zeros(new Shape(0, 5));
        NDList ofNone = detector.forward(manager.ones(new Shape(2, 3, 64, 64)), Regions.given(none), pass());
        assertThat(ofNone.get(2).getShape()).isEqualTo(new Shape(0, 4));
        Decoded decoded = detector.decode(ofNone, 64, 64);
        assertThat(decoded.scores().sum().getFloat()).isZero();
    }

    /**
     * An image whose first channel counts columns and whose second rows. Of a crop of 32 the border is 2 (of 2.26): 14
     * columns become 28, from 10 on, and the crop begins at 9; there the first pixel's middle is at 9.25.
     */
    @Test
    void aCropIsTheRegionWithABorderOfWhatIsAroundIt() {
        NDArray columns = manager.arange(40f).reshape(1, 1, 1, 40).broadcast(1, 1, 40, 40);
        NDArray images = columns.concat(columns.transpose(0, 1, 3, 2), 1); // (1, 2, 40, 40)
        NDArray regions =
                manager.create(new float[] {0, 1, 2, 3, 4, 0, 10, 12, 24, 19, 0, 30, 0, 40, 40}, new Shape(3, 5));
        NDArray crops = new WarpedCrops(32).of(images, 0, regions, 1, 3);
        assertThat(crops.getShape()).isEqualTo(new Shape(2, 2, 32, 32));
        for (int i : new int[] {0, 5, 31}) {
            assertThat(crops.getFloat(0, 0, 7, i)).isCloseTo(8.75f + i * .5f, Offset.offset(1e-4f));
            // 7 rows become 28, with a border from 11.5 on
            assertThat(crops.getFloat(0, 1, i, 7)).isCloseTo(11.125f + i * .25f, Offset.offset(1e-4f));
        }
        // the border to the right is beyond the image
        assertThat(crops.getFloat(1, 0, 16, 31)).isZero();
        assertThat(crops.getFloat(1, 0, 16, 28)).isCloseTo(38.964f, Offset.offset(.01f));
    }

    @ParameterizedTest
    @CsvSource({"retinanet", "faster_rcnn"})
    void othersTakeNone(String name) {
        Detector detector = detector(name, "resnet18");
        assertThat(detector.takesRegions()).isFalse();
        NDList two = new NDList(manager.ones(new Shape(1, 3, 64, 64)), manager.ones(new Shape(1, 5)));
        assertThatThrownBy(() -> detector.forward(new ParameterStore(manager, false), two, false))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected images as the one input");
    }
}
