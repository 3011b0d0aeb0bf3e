package djinn.inference.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import djinn.data.text.TokenSequence;
import djinn.ops.NotFiniteException;
import djinn.ops.PyTorch;
import djinn.ops.Randomness;
import djinn.zoo.language.LanguageModel;
import djinn.zoo.nn.Initializers;
import djinn.zoo.nn.Pass;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** Token 0 is the end, 1 and more are others. */
class BeamSearchTest {

    private static final Offset<Double> CLOSE = within(1e-5);

    private static final int END = 0;

    /**
     * The likeliest first token leads nowhere likely: 1 has 0.6, and behind it nothing more than 0.4; 2 has 0.4, and 0.9 of
     * it ends. So 1 1 end has 0.6 * 0.4 * 0.9 = 0.216, 2 end 0.36.
     */
    private static double[] trap(List<Integer> sequence) {
        if (sequence.isEmpty()) {
            return new double[] {0, .6, .4};
        }
        return sequence.equals(List.of(1)) ? new double[] {.3, .4, .3} : new double[] {.9, .05, .05};
    }

    private static List<Hypothesis> search(Function<List<Integer>, double[]> table, Decoding decoding) {
        return BeamSearch.search(new TableContinuation(List.of(List.of()), table), decoding, END)
                .get(0);
    }

    @Test
    void oneBeamIsGreedyAndTwoSeeBeyond() {
        Hypothesis greedy = search(BeamSearchTest::trap, Decoding.GREEDY).get(0);
        assertThat(greedy.tokens()).isEqualTo(TokenSequence.of(1, 1));
        assertThat(greedy.logProbability()).isCloseTo(Math.log(.216), CLOSE);
        assertThat(greedy.score()).isEqualTo(greedy.logProbability());
        assertThat(greedy.ended()).isTrue();

        List<Hypothesis> both = search(
                BeamSearchTest::trap, Decoding.USUAL.withBeams(2).withNBest(2).withLengthPenalty(.6));
        assertThat(both.get(0).tokens()).isEqualTo(TokenSequence.of(2));
        assertThat(both.get(0).logProbability()).isCloseTo(Math.log(.36), CLOSE);
        // two tokens, with the end: ((5 + 2) / 6)^0.6
        assertThat(both.get(0).score()).isCloseTo(Math.log(.36) / Math.pow(7 / 6., .6), CLOSE);
        assertThat(both).hasSize(2);
    }

    /** Without a penalty the short one wins, 0.36 against 0.216; with a large one the longer. */
    @Test
    void theLengthPenaltyFavoursLongOnes() {
        Decoding wide = new Decoding(8, 0, 0, 1, 10);
        assertThat(search(BeamSearchTest::trap, wide).get(0).tokens()).isEqualTo(TokenSequence.of(2));
        assertThat(search(BeamSearchTest::trap, wide.withLengthPenalty(6))
                        .get(0)
                        .tokens()
                        .size())
                .isGreaterThan(1);
    }

    /** As many beams as there are sequences find what trying them all finds. */
    @Test
    void enoughBeamsFindWhatEnumerationFinds() {
        for (int seed = 0; seed < 20; seed++) {
            Function<List<Integer>, double[]> table = random(seed, 3);
            for (double penalty : new double[] {0, .6, 1.5}) {
                List<Hypothesis> all = new ArrayList<>();
                enumerate(table, List.of(), 0, 4, penalty, all);
                all.sort(Comparator.comparing((Hypothesis one) -> !one.ended())
                        .thenComparingDouble(one -> -one.score()));

                List<Hypothesis> found = search(table, new Decoding(100, penalty, 0, 6, 4));

                assertThat(found)
                        .extracting(Hypothesis::tokens)
                        .isEqualTo(all.subList(0, 6).stream()
                                .map(Hypothesis::tokens)
                                .toList());
                for (int i = 0; i < 6; i++) {
                    assertThat(found.get(i).score()).isCloseTo(all.get(i).score(), CLOSE);
                }
            }
        }
    }

