package djinn.inference.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class TokenSamplingTest {

    private static final Offset<Double> CLOSE = within(1e-7);

    /** Logarithms of 0.1, 0.4, 0.2, 0.3. */
    private static final float[] LOGITS = {log(.1), log(.4), log(.2), log(.3)};

    @Test
    void plainSamplingIsSoftmax() {
        assertThat(TokenSampling.PLAIN.probabilities(LOGITS)).containsExactly(new double[] {.1, .4, .2, .3}, CLOSE);
    }

    /** Temperature 1/2 squares the probabilities: 1, 16, 4 and 9 of 30. */
    @Test
    void temperatureSharpensOrFlattens() {
        assertThat(TokenSampling.PLAIN.withTemperature(.5).probabilities(LOGITS))
                .containsExactly(new double[] {1 / 30., 16 / 30., 4 / 30., 9 / 30.}, CLOSE);
        double sum = Math.sqrt(.1) + Math.sqrt(.4) + Math.sqrt(.2) + Math.sqrt(.3);
        assertThat(TokenSampling.PLAIN.withTemperature(2).probabilities(LOGITS)[1])
                .isCloseTo(Math.sqrt(.4) / sum, CLOSE);
    }

    @Test
    void topKKeepsTheLikeliest() {
        assertThat(TokenSampling.PLAIN.withTopK(2).probabilities(LOGITS))
                .containsExactly(new double[] {0, 4 / 7., 0, 3 / 7.}, CLOSE);
        assertThat(TokenSampling.PLAIN.withTopK(9).probabilities(LOGITS))
                .containsExactly(new double[] {.1, .4, .2, .3}, CLOSE);
        assertThat(TokenSampling.PLAIN.withTopK(2).probabilities(new float[] {1, 1, 1}))
                .containsExactly(new double[] {.5, .5, 0}, CLOSE);
    }

    /** 0.4 + 0.3 is the first to reach 0.6; with 0.8 the third joins; a first token that has enough is alone. */
    @Test
    void topPKeepsTheNucleus() {
        assertThat(TokenSampling.PLAIN.withTopP(.6).probabilities(LOGITS))
                .containsExactly(new double[] {0, 4 / 7., 0, 3 / 7.}, CLOSE);
        assertThat(TokenSampling.PLAIN.withTopP(.8).probabilities(LOGITS))
                .containsExactly(new double[] {0, 4 / 9., 2 / 9., 3 / 9.}, CLOSE);
        assertThat(TokenSampling.PLAIN.withTopP(.01).probabilities(LOGITS))
                .containsExactly(new double[] {0, 1, 0, 0}, CLOSE);
        assertThat(TokenSampling.PLAIN.withTopP(1).probabilities(LOGITS))
                .containsExactly(new double[] {.1, .4, .2, .3}, CLOSE);
    }

    /** Of the two likeliest, at temperature 1/2, the first has 16 of 25: more than 0.6. */
    @Test
    void theNucleusIsOneOfWhatTopKLeaves() {
        assertThat(TokenSampling.PLAIN
                        .withTemperature(.5)
                        .withTopK(2)
                        .withTopP(.6)
                        .probabilities(LOGITS))
                .containsExactly(new double[] {0, 1, 0, 0}, CLOSE);
    }

    @Test
    void temperatureZeroTakesTheLikeliest() {
        SplittableRandom random = new SplittableRandom(1);
        assertThat(IntStream.range(0, 20).map(i -> TokenSampling.GREEDY.draw(LOGITS, random)))
                .containsOnly(1);
        assertThat(TokenSampling.GREEDY.draw(new float[] {2, 5, 5}, random)).isEqualTo(1);
    }

    /** The order of the likeliest is that of the numbers, whatever their signs; of equal ones the lower token is first. */
    @Test
    void topKKnowsLogitsOfAllSigns() {
        float[] logits = {-1, 3, Float.NEGATIVE_INFINITY, 0, -2, 3, 1e-20f, -1e-20f};
        int[] order = {1, 5, 6, 3, 7, 0, 4, 2};
        for (int k = 1; k <= 8; k++) {
            double[] kept = TokenSampling.PLAIN.withTopK(k).probabilities(logits);
            for (int i = 0; i < 7; i++) {
                assertThat(kept[order[i]] > 0).as(k + " of " + i).isEqualTo(i < k);
            }
        }
    }

    /** What is known has half of a logit above zero, and twice one below. */
    @Test
    void theRepetitionPenaltyTurnsFromWhatIsKnown() {
        float[] logits = {4, 3, -1, -1.5f};
        TokenSampling greedy = TokenSampling.GREEDY.withRepetitionPenalty(2);
        SplittableRandom random = new SplittableRandom(1);
        assertThat(greedy.draw(logits, IntStream.empty(), random)).isZero();
        assertThat(greedy.draw(logits, IntStream.of(0), random)).isEqualTo(1);
        assertThat(greedy.draw(logits, IntStream.of(0, 1, 0), random)).isZero();
        assertThat(greedy.draw(new float[] {-1, -1.5f}, IntStream.of(0), random))
                .isEqualTo(1);
        assertThat(logits).containsExactly(4, 3, -1, -1.5f);
        assertThatThrownBy(() -> TokenSampling.PLAIN.withRepetitionPenalty(0))
                .hasMessage("expected a repetition penalty above 0, got 0.0");
    }

    /** Of 20,000 draws, the share of each token is its probability within four standard deviations. */
    @Test
    void drawsComeAsOftenAsTheirProbability() {
        SplittableRandom random = new SplittableRandom(7);
        double[] p = {0, 4 / 9., 2 / 9., 3 / 9.};
        int draws = 20_000;
        double[] shares = new double[4];
        for (int i = 0; i < draws; i++) {
            shares[TokenSampling.PLAIN.withTopK(3).draw(LOGITS, random)] += 1. / draws;
        }
        for (int k = 0; k < 4; k++) {
            assertThat(shares[k]).isCloseTo(p[k], within(4 * Math.sqrt(p[k] * (1 - p[k]) / draws)));
        }
    }

    @Test
    void settingsOutOfRangeAreRefused() {
        assertThatThrownBy(() -> TokenSampling.PLAIN.withTemperature(-1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected a temperature of at least 0, got -1.0");
        assertThatThrownBy(() -> TokenSampling.PLAIN.withTopK(0)).hasMessageStartingWith("expected top k");
        assertThatThrownBy(() -> TokenSampling.PLAIN.withTopP(0)).hasMessageStartingWith("expected top p");
        assertThatThrownBy(() -> TokenSampling.PLAIN.probabilities(new float[] {1, Float.NaN}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("expected finite logits, got NaN");
    }

    private static float log(double p) {
        return (float) Math.log(p);
    }
}
