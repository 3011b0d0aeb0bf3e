package djinn.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import djinn.golden.Golden;
import djinn.ops.Suppression.BoxVoting;
import djinn.ops.Suppression.Kept;
import djinn.ops.Suppression.SoftNms;
import djinn.ops.Suppression.SoftNmsLinear;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * The rules on their own and within a selection.
 *
 * <p>{@code golden/suppression.json} was written by NumPy in double precision from the papers' formulas: 24 boxes of sides
 * 15 to 25 around five places (generator 7), scores k / 32 in random order, variances exp(randn); the thresholds are those
 * of the tests.
 */
class SuppressionTest {

    private static final JsonNode RECORD = Golden.read("suppression.json");
    private static final float[] BOXES = Golden.floats(RECORD.get("boxes"));
    private static final float[] SCORES = Golden.floats(RECORD.get("scores"));

    /* Of width 10: the second overlaps the first by 5 of 15, the third the first by 0 and the second by 5 of 15. */
    private static final float[] ROW = {0, 0, 10, 1, 5, 0, 15, 1, 10, 0, 20, 1};

    @Test
    void theRulesAreThePapers() {
        assertRecord("soft_nms", new SoftNms(.5).keep(BOXES, SCORES, Optional.empty(), .3, .1));
        assertRecord("soft_nms_linear", new SoftNmsLinear().keep(BOXES, SCORES, Optional.empty(), .3, .1));
        assertRecord("box_voting", new BoxVoting(.02).keep(BOXES, SCORES, Optional.empty(), .45, .1));
    }

    @Test
    void votesWithVariancesAreThePapers() {
        NonMaximumSuppression.Voted voted = NonMaximumSuppression.voting(
                BOXES, SCORES, Golden.floats(RECORD.get("variances")), new NonMaximumSuppression.Hard(.45), .1, .02);
        double[] wanted = Golden.doubles(RECORD.get("variance_voting").get("boxes"));
        assertThat(voted.boxes()).hasSize(wanted.length);
        for (int i = 0; i < wanted.length; i++) {
            assertThat(voted.boxes().get(i).doubleValue()).isCloseTo(wanted[i], within(1e-4));
        }
    }

    private static void assertRecord(String name, List<Kept> kept) {
        JsonNode record = RECORD.get(name);
        assertThat(kept.stream().mapToDouble(Kept::index).toArray())
                .as(name)
                .containsExactly(Golden.doubles(record.get("keep")));
        double[] scores = Golden.doubles(record.get("scores"));
        double[] boxes = Golden.doubles(record.get("boxes"));
        for (int i = 0; i < scores.length; i++) {
            Kept one = kept.get(i);
            assertThat((double) one.score()).as(name).isCloseTo(scores[i], within(1e-6));
            float[] corners = {one.x1(), one.y1(), one.x2(), one.y2()};
            for (int c = 0; c < 4; c++) {
                assertThat((double) corners[c]).as(name).isCloseTo(boxes[4 * i + c], within(1e-4));
            }
        }
    }

    @Test
    void aSelectionDecaysScoresWithinAClassAndOrdersAllAnew() {
        // of class 0 the first two overlap by 1/3: .6 falls to .6 (1 - 1/3) = .4 and comes behind class 1's .5
        float[] scores = {.9f, 0, .6f, 0, 0, .5f};
        BoxSelection rule = new BoxSelection(.1, 100, .3, 100).withSuppression(new SoftNmsLinear());
        List<SelectedBox> found = rule.select(ROW, scores, 2);
        assertThat(found).extracting(SelectedBox::label).containsExactly(0, 1, 0);
        assertThat(found.get(2).score()).isCloseTo(.4f, within(1e-6f));
        assertThat(rule.withScoreThreshold(.45).select(ROW, scores, 2)).hasSize(2);
        assertThat(rule.withMost(1).select(ROW, scores, 2)).hasSize(1);
        // exp(-1/9 / .5) of .6
        assertThat(rule.withSuppression(new SoftNms(.5)).select(ROW, scores, 2).get(1))
                .isEqualTo(new SelectedBox(1, .5f, 10, 0, 20, 1));
        assertThat(rule.withSuppression(new SoftNms(.5))
                        .select(ROW, scores, 2)
                        .get(2)
                        .score())
                .isCloseTo((float) (.6 * Math.exp(-1 / 4.5)), within(1e-6f));
    }

