package djinn.losses.detection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import djinn.golden.Golden;
import djinn.ops.Autograd;
import djinn.ops.PyTorch;
import djinn.ops.Randomness;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * What detectors of two stages are trained with: terms and gradients of torchvision's {@code
 * RegionProposalNetwork.compute_loss} and {@code fastrcnn_loss}, and the choice of regions.
 *
 * <p>{@code golden/two_stage_losses.json} was written with torchvision on the CPU: seed 0, three images of 64x64 of which
 * the second is empty, K = 3, 10,000 samples of an image, so that all count. Anchors are those of {@code AnchorGenerator}
 * with sizes (12, 20) and (32, 48) and ratios .5, 1, 2 on maps of 4x4 and 2x2; proposals are four near each object and
 * twelve elsewhere; heads by {@code randn}.
 */
class TwoStageLossesTest {

    private static final int ALL = 10_000;

    private static final JsonNode RECORD = Golden.read("two_stage_losses.json");

    private static NDArray head(NDManager manager, JsonNode of, String name) {
        NDArray head = Golden.array(manager, of.get(name));
        head.setRequiresGradient(true);
        return head;
    }

    private static void assertTerms(Map<String, NDArray> terms, JsonNode record, NDArray... heads) {
        assertThat(terms.keySet())
                .containsExactlyInAnyOrderElementsOf(record.get("terms").propertyNames());
        terms.forEach((term, value) -> Golden.assertClose(
                term,
                new float[] {value.getFloat()},
                new double[] {record.get("terms").get(term).asDouble()},
                1e-5,
                1e-6));
        Autograd.backward(terms.values().stream().reduce(NDArray::add).orElseThrow());
        for (int i = 0; i < heads.length; i++) {
            Golden.assertClose(
                    "gradient " + i,
                    heads[i].getGradient(),
                    record.get("gradients").get(i));
        }
    }

    @Test
    void proposals() {
        try (NDManager manager = PyTorch.newManager();
                Autograd.Scope on = Autograd.withGradients()) {
            JsonNode record = RECORD.get("proposals");
            NDArray objectness = head(manager, record, "objectness");
            NDArray codes = head(manager, record, "codes");
            NDArray anchors = Golden.array(manager, RECORD.get("anchors"));
            Map<String, NDArray> terms = new RegionProposalLoss(.7, .3, ALL, .5)
                    .apply(objectness, codes, anchors, RecordedTargets.ofImages(manager, RECORD));
            assertTerms(terms, record, objectness, codes);
        }
    }

    @Test
    void regions() {
        try (NDManager manager = PyTorch.newManager();
                Autograd.Scope on = Autograd.withGradients()) {
            JsonNode record = RECORD.get("regions");
            RegionLoss loss = new RegionLoss(.5, .5, ALL, .25);
            NDArray regions = Golden.array(manager, record.get("chosen"));
            NDArray logits = head(manager, record, "logits");
            NDArray codes = head(manager, record, "codes");
            assertTerms(
                    loss.apply(regions, logits, codes, RecordedTargets.ofImages(manager, RECORD)),
                    record,
                    logits,
                    codes);

            NDArray chosen = loss.choose(
                    Golden.array(manager, record.get("proposed")), RecordedTargets.ofImages(manager, RECORD));
            assertThat(rows(chosen)).containsExactlyInAnyOrderElementsOf(rows(regions));
        }
    }

    private static List<List<Float>> rows(NDArray regions) {
        List<List<Float>> rows = new ArrayList<>();
        float[] values = regions.toFloatArray();
        for (int i = 0; i < values.length; i += 5) {
            rows.add(List.of(values[i], values[i + 1], values[i + 2], values[i + 3], values[i + 4]));
        }
        return rows;
    }