    /** Sequences of several lengths in one batch find what each finds alone; those that are done leave it. */
    @Test
    void aBatchFindsWhatEachFindsAlone() {
        Function<List<Integer>, double[]> table = random(7, 5);
        List<List<Integer>> beginnings = List.of(List.of(1), List.of(2), List.of(3), List.of(4), List.of(1));
        Decoding decoding = new Decoding(3, .6, 0, 3, 9);
        List<List<Hypothesis>> together = BeamSearch.search(new TableContinuation(beginnings, table), decoding, END);
        for (int n = 0; n < beginnings.size(); n++) {
            assertThat(together.get(n))
                    .isEqualTo(
                            BeamSearch.search(new TableContinuation(List.of(beginnings.get(n)), table), decoding, END)
                                    .get(0));
        }
        assertThat(together.get(4)).isEqualTo(together.get(0));
        assertThat(together.stream()
                        .flatMap(List::stream)
                        .map(one -> one.tokens().size())
                        .distinct())
                .hasSizeGreaterThan(1);
    }

    /** What never ends is cut off, and comes behind what ended. */
    @Test
    void lengthIsLimited() {
        Hypothesis cut = search(sequence -> new double[] {0, .5, .5}, Decoding.USUAL.withLongest(4))
                .get(0);
        assertThat(cut.ended()).isFalse();
        assertThat(cut.tokens()).isEqualTo(TokenSequence.of(1, 1, 1, 1));
        assertThat(cut.logProbability()).isCloseTo(4 * Math.log(.5), CLOSE);
        List<Hypothesis> two = search(
                sequence -> sequence.isEmpty() ? new double[] {.3, .6, .1} : new double[] {0, .9, .1},
                new Decoding(2, 0, 0, 2, 2));
        assertThat(two).extracting(Hypothesis::ended).containsExactly(true, false);
    }

    /** Each sequence of a batch has a length of its own, as it has alone. */
    @Test
    void lengthIsLimitedForEach() {
        List<List<Integer>> beginnings = List.of(List.of(), List.of(), List.of(), List.of());
        List<Integer> lengths = BeamSearch.search(
                        new TableContinuation(beginnings, sequence -> new double[] {0, .6, .4}),
                        Decoding.USUAL.withLongest(4),
                        END,
                        (sequence, tokens) -> new float[0],
                        new int[] {3, 1, 9, 2})
                .stream()
                .map(found -> found.get(0).tokens().size())
                .toList();
        assertThat(lengths).containsExactly(3, 1, 4, 2);
        assertThatThrownBy(() -> BeamSearch.search(
                        new TableContinuation(beginnings, BeamSearchTest::trap),
                        Decoding.USUAL,
                        END,
                        (sequence, tokens) -> new float[0],
                        new int[] {3, 1, 0, 2}))
                .hasMessage("expected a length of at least 1 for each of 4 sequences, got [3, 1, 0, 2]");
    }

