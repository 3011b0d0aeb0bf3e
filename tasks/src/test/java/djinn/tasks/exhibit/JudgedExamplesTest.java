package djinn.tasks.exhibit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import djinn.metrics.ConfusionMatrix;
import djinn.ops.NotFiniteException;
import djinn.training.exhibit.Exhibit;
import djinn.training.exhibit.Matrix;
import djinn.training.exhibit.Table;
import djinn.training.exhibit.Verdict;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class JudgedExamplesTest {

    private static float logit(double odds) {
        return (float) Math.log(odds);
    }

    @Test
    void theSurestOfAWrongClassIsTheWorst() {
        int[] labels = {0, 1, 1, 0, 0};
        JudgedExamples judged = new JudgedExamples(List.of("cat", "dog"), labels, "images", 2);
        // probabilities of dog: 3/4, 1/5, 9/10, 19/20, 1/2
        judged.add(List.of(0, 1), new int[] {0, 1}, new float[] {0, logit(3), 0, logit(1. / 4)});
        judged.add(List.of(2, 3, 4), new int[] {1, 0, 0}, new float[] {0, logit(9), 0, logit(19), 0, 0});
        assertThat(judged.worst().stream().map(JudgedExamples.Judged::place)).containsExactly(3, 1);
        assertThat(judged.worst().stream().map(JudgedExamples.Judged::caption))
                .containsExactly("cat, taken for dog (0.950)", "dog, taken for cat (0.800)");
        assertThat(judged.drawn()).hasSize(2).allSatisfy(one -> {
            boolean isWrong = List.of(0, 1, 3).contains(one.place());
            assertThat(one.verdict()).isEqualTo(isWrong ? Verdict.WRONG : Verdict.RIGHT);
            assertThat(one.label()).isEqualTo(labels[one.place()]);
            assertThat(one.caption()).startsWith(labels[one.place()] == 0 ? "cat" : "dog");
        });
        assertThat(judged.curves()).hasSize(3);
    }

    @Test
    void aSingleClassHasNoCurves() {
        JudgedExamples judged = new JudgedExamples(List.of("cat"), new int[] {0}, "images", 2);
        judged.add(List.of(0), new int[] {0}, new float[] {3});
        assertThat(judged.curves()).isEmpty();
        assertThat(judged.drawn().get(0).caption()).isEqualTo("cat (1.000)");
    }

    @Test
    void logitsThatAreNoNumbersAreRefused() {
        JudgedExamples judged = new JudgedExamples(List.of("cat", "dog"), new int[] {0}, "images", 2);
        assertThatThrownBy(() -> judged.add(List.of(0), new int[] {0}, new float[] {Float.NaN, 0}))
                .isInstanceOf(NotFiniteException.class);
    }

    @Test
    void confusionsAreCounted() {
        ConfusionMatrix matrix = new ConfusionMatrix(3);
        matrix.add(new int[] {0, 1, 1, 2, 2, 2, 0}, new int[] {0, 0, 0, 2, 1, 0, 1});
        List<Exhibit> exhibits = Confusions.of(matrix, List.of("a", "b", "c"), "Confusion", "counts");
        assertThat(((Matrix) exhibits.get(0)).counts())
                .containsExactly(List.of(1L, 2L, 1L), List.of(1L, 0L, 1L), List.of(0L, 0L, 1L));
        assertThat(exhibits).hasSize(1);
    }

    @Test
    void aMatrixOfMoreThanAHundredClassesIsLeftOutAndSaidToBe() {
        ConfusionMatrix matrix = new ConfusionMatrix(101);
        matrix.add(new int[] {0, 5, 5, 5, 6}, new int[] {0, 7, 7, 5, 0});
        List<Exhibit> exhibits = Confusions.of(matrix, Collections.nCopies(101, "x"), "Confusion", "counts");
        assertThat(exhibits).singleElement().isInstanceOf(Table.class);
        assertThat(exhibits.get(0).note()).contains("101 classes");
        assertThat(((Table) exhibits.get(0)).rows())
                .containsExactly(List.of("x", "x", 2L, 1.), List.of("x", "x", 1L, .5));
        assertThat(exhibits.get(0).title()).isEqualTo("Confusion: most frequent");
    }
}