    /** Of 30 with an object and 100 without, 20: at most 5 with one; of few with an object all, and background instead. */
    @Test
    void samplesAreBalancedAndFollowTheSeed() {
        long[] matched = new long[150];
        Arrays.fill(matched, 0, 30, 2);
        Arrays.fill(matched, 30, 130, Matcher.BACKGROUND);
        Arrays.fill(matched, 130, 150, Matcher.IGNORED);
        try (NDManager manager = PyTorch.newManager()) {
            BalancedSampler sampler = new BalancedSampler(20, .25);
            Randomness.seed(1);
            long[] first = sampler.sample(manager.create(matched)).toLongArray();
            long[] second = sampler.sample(manager.create(matched)).toLongArray();
            Randomness.seed(1);
            assertThat(sampler.sample(manager.create(matched)).toLongArray())
                    .containsExactly(first)
                    .isNotEqualTo(second);
            assertThat(first).hasSize(20).doesNotHaveDuplicates();
            assertThat(LongStream.of(first).filter(row -> row < 30)).hasSize(5);
            assertThat(LongStream.of(first).filter(row -> row >= 30 && row < 130))
                    .hasSize(15);

            long[] few = {0, Matcher.BACKGROUND, Matcher.IGNORED, Matcher.BACKGROUND, 1};
            assertThat(new BalancedSampler(20, .25).sample(manager.create(few)).toLongArray())
                    .containsExactlyInAnyOrder(0, 4, 1, 3);
            assertThat(new BalancedSampler(3, .5).sample(manager.create(few)).toLongArray())
                    .hasSize(3)
                    .contains(1, 3);
        }
    }

    @Test
    void whatWasChosenCountsInWholeAndMoreIsChosenAgain() {
        try (NDManager manager = PyTorch.newManager();
                Autograd.Scope on = Autograd.withGradients()) {
            RegionLoss loss = new RegionLoss(.5, .5, 8, .25);
            NDArray proposed = Golden.array(manager, RECORD.get("regions").get("proposed"));
            List<BoxTargets> targets = RecordedTargets.ofImages(manager, RECORD);
            NDArray chosen = loss.choose(proposed, targets);
            assertThat(chosen.getShape()).isEqualTo(new Shape(24, 5));
            for (NDArray regions : List.of(chosen, proposed)) {
                NDArray logits = manager.zeros(new Shape(regions.getShape().get(0), 4));
                logits.setRequiresGradient(true);
                NDArray codes = manager.zeros(new Shape(regions.getShape().get(0), 16));
                Autograd.backward(loss.apply(regions, logits, codes, targets).get("classification"));
                // each that counts moves its logits
                float[] moved = logits.getGradient().abs().sum(new int[] {1}).toFloatArray();
                int counted = 0;
                for (float row : moved) {
                    counted += row > 0 ? 1 : 0;
                }
                assertThat(counted).isEqualTo(24);
            }
        }
    }

    @Test
    void nothingToLearnFromIsZeroAndObjectsWithoutAreaAreFinite() {
        try (NDManager manager = PyTorch.newManager();
                Autograd.Scope on = Autograd.withGradients()) {
            NDArray none = manager.zeros(new Shape(0, 5));
            BoxTargets empty =
                    new BoxTargets(manager.zeros(new Shape(0, 4)), manager.zeros(new Shape(0), DataType.INT64));
            BoxTargets flat = new BoxTargets(
                    manager.create(new float[] {5, 5, 5, 5, -20, -20, 90, 90}, new Shape(2, 4)),
                    manager.create(new long[] {0, 2}));
            RegionLoss loss = new RegionLoss();
            assertThat(loss.choose(none, List.of(empty)).getShape()).isEqualTo(new Shape(0, 5));
            for (BoxTargets target : List.of(empty, flat)) {
                for (NDArray regions : List.of(none, loss.choose(none, List.of(target)))) {
                    NDArray logits = manager.ones(new Shape(regions.getShape().get(0), 4));
                    NDArray codes = manager.ones(new Shape(regions.getShape().get(0), 16));
                    loss.apply(regions, logits, codes, List.of(target))
                            .forEach((term, value) ->
                                    assertThat(value.getFloat()).as(term).isFinite());
                }
                NDArray anchors = Golden.array(manager, RECORD.get("anchors"));
                long count = anchors.getShape().get(0);
                new RegionProposalLoss()
                        .apply(
                                manager.ones(new Shape(1, count, 1)),
                                manager.ones(new Shape(1, count, 4)),
                                anchors,
                                List.of(target))
                        .forEach((term, value) ->
                                assertThat(value.getFloat()).as(term).isFinite());
            }
            assertThatThrownBy(() -> loss.apply(
                            none, manager.zeros(new Shape(0, 4)), manager.zeros(new Shape(0, 4)), List.of(empty)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("(0, 4)");
        }
    }
}
