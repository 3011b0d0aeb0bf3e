package djinn.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import djinn.golden.Golden;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * Arithmetic, and {@code golden/suppression.json}, written by NumPy in double precision from the paper's steps: three lists
 * of eight boxes near three places, of two classes.
 */
class WeightedBoxesFusionTest {

    @Test
    void twoModelsOfOneMindMakeTheMeanByScore() {
        List<SelectedBox> one = List.of(new SelectedBox(3, .6f, 0, 0, 10, 10));
        List<SelectedBox> two = List.of(new SelectedBox(3, .3f, 1, 0, 11, 10));
        SelectedBox fused = WeightedBoxesFusion.USUAL.fuse(List.of(one, two)).get(0);
        assertThat(fused.label()).isEqualTo(3);
        assertThat(fused.score()).isCloseTo(.45f, within(1e-6f));
        assertThat(fused.x1()).isCloseTo(1 / 3f, within(1e-6f));
        assertThat(fused.x2()).isCloseTo(10 + 1 / 3f, within(1e-5f));
        // the second counts twice: 1 - .6 / (.6 + .6), and (.6 + .6) / 2 * 2 / 3
        fused = WeightedBoxesFusion.USUAL
                .fuse(List.of(one, two), List.of(1., 2.))
                .get(0);
        assertThat(fused.x1()).isCloseTo(.5f, within(1e-6f));
        assertThat(fused.score()).isCloseTo(.4f, within(1e-6f));
    }

    @Test
    void whatOneOfTwoHasIsHalfAsSure() {
        List<SelectedBox> one = List.of(new SelectedBox(0, .6f, 0, 0, 10, 10));
        List<SelectedBox> other = List.of(new SelectedBox(1, .8f, 0, 0, 10, 10), new SelectedBox(0, .2f, 5, 0, 15, 10));
        assertThat(WeightedBoxesFusion.USUAL.fuse(List.of(one, other)))
                .containsExactly(
                        new SelectedBox(1, .4f, 0, 0, 10, 10),
                        new SelectedBox(0, .3f, 0, 0, 10, 10),
                        new SelectedBox(0, .1f, 5, 0, 15, 10));
        assertThat(new WeightedBoxesFusion(.3, .3).fuse(List.of(one, other))).hasSize(2);
        assertThat(new WeightedBoxesFusion(.3, 0).fuse(List.of(one, other))).hasSize(2);
        assertThat(WeightedBoxesFusion.USUAL.fuse(List.of())).isEmpty();
        assertThat(WeightedBoxesFusion.USUAL.fuse(List.of(List.of(), List.of())))
                .isEmpty();
    }

    @Test
    void boxesWithoutAScoreHaveFiniteCorners() {
        SelectedBox none = new SelectedBox(0, 0, 1, 2, 3, 4);
        assertThat(WeightedBoxesFusion.USUAL.fuse(List.of(List.of(none), List.of(none))))
                .containsExactly(none);
    }

    @Test
    void theStepsAreThePapers() {
        JsonNode record = Golden.read("suppression.json").get("fusion");
        List<List<SelectedBox>> lists = new ArrayList<>();
        record.get("lists").forEach(list -> lists.add(boxes(list)));
        List<Double> weights = new ArrayList<>();
        record.get("weights").forEach(weight -> weights.add(weight.asDouble()));
        List<SelectedBox> fused = new WeightedBoxesFusion(.55, .05).fuse(lists, weights);
        List<SelectedBox> wanted = boxes(record.get("fused"));
        assertThat(fused).hasSameSizeAs(wanted);
        for (int i = 0; i < wanted.size(); i++) {
            assertThat(fused.get(i).label()).isEqualTo(wanted.get(i).label());
            assertThat(fused.get(i).score()).isCloseTo(wanted.get(i).score(), within(1e-6f));
            assertThat(fused.get(i).x1()).isCloseTo(wanted.get(i).x1(), within(1e-4f));
            assertThat(fused.get(i).y1()).isCloseTo(wanted.get(i).y1(), within(1e-4f));
            assertThat(fused.get(i).x2()).isCloseTo(wanted.get(i).x2(), within(1e-4f));
            assertThat(fused.get(i).y2()).isCloseTo(wanted.get(i).y2(), within(1e-4f));
        }
    }

    private static List<SelectedBox> boxes(JsonNode list) {
        float[] corners = Golden.floats(list.get("boxes"));
        float[] scores = Golden.floats(list.get("scores"));
        List<SelectedBox> boxes = new ArrayList<>();
        for (int i = 0; i < scores.length; i++) {
            boxes.add(new SelectedBox(
                    list.get("labels").get(i).asInt(),
                    scores[i],
                    corners[4 * i],
                    corners[4 * i + 1],
                    corners[4 * i + 2],
                    corners[4 * i + 3]));
        }
        return boxes;
    }

    @Test
    void eachListHasAWeight() {
        assertThatThrownBy(() -> WeightedBoxesFusion.USUAL.fuse(List.of(List.of()), List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("weight above 0 for each of the 1 lists");
        assertThatThrownBy(() -> WeightedBoxesFusion.USUAL.fuse(List.of(List.of()), List.of(0.)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new WeightedBoxesFusion(2, 0)).isInstanceOf(IllegalArgumentException.class);
    }
}
