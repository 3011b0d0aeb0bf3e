package djinn.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import djinn.golden.Golden;
import djinn.ops.NonMaximumSuppression.Decay;
import djinn.ops.NonMaximumSuppression.Gaussian;
import djinn.ops.NonMaximumSuppression.Hard;
import djinn.ops.NonMaximumSuppression.Linear;
import djinn.ops.NonMaximumSuppression.Rescored;
import djinn.ops.NonMaximumSuppression.Voted;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class NonMaximumSuppressionTest {

    private static final JsonNode RECORD = Golden.read("boxes.json");
    private static final float[] BOXES = Golden.floats(RECORD.get("boxes"));
    private static final float[] SCORES = Golden.floats(RECORD.get("scores"));

    /* Of width 10: the second overlaps the first by 5 of 15, the third the first by 0 and the second by 5 of 15. */
    private static final float[] ROW = {0, 0, 10, 1, 5, 0, 15, 1, 10, 0, 20, 1};

    @Test
    void hardSuppressionIsTorchvisions() {
        assertThat(NonMaximumSuppression.nms(BOXES, SCORES, .5)).containsExactly(ints(RECORD.get("nms_05")));
        assertThat(NonMaximumSuppression.nms(BOXES, SCORES, .3)).containsExactly(ints(RECORD.get("nms_03")));
        assertThat(NonMaximumSuppression.batched(BOXES, SCORES, ints(RECORD.get("labels")), .5))
                .containsExactly(ints(RECORD.get("batched_nms_05")));
    }

    @Test
    void softSuppressionIsTheReferences() {
        JsonNode gaussian = RECORD.get("soft_nms_gaussian");
        assertSoft(gaussian, new Gaussian(gaussian.get("sigma").asDouble()));
        JsonNode linear = RECORD.get("soft_nms_linear");
        assertSoft(linear, new Linear(linear.get("iou_threshold").asDouble()));
    }

    @Test
    void anOverlapEqualToTheThresholdStays() {
        float[] scores = {3, 2, 1};
        float[] halves = {0, 0, 4, 1, 0, 0, 2, 1};
        assertThat(NonMaximumSuppression.nms(halves, new float[] {1, 2}, .5)).containsExactly(1, 0);
        assertThat(NonMaximumSuppression.nms(halves, new float[] {1, 2}, .49)).containsExactly(1);
        assertThat(NonMaximumSuppression.nms(ROW, scores, .3)).containsExactly(0, 2);
        assertThat(NonMaximumSuppression.nms(ROW, scores, .4)).containsExactly(0, 1, 2);
        assertThat(NonMaximumSuppression.nms(ROW, new float[] {1, 3, 2}, .3)).containsExactly(1);
    }

    /**
     * Overlaps in single precision, ((a + b) - shared) below the shared area, at the thresholds that they equal: these pairs
     * are above them as numbers of double precision that are rounded at the end, or below, but as torchvision and ONNX
     * Runtime compute them they are not.
     */
    @Test
    void overlapsAreThoseOfSinglePrecision() {
        Random random = new Random(11);
        int apart = 0;
        for (int pair = 0; pair < 2000; pair++) {
            float[] two = new float[8];
            for (int i = 0; i < 8; i += 4) {
                two[i] = random.nextFloat() * 10;
                two[i + 1] = random.nextFloat() * 10;
                two[i + 2] = two[i] + 20 + random.nextFloat() * 10;
                two[i + 3] = two[i + 1] + 20 + random.nextFloat() * 10;
            }
            float width = Math.min(two[2], two[6]) - Math.max(two[0], two[4]);
            float height = Math.min(two[3], two[7]) - Math.max(two[1], two[5]);
            float shared = width * height;
            float areas = (two[2] - two[0]) * (two[3] - two[1]) + (two[6] - two[4]) * (two[7] - two[5]);
            float overlap = shared / (areas - shared);
            apart += overlap == (float) Boxes.iou(two, 0, two, 1) ? 0 : 1;
            float[] scores = {1, 2};
            assertThat(NonMaximumSuppression.nms(two, scores, overlap)).containsExactly(1, 0);
            assertThat(NonMaximumSuppression.nms(two, scores, Math.nextDown((double) overlap)))
                    .containsExactly(1);
        }
        assertThat(apart).isPositive();
    }

    @Test
    void manyBoxesAreThoseOfTheRuleInWords() {
        Random random = new Random(12);
        int n = 400;
        float[] boxes = new float[4 * n];
        float[] scores = new float[n];
        int[] classes = new int[n];
        for (int i = 0; i < n; i++) {
            for (int side = 0; side < 2; side++) {
                boxes[4 * i + side] = random.nextInt(60) - 30;
                // some without area, and one that is wider than all
                boxes[4 * i + side + 2] = boxes[4 * i + side] + (i == 7 ? 100 : random.nextInt(12));
            }
            scores[i] = (random.nextInt(100) - 50) / 50f;
            classes[i] = random.nextInt(2);
        }
        for (double threshold : new double[] {0, .1, .5, 1}) {
            List<Integer> kept = new ArrayList<>();
            IntStream.range(0, n)
                    .boxed()
                    .sorted(Comparator.comparingDouble(i -> -(scores[i] + 0.0)))
                    .filter(i -> kept.stream()
                            .noneMatch(
                                    k -> classes[k] == classes[i] && (float) Boxes.iou(boxes, k, boxes, i) > threshold))
                    .forEach(kept::add);
            assertThat(NonMaximumSuppression.batched(boxes, scores, classes, threshold))
                    .containsExactly(kept.stream().mapToInt(i -> i).toArray());
        }
    }

    @Test
    void ofEqualScoresTheEarlierBoxWins() {
        float[] same = {0, 0, 1, 1, 0, 0, 1, 1, 5, 5, 6, 6};
        assertThat(NonMaximumSuppression.nms(same, new float[] {.5f, .5f, .5f}, .5))
                .containsExactly(0, 2);
        assertThat(NonMaximumSuppression.nms(same, new float[] {-0f, 0f, 1}, .5))
                .containsExactly(2, 0);
        assertThat(NonMaximumSuppression.batched(same, new float[] {1, 1, 1}, new int[] {7, -1, 7}, .5))
                .containsExactly(0, 1, 2);
        Rescored soft = NonMaximumSuppression.soft(same, new float[] {.5f, .5f, .5f}, new Linear(.3), 0);
        assertThat(soft.indices()).containsExactly(0, 2);
    }

    @Test
    void hardDecayIsHardSuppression() {
        for (double threshold : new double[] {.1, .3, .5, .9}) {
            int[] hard = NonMaximumSuppression.nms(BOXES, SCORES, threshold);
            Rescored soft = NonMaximumSuppression.soft(BOXES, SCORES, new Hard(threshold), 0);
            assertThat(soft.indices())
                    .containsExactlyElementsOf(Arrays.stream(hard).boxed().toList());
            assertThat(soft.scores())
                    .containsExactlyElementsOf(
                            Arrays.stream(hard).mapToObj(i -> SCORES[i]).toList());
        }
    }

    @Test
    void scoresBelowTheThresholdAreDroppedWhereverTheyFall() {
        // The second falls from .6 to .4 by the first, which lets the third pass it; then to .4 by the third's 1/3.
        Rescored soft = NonMaximumSuppression.soft(ROW, new float[] {.9f, .6f, .5f}, new Linear(.3), .1);
        assertThat(soft.indices()).containsExactly(0, 2, 1);
        assertThat(soft.scores().get(2)).isEqualTo((float) (.6f * (2 / 3.) * (2 / 3.)));
        assertThat(NonMaximumSuppression.soft(ROW, new float[] {.9f, .6f, .5f}, new Linear(.3), .3)
                        .indices())
                .containsExactly(0, 2);
        assertThat(NonMaximumSuppression.soft(ROW, new float[] {.9f, .6f, .5f}, new Linear(.3), .95)
                        .indices())
                .isEmpty();
    }

    @Test
    void votesWeighNearnessAndCertainty() {
        float[] variances = {1, 1, 1, 1, 4, 1, .25f, 1, 1, 1, 1, 1};
        Voted voted = NonMaximumSuppression.voting(ROW, new float[] {.9f, .6f, .1f}, variances, new Hard(.3), .5, .5);
        assertThat(voted.indices()).containsExactly(0);
        assertThat(voted.scores()).containsExactly(.9f);
        // The second votes with p = exp(-(1 - 1/3)^2 / .5), over the variances 4 of x1 and 1/4 of x2; the third, which
        // does not touch the first, has no vote.
        double p = Math.exp(-4 / 9. / .5);
        double x1 = p / 4 * 5 / (1 + p / 4);
        double x2 = (10 + 4 * p * 15) / (1 + 4 * p);
        assertThat(voted.boxes()).containsExactly((float) x1, 0f, (float) x2, 1f);
    }

    @Test
    void aBoxWithoutNeighboursIsNotMovedByVotes() {
        float[] boxes = {3, 3, 3, 3, 10, 10, 20, 20};
        float[] variances = new float[8];
        Arrays.fill(variances, .5f);
        Voted voted = NonMaximumSuppression.voting(boxes, new float[] {.2f, .8f}, variances, new Gaussian(.5), 0, .02);
        assertThat(voted.indices()).containsExactly(1, 0);
        assertThat(voted.boxes()).isEqualTo(List.of(10f, 10f, 20f, 20f, 3f, 3f, 3f, 3f));
    }

    @Test
    void whatCannotBeComparedIsRefused() {
        float[] scores = {1, 2, 3};
        float[] ones = new float[12];
        Arrays.fill(ones, 1);
        assertThat(NonMaximumSuppression.nms(new float[0], new float[0], .5)).isEmpty();
        assertThatThrownBy(() -> NonMaximumSuppression.nms(ROW, new float[2], .5))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("got 3 boxes and 2 scores");
        assertThatThrownBy(() -> NonMaximumSuppression.batched(ROW, scores, new int[2], .5))
                .hasMessageContaining("3 boxes and 2 classes");
        assertThatThrownBy(() -> NonMaximumSuppression.nms(ROW, new float[] {1, Float.NaN, 1}, .5))
                .hasMessageContaining("NaN for box 1");
        assertThatThrownBy(() -> NonMaximumSuppression.nms(new float[] {2, 0, 1, 1}, new float[1], .5))
                .hasMessageContaining("x1 <= x2");
        assertThatThrownBy(() -> NonMaximumSuppression.nms(ROW, scores, 50)).hasMessageContaining("[0, 1], got 50");
        assertThatThrownBy(() -> new Linear(Double.NaN)).hasMessageContaining("iou_threshold");
        assertThatThrownBy(() -> new Gaussian(0)).hasMessageContaining("sigma");
        assertThatThrownBy(() -> NonMaximumSuppression.soft(ROW, new float[] {1, -2, 1}, new Hard(.5), 0))
                .hasMessageContaining("-2.0 for box 1");
        assertThatThrownBy(() -> NonMaximumSuppression.soft(ROW, scores, new Hard(.5), -1))
                .hasMessageContaining("score_threshold");
        assertThatThrownBy(() -> NonMaximumSuppression.voting(ROW, scores, new float[3], new Hard(.5), 0, 1))
                .hasMessageContaining("12 values of boxes and 3 variances");
        assertThatThrownBy(() -> NonMaximumSuppression.voting(ROW, scores, new float[12], new Hard(.5), 0, 1))
                .hasMessageContaining("variances above 0, got 0.0 for box 0");
        assertThatThrownBy(() -> NonMaximumSuppression.voting(ROW, scores, ones, new Hard(.5), 0, 0))
                .hasMessageContaining("voting_sigma");
    }

    private static void assertSoft(JsonNode record, Decay decay) {
        Rescored soft = NonMaximumSuppression.soft(
                BOXES, SCORES, decay, record.get("score_threshold").asDouble());
        assertThat(soft.indices().stream().mapToInt(i -> i)).containsExactly(boxed(ints(record.get("keep"))));
        float[] scores = new float[soft.scores().size()];
        for (int i = 0; i < scores.length; i++) {
            scores[i] = soft.scores().get(i);
        }
        Golden.assertClose("scores", scores, Golden.doubles(record.get("scores")), 1e-6, 0);
    }

    private static Integer[] boxed(int[] values) {
        return Arrays.stream(values).boxed().toArray(Integer[]::new);
    }

    private static int[] ints(JsonNode list) {
        return Arrays.stream(Golden.doubles(list))
                .mapToInt(value -> (int) value)
                .toArray();
    }
}