    /**
     * Of a source of two tokens, 2 end attends to the first alone but for 0.2, and 1 1 end to both whole: 0.36 is worth
     * log 0.36 + beta log 0.2, and 0.216 nothing less. So the longer one is better from log(0.36 / 0.216) / -log 0.2 = 0.317 on.
     */
    @Test
    void theCoveragePenaltyFavoursWhatLeavesNothingOut() {
        BeamSearch.Attention attention = (sequence, tokens) -> tokens.equals(TokenSequence.of(1, 1))
                ? new float[] {.5f, .5f, .9f, .1f, 0, 1}
                : tokens.equals(TokenSequence.of(2)) ? new float[] {1, 0, .8f, .2f} : ones(2 * (tokens.size() + 1));
        Decoding plain = new Decoding(2, 0, 0, 1, 10);
        for (double penalty : new double[] {.2, .31, .32, 1}) {
            Hypothesis best = BeamSearch.search(
                            new TableContinuation(List.of(List.of()), BeamSearchTest::trap),
                            plain.withCoveragePenalty(penalty),
                            END,
                            attention,
                            new int[] {10})
                    .get(0)
                    .get(0);
            boolean longer = penalty > Math.log(.36 / .216) / -Math.log(.2);
            assertThat(best.tokens()).isEqualTo(longer ? TokenSequence.of(1, 1) : TokenSequence.of(2));
            assertThat(best.score()).isCloseTo(longer ? Math.log(.216) : Math.log(.36) + penalty * Math.log(.2), CLOSE);
            assertThat(best.logProbability()).isCloseTo(Math.log(longer ? .216 : .36), CLOSE);
        }
        // what is cut off has no end whose attention counts, and nothing at all counts as the least
        Hypothesis cut = BeamSearch.search(
                        new TableContinuation(List.of(List.of()), tokens -> new double[] {0, 1, 0}),
                        new Decoding(1, 0, 2, 1, 1),
                        END,
                        (sequence, tokens) -> new float[] {1, 0, 1, 1},
                        new int[] {5})
                .get(0)
                .get(0);
        assertThat(cut.score()).isCloseTo(2 * Math.log(Double.MIN_VALUE), CLOSE);
        assertThatThrownBy(() -> search(BeamSearchTest::trap, plain.withCoveragePenalty(1)))
                .hasMessage("expected a coverage penalty of 0 of what goes on without a source, got 1.0");
    }

    private static float[] ones(int count) {
        float[] ones = new float[count];
        Arrays.fill(ones, 1);
        return ones;
    }

    @Test
    void aBrokenModelIsNamed() {
        assertThatThrownBy(() -> search(sequence -> new double[] {Double.NaN, .5, .5}, Decoding.USUAL))
                .isInstanceOf(NotFiniteException.class)
                .hasMessage("expected finite logits, got NaN; was the model trained until its loss became NaN?");
    }

    @Test
    void rangesAreChecked() {
        assertThatThrownBy(() -> Decoding.USUAL.withBeams(0)).hasMessage("expected beams of at least 1, got 0");
        assertThatThrownBy(() -> Decoding.USUAL.withLongest(0)).hasMessage("expected longest of at least 1, got 0");
        assertThatThrownBy(() -> Decoding.USUAL.withNBest(5))
                .hasMessage("expected n best from 1 to the beams, 4, got 5");
        assertThatThrownBy(() -> Decoding.USUAL.withLengthPenalty(-1))
                .hasMessage("expected a length penalty of at least 0, got -1.0");
        assertThatThrownBy(() -> Decoding.USUAL.withCoveragePenalty(Double.NaN))
                .hasMessage("expected a coverage penalty of at least 0, got NaN");
    }

    /** The engine's search finds what the same probabilities as a table find, and keeps nothing of the steps. */
    @Test
    void theEngineFindsTheSame() {
        try (NDManager manager = PyTorch.newManager()) {
            Randomness.seed(4);
            Sums model = new Sums(6);
            model.initialize(manager);
            float[] weights = model.getParameters().valueAt(0).getArray().toFloatArray();
            List<List<Integer>> beginnings = List.of(List.of(1, 2), List.of(5, 3), List.of(4, 4));
            Decoding decoding = new Decoding(3, .6, 0, 3, 12);
            List<List<Hypothesis>> expected =
                    BeamSearch.search(new TableContinuation(beginnings, sums(weights, 6)), decoding, END);

            List<TokenSequence> given = List.of(TokenSequence.of(1, 2), TokenSequence.of(5, 3), TokenSequence.of(4, 4));
            try (TokenModel tokens = TokenModel.of(model);
                    Continuation from = tokens.begin(given)) {
                assertThat(from.sequences()).isEqualTo(3);
                List<List<Hypothesis>> found = BeamSearch.search(from, decoding, END);

                for (int n = 0; n < 3; n++) {
                    assertThat(found.get(n))
                            .extracting(Hypothesis::tokens)
                            .isEqualTo(expected.get(n).stream()
                                    .map(Hypothesis::tokens)
                                    .toList());
                    assertThat(found.get(n).get(0).score())
                            .isCloseTo(expected.get(n).get(0).score(), within(1e-4));
                }
                assertThatThrownBy(() -> from.keep(99)).isInstanceOf(IllegalArgumentException.class);
                assertThatThrownBy(() -> from.read()).isInstanceOf(IllegalArgumentException.class);
            }
            try (TokenModel tokens = TokenModel.of(model)) {
                assertThatThrownBy(() -> tokens.begin(List.of(TokenSequence.of(1), TokenSequence.of(1, 2))))
                        .hasMessage("expected sequences of one length, at least 1, got lengths [1, 2]");
                assertThatThrownBy(() -> tokens.begin(List.of()))
                        .hasMessage("expected at least one sequence to go on with, got none");
            }
        }
    }

