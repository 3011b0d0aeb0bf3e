package djinn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import djinn.ops.PyTorch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SamplingTest {

    /** 7 of class 0, 3 of class 1, none of class 2, 2 of class 3. */
    private static final int[] LABELS = {0, 1, 0, 0, 3, 0, 1, 0, 3, 0, 1, 0};

    /** How often each index comes. */
    private static int[] counts(int[] order) {
        int[] counts = new int[LABELS.length];
        for (int index : order) {
            counts[index]++;
        }
        return counts;
    }

    private static Map<Integer, Integer> perClass(int[] order) {
        Map<Integer, Integer> counts = new TreeMap<>();
        for (int index : order) {
            counts.merge(LABELS[index], 1, Integer::sum);
        }
        return counts;
    }

    @ParameterizedTest
    @EnumSource
    void theOrderDependsOnSeedAndEpochAlone(Sampling sampling) {
        Set<List<Integer>> seen = new HashSet<>();
        for (int epoch = 0; epoch < 10; epoch++) {
            int[] order = sampling.order(LABELS, 5, epoch);
            assertThat(sampling.order(LABELS.clone(), 5, epoch)).isEqualTo(order);
            assertThat(order).hasSize(sampling.size(LABELS));
            seen.add(Arrays.stream(order).boxed().toList());
            seen.add(Arrays.stream(sampling.order(LABELS, 6, epoch)).boxed().toList());
        }
        assertThat(seen).hasSize(20);
    }

    @Test
    void withoutSamplingEveryImageComesOnce() {
        assertThat(Sampling.NONE.order(LABELS, 1, 2)).containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
    }

    @Test
    void aFixedOrderIsTheSourcesAndAShuffledOneIsThatWithoutSampling() {
        Sampler fixed = Sampler.sequential(4);
        assertThat(fixed.isFixed()).isTrue();
        assertThat(fixed.order(1, 0)).containsExactly(0, 1, 2, 3).isEqualTo(fixed.order(2, 7));
        Sampler shuffled = Sampler.shuffled(LABELS.length);
        assertThat(shuffled.isFixed()).isFalse();
        assertThat(shuffled.order(5, 3)).isEqualTo(Sampling.NONE.order(LABELS, 5, 3));
    }

    @Test
    void ordersAreEquallyLikely() {
        // of three images six orders, 1000 each; five standard deviations: 5 x sqrt(6000 / 6 x 5 / 6) = 144
        Map<String, Integer> counts = new TreeMap<>();
        for (int epoch = 0; epoch < 6000; epoch++) {
            counts.merge(Arrays.toString(Sampling.NONE.order(new int[3], 1, epoch)), 1, Integer::sum);
        }
        assertThat(counts).hasSize(6);
        assertThat(counts.values()).allMatch(count -> count > 1000 - 144 && count < 1000 + 144);
    }

    @Test
    void weightedDrawsClassesEquallyAndImagesWithinThem() {
        int[] total = new int[LABELS.length];
        int draws = 0;
        for (int epoch = 0; epoch < 1000; epoch++) {
            int[] counts = counts(Sampling.WEIGHTED.order(LABELS, 1, epoch));
            Arrays.setAll(total, i -> total[i] + counts[i]);
            draws += LABELS.length;
        }
        int[] sizes = {7, 3, 0, 2};
        for (int i = 0; i < total.length; i++) {
            double p = 1 / (3.0 * sizes[LABELS[i]]);
            assertThat(total[i] - p * draws).isCloseTo(0, within(5 * Math.sqrt(draws * p * (1 - p))));
        }
    }

    @Test
    void oversamplingRepeatsUpToTheLargestClass() {
        Set<List<Integer>> remainders = new HashSet<>();
        for (int epoch = 0; epoch < 50; epoch++) {
            int[] order = Sampling.OVERSAMPLE.order(LABELS, 1, epoch);
            assertThat(perClass(order)).containsExactly(Map.entry(0, 7), Map.entry(1, 7), Map.entry(3, 7));
            int[] counts = counts(order);
            int[] least = {1, 2, 0, 3};
            for (int i = 0; i < counts.length; i++) {
                // 7 = 2 x 3 + 1 = 3 x 2 + 1
                int most = LABELS[i] == 0 ? 1 : least[LABELS[i]] + 1;
                assertThat(counts[i]).isBetween(least[LABELS[i]], most);
            }
            remainders.add(Arrays.stream(counts).boxed().toList());
        }
        // which of the three and which of the two comes once more
        assertThat(remainders).hasSize(6);
    }

    @Test
    void undersamplingTakesOtherImagesEveryEpoch() {
        Set<Integer> seen = new HashSet<>();
        for (int epoch = 0; epoch < 100; epoch++) {
            int[] order = Sampling.UNDERSAMPLE.order(LABELS, 1, epoch);
            assertThat(perClass(order)).containsExactly(Map.entry(0, 2), Map.entry(1, 2), Map.entry(3, 2));
            assertThat(order).doesNotHaveDuplicates();
            Arrays.stream(order).forEach(seen::add);
        }
        assertThat(seen).hasSize(LABELS.length);
    }

    @Test
    void sizesAreThoseOfTheOrders() {
        assertThat(Sampling.NONE.size(LABELS)).isEqualTo(12);
        assertThat(Sampling.WEIGHTED.size(LABELS)).isEqualTo(12);
        assertThat(Sampling.OVERSAMPLE.size(LABELS)).isEqualTo(3 * 7);
        assertThat(Sampling.UNDERSAMPLE.size(LABELS)).isEqualTo(3 * 2);
    }

    /** Image i is white, of the class of that index. */
    private record White() implements Dataset {
        @Override
        public int size() {
            return LABELS.length;
        }

        @Override
        public Pixels image(int index, int channels) {
            return new Pixels(1, 1, 1, new byte[] {(byte) (20 * index)});
        }

        @Override
        public int label(int index) {
            return LABELS[index];
        }

        @Override
        public String name(int index) {
            return "image " + index;
        }
    }

    @Test
    void batchesFollowTheSampling() {
        Preprocessing shape = new Preprocessing(1, 1, 1, List.of(0.0), List.of(1.0), Preprocessing.Fit.CROP, 1);
        ImageLoader loader = new ImageLoader(new White(), shape, List.of(), OnError.FAIL, 0);
        Sampler sampler = Sampling.OVERSAMPLE.of(LABELS);
        assertThat(sampler.size()).isEqualTo(3 * 7);
        List<Integer> seen = new ArrayList<>();
        try (NDManager manager = PyTorch.newManager();
                Batches<ImageBatch> batches = loader.feed(sampler, 3, 5, 3).batches(1, 0)) {
            while (batches.hasNext()) {
                try (ImageBatch batch = batches.next()) {
                    for (float value : batch.images(manager).toFloatArray()) {
                        seen.add(Math.round(value * 255 / 20));
                    }
                }
            }
        }
        assertThat(seen)
                .isEqualTo(Arrays.stream(Sampling.OVERSAMPLE.order(LABELS, 3, 1))
                        .boxed()
                        .toList());
        assertThat(new White().labels()).isEqualTo(LABELS);
    }

    @Test
    void repeatedImagesAreChangedOtherwiseEachTime() {
        Preprocessing shape = new Preprocessing(8, 8, 1, List.of(0.0), List.of(1.0), Preprocessing.Fit.CROP, 1);
        Dataset digits = Digits.splits().train();
        ImageLoader loader = new ImageLoader(digits, shape, List.of(new GaussianNoise(0.2)), OnError.FAIL, 0);
        Set<Pixels> seen = new HashSet<>();
        IntStream.range(0, 10)
                .forEach(repeat -> seen.add(loader.load(7, 1, 2, repeat).orElseThrow()));
        assertThat(seen).hasSize(10).contains(loader.load(7, 1, 2).orElseThrow());
    }

    @Test
    void effectiveNumbersAreThoseOfTheFormula() {
        // beta 0.5: n = 1, 2, 3 has 1, 1.5, 1.75; inverses 1, 2/3, 4/7 of the mean 47/63
        List<Double> weights = new ClassWeights.EffectiveNumber(0.5).of(List.of(1, 2, 3));
        assertThat(weights.get(0)).isCloseTo(63 / 47.0, within(1e-12));
        assertThat(weights.get(1)).isCloseTo(42 / 47.0, within(1e-12));
        assertThat(weights.get(2)).isCloseTo(36 / 47.0, within(1e-12));
        assertThat(new ClassWeights.EffectiveNumber(0).of(List.of(3, 50))).containsExactly(1.0, 1.0);
        // towards 1, inverse frequencies: 1 / 10 and 1 / 30 of the mean 2 / 30
        List<Double> inverse = new ClassWeights.EffectiveNumber(1 - 1e-12).of(List.of(10, 30));
        assertThat(inverse.get(0)).isCloseTo(1.5, within(1e-9));
        assertThat(inverse.get(1)).isCloseTo(0.5, within(1e-9));
        assertThat(new ClassWeights.EffectiveNumber(0.9).of(List.of(4, 0, 4))).containsExactly(1.0, 0.0, 1.0);
    }

    @Test
    void effectiveNumbersCheckTheirArguments() {
        assertThatThrownBy(() -> new ClassWeights.EffectiveNumber(1).of(List.of(1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected beta from 0 to below 1, got 1.0");
        assertThatThrownBy(() -> new ClassWeights.EffectiveNumber(0.9).of(List.of(1, -1)))
                .hasMessageContaining("got [1, -1]");
        assertThatThrownBy(() -> new ClassWeights.EffectiveNumber(0.9).of(List.of(0, 0)))
                .hasMessageContaining("got [0, 0]");
    }

    @Test
    void balancedWeightsMakeEveryClassCountTheSame() {
        // N / (K n) with N = 40 and, as one has no images, K = 2
        assertThat(new ClassWeights.Balanced().of(List.of(10, 0, 30))).containsExactly(2.0, 0.0, 20 / 30.0);
        assertThatThrownBy(() -> new ClassWeights.Balanced().of(List.of(0))).hasMessageContaining("got [0]");
    }
}
