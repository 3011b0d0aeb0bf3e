package djinn.metrics;

import static djinn.metrics.EmbeddingRetrieval.Distance.COSINE;
import static djinn.metrics.EmbeddingRetrieval.Distance.EUCLIDEAN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class EmbeddingRetrievalTest {

    @Test
    void fivePointsOnALineByHand() {
        EmbeddingRetrieval retrieval = new EmbeddingRetrieval(1, EUCLIDEAN);
        int a = 7;
        int b = -3;
        retrieval.add(new float[] {0, 1, 3, 3.5f, 6}, new int[] {a, a, b, a, b});
        // neighbours' labels: of 0: a b a b; of 1: a b a b; of 3: a a a b, where 0 and 6 are equally far;
        // of 3.5: b a b a, where 1 and 6 are equally far; of 6: a b a a
        assertThat(retrieval.recallAt(1)).isCloseTo(2 / 5., within(1e-12));
        assertThat(retrieval.recallAt(2)).isCloseTo(4 / 5., within(1e-12));
        assertThat(retrieval.recallAt(3)).isCloseTo(4 / 5., within(1e-12));
        assertThat(retrieval.recallAt(4)).isEqualTo(1);
        // R is 2 for a, 1 for b: (1/1) / 2 twice, 0, (1/2) / 2, 0
        assertThat(retrieval.value()).isCloseTo((1 / 2. + 1 / 2. + 1 / 4.) / 5, within(1e-12));
    }

    @Test
    void theAngleDoesNotSeeTheLength() {
        float[] points = {1, 0, 10, 1, 1, 1, 0, 5};
        int[] labels = {0, 0, 1, 1};
        EmbeddingRetrieval angle = new EmbeddingRetrieval(2, COSINE);
        EmbeddingRetrieval length = new EmbeddingRetrieval(2, EUCLIDEAN);
        angle.add(points, labels);
        length.add(points, labels);
        // at 0, 5.7, 45 and 90 degrees only the third is nearer to a stranger
        assertThat(angle.recallAt(1)).isEqualTo(3 / 4.);
        // (1, 1) is nearest to all the others, and (1, 0) to it
        assertThat(length.recallAt(1)).isEqualTo(1 / 4.);
    }

    @Test
    void equalEmbeddingsComeInTheOrderOfTheirIndex() {
        int samples = 100;
        int width = 67;
        float[] same = new float[samples * width];
        int[] labels = new int[samples];
        for (int n = 0; n < samples; n++) {
            labels[n] = n % 2;
            for (int d = 0; d < width; d++) {
                same[n * width + d] = .1f * d;
            }
        }
        EmbeddingRetrieval retrieval = new EmbeddingRetrieval(width, EUCLIDEAN);
        retrieval.add(same, labels);
        // all see sample 0 first but for itself, which sees sample 1: the other 49 of its label find it
        assertThat(retrieval.recallAt(1)).isEqualTo(49 / 100.);
        // then sample 0 sees 2; sample 1 sees 0, 2 and only then 3
        assertThat(retrieval.recallAt(2)).isEqualTo(99 / 100.);
        assertThat(retrieval.recallAt(3)).isEqualTo(1);
    }

    @Test
    void chunksOfQueriesAreNoBoundary() {
        int pairs = 1500;
        float[] line = new float[2 * pairs];
        int[] labels = new int[2 * pairs];
        for (int n = 0; n < line.length; n++) {
            line[n] = 10 * (n / 2) + n % 2;
            labels[n] = n / 2;
        }
        EmbeddingRetrieval retrieval = new EmbeddingRetrieval(1, EUCLIDEAN);
        // 3000 by 3000 distances are more than twice a chunk
        retrieval.add(line, labels);
        assertThat(retrieval.recallAt(1)).isEqualTo(1);
        assertThat(retrieval.value()).isEqualTo(1);
        // strangers at the end of the line, nearest to the last pair's second point and to each other
        retrieval.add(new float[] {10 * pairs - 8.5f, 10 * pairs - 8.4f}, new int[] {-1, -2});
        assertThat(retrieval.value())
                .as("labels of one sample count for nothing")
                .isCloseTo((2 * pairs - 1.) / (2 * pairs), within(1e-12));
    }

    @Test
    void largeClassesKeepAllTheirNeighbours() {
        // two groups far apart, one label each
        int half = 40;
        float[] line = new float[2 * half];
        int[] labels = new int[2 * half];
        for (int n = 0; n < line.length; n++) {
            line[n] = (n % 2 == 0 ? 0 : 1000) + n / 2;
            labels[n] = n % 2;
        }
        EmbeddingRetrieval retrieval = new EmbeddingRetrieval(1, EUCLIDEAN);
        retrieval.add(line, labels);
        assertThat(retrieval.value()).isCloseTo(1, within(1e-12));
        retrieval.add(new float[] {-1}, new int[] {1});
        // a sample of label 1 joins the group of label 0; there R is 39
        double sum = 0;
        for (int x = 0; x < half; x++) {
            // before the stranger, at distance x + 1, come all below x, and those above up to 2 x + 1, a tie added
            // earlier
            int below = x;
            int above = Math.min(half - 1 - x, x + 1);
            int place = below + above + 1;
            double precisions = 0;
            for (int i = 1; i <= half - 1; i++) {
                if (i != place) {
                    precisions += (i < place ? i : i - 1.) / i;
                }
            }
            sum += precisions / (half - 1);
        }
        // label 1, R = 40: the 39 of its group come first, then half a line of strangers; the stranger finds none
        sum += half * (39 / 40.);
        assertThat(retrieval.value()).isCloseTo(sum / (2 * half + 1), within(1e-12));
    }

    @Test
    void whatDoesNotFitIsRefused() {
        EmbeddingRetrieval retrieval = new EmbeddingRetrieval(3, COSINE);
        assertThatThrownBy(() -> retrieval.add(new float[5], new int[2]))
                .hasMessageContainingAll("expected 6", "got 5");
        assertThatThrownBy(() -> retrieval.merge(new double[5])).hasMessageContainingAll("rows of 4", "got 5");
        assertThatThrownBy(() -> retrieval.recallAt(0)).hasMessageContaining("got 0");
        assertThat(retrieval.value()).isNaN();
    }
}