    /** Logits are the sum of a row for each token read. */
    private static final class Sums extends LanguageModel {

        private final int vocabulary;
        private final Parameter weight;

        Sums(int vocabulary) {
            this.vocabulary = vocabulary;
            weight = parameter("weight", Parameter.Type.WEIGHT, Initializers.normal(1), vocabulary, vocabulary);
        }

        @Override
        public int vocabulary() {
            return vocabulary;
        }

        @Override
        public OptionalInt context() {
            return OptionalInt.empty();
        }

        @Override
        public NDArray forward(NDArray tokens, Pass pass) {
            throw new UnsupportedOperationException("only stepped through");
        }

        @Override
        public NDList begin(NDManager owner, int sequences) {
            return new NDList(owner.zeros(new Shape(sequences, vocabulary)));
        }

        @Override
        public Step step(NDArray tokens, NDList state, Pass pass) {
            NDArray rows = tokens.oneHot(vocabulary).sum(new int[] {1}).dot(pass.value(weight, tokens));
            NDArray sum = state.head().add(rows);
            return new Step(sum, new NDList(sum.duplicate()));
        }
    }

    private static Function<List<Integer>, double[]> sums(float[] weights, int vocabulary) {
        return sequence -> {
            double[] logits = new double[vocabulary];
            for (int token : sequence) {
                for (int k = 0; k < vocabulary; k++) {
                    logits[k] += weights[token * vocabulary + k];
                }
            }
            double[] probabilities = new double[vocabulary];
            double sum = 0;
            for (double logit : logits) {
                sum += Math.exp(logit);
            }
            for (int k = 0; k < vocabulary; k++) {
                probabilities[k] = Math.exp(logits[k]) / sum;
            }
            return probabilities;
        };
    }

    /** Probabilities drawn anew for each sequence. */
    private static Function<List<Integer>, double[]> random(int seed, int vocabulary) {
        return sequence -> {
            Random random = new Random(31L * sequence.hashCode() + seed);
            double[] row = random.doubles(vocabulary, .05, 1).toArray();
            double sum = 0;
            for (double value : row) {
                sum += value;
            }
            for (int k = 0; k < row.length; k++) {
                row[k] /= sum;
            }
            return row;
        };
    }

    private static void enumerate(
            Function<List<Integer>, double[]> table,
            List<Integer> sequence,
            double logProbability,
            int left,
            double penalty,
            List<Hypothesis> all) {
        double[] next = table.apply(sequence);
        for (int token = 0; token < next.length; token++) {
            double sum = logProbability + Math.log(next[token]);
            int length = sequence.size() + 1;
            List<Integer> longer =
                    Stream.concat(sequence.stream(), Stream.of(token)).toList();
            if (token != END && left > 1) {
                enumerate(table, longer, sum, left - 1, penalty, all);
                continue;
            }
            List<Integer> told = token == END ? sequence : longer;
            all.add(new Hypothesis(
                    TokenSequence.of(told.stream().mapToInt(Integer::intValue).toArray()),
                    sum,
                    sum / Math.pow((5. + length) / 6, penalty),
                    token == END));
        }
    }
}
