package djinn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import djinn.config.RecordBinder;
import djinn.config.Yaml;
import djinn.ops.PyTorch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class MixingTest {

    private static final int N = 6;
    private static final int C = 2;
    private static final int H = 7;
    private static final int W = 9;
    private static final Shape SHAPE = new Shape(N, C, H, W);
    private static final int[] DISTINCT = {0, 1, 2, 3, 4, 5};

    static List<BatchAugmentation> all() {
        return List.of(new Mixup(0.2, 1), new CutMix(1, 1));
    }

    /** Of every value the image it belongs to can be told: image i has i to below i + 1. */
    private static float[] batch() {
        float[] pixels = new float[N * C * H * W];
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < pixels.length; i++) {
            int sample = i / (C * H * W);
            pixels[i] = sample + (float) random.nextDouble();
        }
        return pixels;
    }

    /** The images after mixing. */
    private static float[] mixed(BatchChange mixture) {
        try (NDManager manager = PyTorch.newManager()) {
            return mixture.apply(manager.create(batch(), SHAPE)).toFloatArray();
        }
    }

    private static BatchChange draw(BatchAugmentation augmentation, int seed) {
        return augmentation.draw(H, W, DISTINCT, N, new SplittableRandom(seed));
    }

    /** The partner of an image, from targets of distinct labels. */
    private static int partner(float[] targets, int image) {
        for (int k = 0; k < N; k++) {
            if (k != image && targets[image * N + k] > 0) {
                return k;
            }
        }
        return image;
    }

    @Test
    void theTableIsComplete() {
        assertThat(all())
                .extracting(augmentation -> (Object) augmentation.getClass())
                .containsExactlyInAnyOrder((Object[]) BatchAugmentation.class.getPermittedSubclasses());
    }

    /** A recipe with nothing but mixing. */
    record Mixed(List<BatchAugmentation> mix) {}

    @Test
    void allGoThroughARecipe() {
        Map<String, Class<? extends Record>> table = new HashMap<>();
        for (BatchAugmentation augmentation : all()) {
            Class<? extends Record> type = augmentation.getClass().asSubclass(Record.class);
            table.put(type.getSimpleName(), type);
        }
        RecordBinder binder = new RecordBinder(Map.of(BatchAugmentation.class, table));
        Mixed expected = new Mixed(all());
        assertThat(binder.bind(Yaml.parse("test", "mix: [Mixup, CutMix]"), Mixed.class))
                .isEqualTo(expected);
        assertThat(binder.bind(Yaml.parse("test", binder.write(expected)), Mixed.class))
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @MethodSource("all")
    void equalGeneratorsGiveEqualBatches(BatchAugmentation augmentation) {
        Set<List<Float>> seen = new HashSet<>();
        for (int seed = 0; seed < 20; seed++) {
            BatchChange one = draw(augmentation, seed);
            BatchChange two = draw(augmentation, seed);
            float[] targets = one.targets();
            assertThat(two.targets()).isEqualTo(targets);
            assertThat(mixed(two)).isEqualTo(mixed(one));
            List<Float> list = new ArrayList<>();
            for (float value : targets) {
                list.add(value);
            }
            seen.add(list);
        }
        assertThat(seen).hasSize(20);
    }

    @ParameterizedTest
    @MethodSource("all")
    void rowsSumUpToOneAndPartnersArePermuted(BatchAugmentation augmentation) {
        int meetings = 0;
        for (int seed = 0; seed < 200; seed++) {
            float[] targets = draw(augmentation, seed).targets();
            Set<Integer> partners = new HashSet<>();
            for (int i = 0; i < N; i++) {
                double sum = 0;
                for (int k = 0; k < N; k++) {
                    assertThat(targets[i * N + k]).isBetween(0f, 1f);
                    sum += targets[i * N + k];
                }
                assertThat(sum).isCloseTo(1, within(1e-6));
                partners.add(partner(targets, i));
                meetings += partner(targets, i) == i ? 1 : 0;
            }
            assertThat(partners).as("seed %s", seed).hasSize(N);
        }
        // an image meets itself in one of N draws: 200 of 1200, more where nothing was mixed
        assertThat(meetings).isBetween(130, 400);
    }

    @Test
    void mixupIsTheWeightedMeanOfBoth() {
        float[] before = batch();
        for (int seed = 0; seed < 50; seed++) {
            BatchChange mixture = draw(new Mixup(1, 1), seed);
            float[] targets = mixture.targets();
            float[] after = mixed(mixture);
            for (int i = 0; i < N; i++) {
                int other = partner(targets, i);
                double share = targets[i * N + i];
                if (other != i) {
                    assertThat(targets[i * N + other]).isCloseTo((float) (1 - share), within(1e-6f));
                }
                for (int at = 0; at < C * H * W; at++) {
                    double expected = share * before[i * C * H * W + at] + (1 - share) * before[other * C * H * W + at];
                    assertThat((double) after[i * C * H * W + at]).isCloseTo(expected, within(2e-6));
                }
            }
        }
    }

    @Test
    void cutMixReplacesOneBoxAndCountsItsPixels() {
        float[] before = batch();
        Set<Integer> areas = new HashSet<>();
        for (int seed = 0; seed < 200; seed++) {
            BatchChange mixture = draw(new CutMix(1, 1), seed);
            float[] targets = mixture.targets();
            float[] after = mixed(mixture);
            Set<Integer> box = new HashSet<>();
            for (int i = 0; i < N; i++) {
                int other = partner(targets, i);
                int replaced = 0;
                for (int at = 0; at < C * H * W; at++) {
                    float value = after[i * C * H * W + at];
                    if (other != i && value == before[other * C * H * W + at]) {
                        replaced++;
                        box.add(at % (H * W));
                    } else {
                        assertThat(value).isEqualTo(before[i * C * H * W + at]);
                    }
                }
                if (other != i) {
                    float share = (float) replaced / (C * H * W);
                    assertThat(targets[i * N + other]).isCloseTo(share, within(1e-6f));
                    assertThat(targets[i * N + i]).isCloseTo(1 - share, within(1e-6f));
                    assertThat(replaced).isEqualTo(C * box.size());
                }
            }
            areas.add(box.size());
            int top = box.stream().mapToInt(at -> at / W).min().orElse(0);
            int bottom = box.stream().mapToInt(at -> at / W).max().orElse(-1);
            int left = box.stream().mapToInt(at -> at % W).min().orElse(0);
            int right = box.stream().mapToInt(at -> at % W).max().orElse(-1);
            assertThat(box).hasSize((bottom - top + 1) * (right - left + 1));
        }
        assertThat(areas).hasSizeGreaterThan(10);
    }

    @Test
    void equalLabelsAddUp() {
        for (BatchAugmentation augmentation : all()) {
            float[] targets = augmentation
                    .draw(H, W, new int[] {2, 2, 2, 2, 2, 2}, 3, new SplittableRandom(1))
                    .targets();
            for (int i = 0; i < N; i++) {
                assertThat(Arrays.copyOfRange(targets, 3 * i, 3 * i + 3)).containsExactly(0, 0, 1);
            }
        }
    }

    @Test
    void batchesThatAreNotMixedHaveOneHotTargets() {
        for (BatchAugmentation augmentation : List.of(new Mixup(1, 0), new CutMix(1, 0))) {
            BatchChange mixture = draw(augmentation, 1);
            float[] targets = mixture.targets();
            assertThat(mixed(mixture)).isEqualTo(batch());
            for (int i = 0; i < N; i++) {
                for (int k = 0; k < N; k++) {
                    assertThat(targets[i * N + k]).isEqualTo(i == k ? 1 : 0);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.001, 0.1, 0.2, 1, 4, 30})
    void betaHasItsMeanAndVariance(double alpha) {
        int count = 20_000;
        SplittableRandom random = new SplittableRandom(3);
        double sum = 0;
        double squares = 0;
        for (int i = 0; i < count; i++) {
            double value = Beta.draw(alpha, random);
            assertThat(value).isBetween(0.0, 1.0);
            sum += value - 0.5;
            squares += (value - 0.5) * (value - 0.5);
        }
        // five standard errors; squares lie between 0 and 1/4, so that they deviate by at most 1/8
        double variance = 1 / (4 * (2 * alpha + 1));
        assertThat(sum / count).isCloseTo(0, within(5 * Math.sqrt(variance / count)));
        assertThat(squares / count).isCloseTo(variance, within(5 * Math.min(0.125, variance * 1.5) / Math.sqrt(count)));
    }

    @Test
    void betaOfOneIsUniform() {
        SplittableRandom random = new SplittableRandom(3);
        int[] tenths = new int[10];
        for (int i = 0; i < 20_000; i++) {
            tenths[(int) (10 * Beta.draw(1, random))]++;
        }
        // five standard deviations: 5 x sqrt(20000 x 0.1 x 0.9) = 212
        for (int tenth : tenths) {
            assertThat(tenth).isBetween(2000 - 212, 2000 + 212);
        }
    }

    @Test
    void whatCannotBeMixedIsRefused() {
        assertThatThrownBy(() -> new Mixup(0, 1)).hasMessage("expected alpha above 0, got 0.0");
        assertThatThrownBy(() -> new CutMix(1, 1.5)).hasMessage("expected p from 0 to 1, got 1.5");
        SplittableRandom random = new SplittableRandom(1);
        Mixup mixup = new Mixup(1, 1);
        BatchChange five = mixup.draw(H, W, new int[5], 3, random);
        assertThatThrownBy(() -> mixed(five))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected images (5, C, H, W), got (6, 2, 7, 9)");
        assertThatThrownBy(() -> mixup.draw(H, W, DISTINCT, 5, random))
                .hasMessage("expected labels from 0 to 4 for 5 classes, got 5");
    }

    private static List<float[]> epoch(BatchAugmentations mixing, long seed, int epoch, int first, int workers) {
        Preprocessing shape = new Preprocessing(8, 8, 1, List.of(0.0), List.of(1.0), Preprocessing.Fit.CROP, 1);
        ImageLoader loader = new ImageLoader(Digits.splits().train(), shape, List.of(), OnError.FAIL, 0);
        List<float[]> all = new ArrayList<>();
        try (NDManager manager = PyTorch.newManager();
                Batches<ImageBatch> batches = loader.feed(
                                Sampler.shuffled(loader.dataset().size()), seed, 200, workers, mixing)
                        .batches(epoch, first)) {
            while (batches.hasNext()) {
                try (ImageBatch batch = batches.next();
                        NDManager owner = manager.newSubManager()) {
                    NDArray targets = batch.targets(owner);
                    assertThat(targets.getShape()).isEqualTo(new Shape(batch.size(), 10));
                    assertThat(targets.getDataType()).isEqualTo(DataType.FLOAT32);
                    all.add(targets.toFloatArray());
                    all.add(batch.images(owner).toFloatArray());
                }
            }
        }
        return all;
    }

    @Test
    void mixedBatchesDependOnSeedEpochAndBatchAlone() {
        BatchAugmentations mixing = new BatchAugmentations(List.of(new Mixup(1, 1), new CutMix(1, 1)), 10);
        List<float[]> one = epoch(mixing, 1, 0, 0, 1);
        List<float[]> four = epoch(mixing, 1, 0, 0, 4);
        List<float[]> later = epoch(mixing, 1, 0, 3, 2);
        assertThat(four).hasSameSizeAs(one);
        for (int i = 0; i < one.size(); i++) {
            assertThat(four.get(i)).isEqualTo(one.get(i));
            if (i >= 6) {
                assertThat(later.get(i - 6)).isEqualTo(one.get(i));
            }
        }
        assertThat(epoch(mixing, 1, 1, 0, 2).get(0)).isNotEqualTo(one.get(0));
        assertThat(epoch(mixing, 2, 0, 0, 2).get(0)).isNotEqualTo(one.get(0));
    }
}