    @Test
    void aSelectionMovesBoxesByThoseOfTheirClassAlone() {
        float[] scores = {.9f, 0, .6f, 0, 0, .5f};
        BoxSelection rule = new BoxSelection(.1, 100, .3, 100).withSuppression(new BoxVoting(.5));
        double p = Math.exp(-4 / 9. / .5);
        assertThat(rule.select(ROW, scores, 2))
                .containsExactly(
                        new SelectedBox(0, .9f, (float) (5 * p / (1 + p)), 0, (float) ((10 + 15 * p) / (1 + p)), 1),
                        new SelectedBox(1, .5f, 10, 0, 20, 1));
    }

    /** Where the second is a hundred times surer of its left side, the first takes nearly that side. */
    @Test
    void aSelectionVotesWithVariancesThatAreKnown() {
        float[] scores = {.9f, 0, .6f, 0, 0, .5f};
        float[] variances = {1, 1, 1, 1, .01f, 1, 1, 1, 1, 1, 1, 1};
        BoxSelection rule = new BoxSelection(.1, 100, .3, 100).withSuppression(new BoxVoting(.5));
        double p = Math.exp(-4 / 9. / .5);
        assertThat(rule.select(ROW, scores, Optional.of(variances), 2).get(0).x1())
                .isCloseTo((float) (5 * 100 * p / (1 + 100 * p)), within(1e-5f));
        assertThat(rule.withSuppression(Suppression.NMS).select(ROW, scores, Optional.of(variances), 2))
                .isEqualTo(rule.withSuppression(Suppression.NMS).select(ROW, scores, 2));
        assertThatThrownBy(() -> rule.select(ROW, scores, Optional.of(new float[4]), 2))
                .hasMessageContaining("variance");
    }

    @Test
    void noneTellsAllByFallingScore() {
        float[] scores = {.5f, 0, .9f, 0, 0, .5f};
        assertThat(new BoxSelection(.1, 100, .3, 100)
                        .withSuppression(new Suppression.None())
                        .select(ROW, scores, 2))
                .containsExactly(
                        new SelectedBox(0, .9f, 5, 0, 15, 1),
                        new SelectedBox(0, .5f, 0, 0, 10, 1),
                        new SelectedBox(1, .5f, 10, 0, 20, 1));
    }

    @Test
    void wordsAreReadAsTheyAreWritten() {
        for (Suppression rule : List.of(
                Suppression.NMS,
                new Suppression.None(),
                new SoftNms(.5),
                new SoftNms(.3),
                new SoftNmsLinear(),
                new BoxVoting(.02),
                new BoxVoting(1e-3))) {
            assertThat(Suppression.of(rule.text())).isEqualTo(rule);
        }
        assertThat(Suppression.of("soft_nms")).isEqualTo(new SoftNms(.5));
        assertThat(Suppression.of("soft_nms=0.3")).isEqualTo(new SoftNms(.3));
        assertThat(Suppression.of("box_voting=.05")).isEqualTo(new BoxVoting(.05));
        for (String wrong : List.of("soft_nms=0", "soft_nms=x", "nms=1", "soft_nms_linear=.3", "softnms", "", "=1")) {
            assertThatThrownBy(() -> Suppression.of(wrong)).as(wrong).isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> Suppression.of("soft_nmss")).hasMessageContaining("did you mean 'soft_nms'?");
        assertThatThrownBy(() -> new SoftNms(-1)).hasMessageContaining("sigma");
    }
}
