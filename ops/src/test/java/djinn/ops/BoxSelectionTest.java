package djinn.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class BoxSelectionTest {

    private static final float[] BOXES = {0, 0, 10, 10, 0, 0, 10, 9, 20, 20, 30, 30};

    @Test
    void suppressesWithinAClassAlone() {
        // the first two overlap by 0.9: of class 0 the better stays, of class 1 only the second is above the threshold
        float[] scores = {.9f, .1f, .8f, .7f, .6f, .2f};
        assertThat(new BoxSelection(.5, 100, .5, 100).select(BOXES, scores, 2))
                .containsExactly(
                        new SelectedBox(0, .9f, 0, 0, 10, 10),
                        new SelectedBox(1, .7f, 0, 0, 10, 9),
                        new SelectedBox(0, .6f, 20, 20, 30, 30));
    }

    @Test
    void acrossClassesABoxCountsOnceAndMeetsAll() {
        // of the first two the better stays, whatever their classes; the third is of its best class alone
        float[] scores = {.9f, .1f, .2f, .7f, .6f, .65f};
        BoxSelection rule = new BoxSelection(.5, 100, .5, 100, false, true, List.of());
        assertThat(rule.select(BOXES, scores, 2))
                .containsExactly(new SelectedBox(0, .9f, 0, 0, 10, 10), new SelectedBox(1, .65f, 20, 20, 30, 30));
        assertThat(rule.withIouThreshold(.95).withMost(2).select(BOXES, scores, 2))
                .containsExactly(new SelectedBox(0, .9f, 0, 0, 10, 10), new SelectedBox(1, .7f, 0, 0, 10, 9));
    }

    @Test
    void candidatesAreCountedBeforeSuppressionAndTheMostBehindIt() {
        float[] scores = {.9f, .8f, .7f};
        assertThat(new BoxSelection(.5, 2, .5, 100).select(BOXES, scores, 1)).hasSize(1);
        assertThat(new BoxSelection(.5, 3, .5, 100).select(BOXES, scores, 1)).hasSize(2);
        assertThat(new BoxSelection(.5, 3, .5, 1).select(BOXES, scores, 1))
                .containsExactly(new SelectedBox(0, .9f, 0, 0, 10, 10));
    }

    @Test
    void candidatesAreCountedForEachLevelOrClass() {
        // the best of all overlaps the second, but of two levels each has its best
        float[] scores = {.9f, .8f, .7f};
        BoxSelection one = new BoxSelection(.5, 1, .95, 100);
        assertThat(one.select(BOXES, scores, 1)).extracting(SelectedBox::score).containsExactly(.9f);
        assertThat(one.withLevels(List.of(1, 2)).select(BOXES, scores, 1))
                .extracting(SelectedBox::score)
                .containsExactly(.9f, .8f);
        assertThat(one.withLevels(List.of(2, 1)).withScoreThreshold(.6).select(BOXES, scores, 1))
                .extracting(SelectedBox::score)
                .containsExactly(.9f, .7f);
        float[] ofTwo = {.9f, .1f, .8f, .7f, .6f, .2f};
        assertThat(new BoxSelection(.5, 1, .95, 100, true).select(BOXES, ofTwo, 2))
                .extracting(SelectedBox::label)
                .containsExactly(0, 1);
    }

    @Test
    void anImageOfOtherLevelsIsRefused() {
        BoxSelection two = new BoxSelection(.5, 2, .5, 100).withLevels(List.of(1, 1));
        assertThatThrownBy(() -> two.select(BOXES, new float[3], 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected boxes (2, 4)")
                .hasMessageContaining("[1, 1]");
    }

    @Test
    void nothingAboveTheThresholdIsNothing() {
        assertThat(new BoxSelection(.5, 2, .5, 100).select(BOXES, new float[3], 1))
                .isEmpty();
        assertThat(new BoxSelection(.5, 2, .5, 100).select(new float[0], new float[0], 1))
                .isEmpty();
    }

    @Test
    void otherLengthsAreRefused() {
        assertThatThrownBy(() -> new BoxSelection(.5, 2, .5, 100).select(BOXES, new float[4], 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("12 and 4 values");
    }
}
