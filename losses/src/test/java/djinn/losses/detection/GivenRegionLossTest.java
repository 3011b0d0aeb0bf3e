package djinn.losses.detection;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import djinn.ops.Autograd;
import djinn.ops.PyTorch;
import java.util.List;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** Fast R-CNN's loss, by hand. */
class GivenRegionLossTest {

    /**
     * An object of 10 by 10 in the first image, none in the second. IoUs in the first are 1, 0.8, 0.4 (ignored by no one:
     * background), 0.05 (too far) and 0.
     */
    private static final float[] REGIONS = {
        0, 0, 0, 10, 10, 0, 0, 0, 10, 8, 0, 0, 0, 10, 4, 0, 0, 0, 5, 1, 0, 20, 20, 30, 30, 1, 2, 2, 3, 3
    };

    @Test
    void regionsFarFromEveryObjectCountForNothing() {
        try (NDManager manager = PyTorch.newManager();
                Autograd.Scope off = Autograd.withoutGradients()) {
            NDArray regions = manager.create(REGIONS, new Shape(6, 5));
            List<BoxTargets> targets = List.of(
                    new BoxTargets(
                            manager.create(new float[] {0, 0, 10, 10}, new Shape(1, 4)),
                            manager.create(new long[] {1})),
                    new BoxTargets(manager.zeros(new Shape(0, 4)), manager.zeros(new Shape(0), DataType.INT64)));
            GivenRegionLoss loss = new GivenRegionLoss(new RegionLoss(.5, .5, 64, .25), .1);

            // with the object itself
            NDArray chosen = loss.choose(regions, targets);
            assertThat(chosen.getShape()).isEqualTo(new Shape(5, 5));
            assertThat(chosen.get(":, 4").toFloatArray()).containsExactlyInAnyOrder(10, 10, 8, 4, 3);
            assertThat(chosen.get(":, 0").toFloatArray()).containsExactly(0, 0, 0, 0, 1);

            // of three classes and the background, all alike: log 4 each; no codes, so that the second box is off by
            // 5 log(10 / 8) in its height and by 10 (5 - 4) / 8 in its middle
            NDArray logits = manager.zeros(new Shape(6, 4));
            NDArray codes = manager.zeros(new Shape(6, 16));
            Map<String, NDArray> terms = loss.apply(regions, logits, codes, targets);
            assertThat(terms.get("classification").getFloat()).isCloseTo((float) Math.log(4), Offset.offset(1e-5f));
            NDArray four = manager.create(
                    new float[] {0, 0, 0, 10, 10, 0, 0, 0, 10, 8, 0, 0, 0, 10, 4, 1, 2, 2, 3, 3}, new Shape(4, 5));
            float expected = loss.regions()
                    .apply(four, logits.get("0:4"), codes.get("0:4"), targets)
                    .get("bbox_regression")
                    .getFloat();
            assertThat(terms.get("bbox_regression").getFloat()).isCloseTo(expected, Offset.offset(1e-6f));
            double middle = 10 * (5 - 4) / 8.;
            double height = 5 * Math.log(10 / 8.);
            double beta = 1. / 9;
            assertThat(expected).isCloseTo((float) ((middle + height - beta) / 4), Offset.offset(1e-5f));
        }
    }

    @Test
    void withoutObjectsAllIsBackgroundAndWithoutRegionsNothingIs() {
        try (NDManager manager = PyTorch.newManager();
                Autograd.Scope off = Autograd.withoutGradients()) {
            List<BoxTargets> none = List.of(
                    new BoxTargets(manager.zeros(new Shape(0, 4)), manager.zeros(new Shape(0), DataType.INT64)));
            NDArray regions = manager.create(new float[] {0, 1, 1, 4, 4}, new Shape(1, 5));
            assertThat(new GivenRegionLoss().choose(regions, none)).isEqualTo(regions);
            NDArray empty = manager.zeros(new Shape(0, 5));
            assertThat(new GivenRegionLoss().choose(empty, none).getShape()).isEqualTo(new Shape(0, 5));
            new GivenRegionLoss()
                    .apply(empty, manager.zeros(new Shape(0, 4)), manager.zeros(new Shape(0, 16)), none)
                    .values()
                    .forEach(term -> assertThat(term.getFloat()).isZero());
        }
    }
}
