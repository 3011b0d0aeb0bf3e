package djinn.data;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import djinn.ops.PyTorch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DomainFeedTest {

    /** Images of one pixel whose label is their place. */
    private static ImageLoader loader(int size) {
        Dataset dataset = new Dataset() {
            @Override
            public int size() {
                return size;
            }

            @Override
            public Pixels image(int index, int channels) {
                return new Pixels(1, 1, 1, new byte[] {(byte) index}).withChannels(channels);
            }

            @Override
            public int label(int index) {
                return index;
            }

            @Override
            public String name(int index) {
                return "image " + index;
            }
        };
        Preprocessing one = new Preprocessing(1, 1, 1, List.of(0.), List.of(1.), Preprocessing.Fit.STRETCH, 1);
        return new ImageLoader(dataset, one, List.of(), OnError.FAIL, 1000);
    }

    /** The labels of an epoch, of a and of b. */
    private static List<List<Integer>> epoch(DomainFeed feed, int epoch, int first) {
        List<Integer> a = new ArrayList<>();
        List<Integer> b = new ArrayList<>();
        try (Batches<DomainBatch> batches = feed.batches(epoch, first)) {
            while (batches.hasNext()) {
                try (DomainBatch batch = batches.next()) {
                    assertThat(batch.a().size()).isEqualTo(batch.b().size()).isEqualTo(batch.size());
                    Arrays.stream(batch.a().labels()).forEach(a::add);
                    Arrays.stream(batch.b().labels()).forEach(b::add);
                }
            }
        }
        return List.of(a, b);
    }

    @Test
    void theSmallerDomainGoesAroundInItsOwnOrder() {
        DomainFeed feed = DomainFeed.shuffled(loader(3), loader(11), 5, 4, 2);
        assertThat(feed.batchesPerEpoch()).isEqualTo(3);
        assertThat(IntStream.range(0, 3).map(feed::batchSize)).containsExactly(4, 4, 3);
        List<List<Integer>> epoch = epoch(feed, 0, 0);
        List<Integer> a = epoch.get(0);
        assertThat(epoch.get(1))
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.range(0, 11).boxed().toList());
        assertThat(a).hasSize(11);
        assertThat(a.subList(0, 3)).containsExactlyInAnyOrder(0, 1, 2);
        for (int i = 3; i < 11; i++) {
            assertThat(a.get(i)).isEqualTo(a.get(i - 3));
        }
    }

    @Test
    void whatIsInABatchDependsOnSeedEpochAndPlaceAlone() {
        ImageLoader a = loader(40);
        ImageLoader b = loader(40);
        DomainFeed feed = DomainFeed.shuffled(a, b, 5, 8, 2);
        List<List<Integer>> whole = epoch(feed, 3, 0);
        assertThat(epoch(DomainFeed.shuffled(a, b, 5, 8, 1), 3, 0)).isEqualTo(whole);
        assertThat(epoch(feed, 3, 2))
                .containsExactly(whole.get(0).subList(16, 40), whole.get(1).subList(16, 40));
        assertThat(epoch(feed, 4, 0)).isNotEqualTo(whole);
        assertThat(epoch(DomainFeed.shuffled(a, b, 6, 8, 2), 3, 0)).isNotEqualTo(whole);
        // domains of one size are not in one order
        assertThat(whole.get(0)).isNotEqualTo(whole.get(1));
    }

    @Test
    void heldOutImagesComeInTheirOrder() {
        DomainFeed feed = DomainFeed.sequential(loader(5), loader(2), 3, 1);
        assertThat(epoch(feed, 7, 0)).containsExactly(List.of(0, 1, 2, 3, 4), List.of(0, 1, 0, 1, 0));
    }

    @Test
    void aBatchHasTheImagesOfBoth() {
        DomainFeed feed = DomainFeed.sequential(loader(2), loader(2), 2, 1);
        try (NDManager manager = PyTorch.newManager();
                Batches<DomainBatch> batches = feed.batches(0, 0);
                DomainBatch batch = batches.next()) {
            assertThat(batch.a().images(manager).mul(manager.create(255f)).toFloatArray())
                    .containsExactly(0, 1);
        }
    }

    @Test
    void halfOfTheDigitsAreGreyAndTheOthersInColour() {
        Splits digits = Digits.splits();
        DigitDomains domains = DigitDomains.of(digits);
        Dataset grey = domains.grey().train();
        Dataset coloured = domains.coloured().train();
        assertThat(grey.size() + coloured.size()).isEqualTo(digits.train().size());
        Set<String> names = new HashSet<>();
        IntStream.range(0, grey.size()).forEach(i -> names.add(grey.name(i)));
        IntStream.range(0, coloured.size())
                .forEach(i -> assertThat(names).doesNotContain(coloured.name(i).replace(" coloured", "")));
        assertThat(grey.image(3, 3)).isEqualTo(digits.train().image(6, 3));
        assertThat(coloured.label(3)).isEqualTo(digits.train().label(7));
        Set<Integer> grounds = new HashSet<>();
        for (int i = 0; i < 50; i++) {
            Pixels plain = digits.train().image(2 * i + 1, 1);
            Pixels painted = coloured.image(i, 3);
            assertThat(painted).isEqualTo(coloured.image(i, 3));
            for (int y = 0; y < 8; y++) {
                for (int x = 0; x < 8; x++) {
                    int most = Collections.max(
                            List.of(painted.value(y, x, 0), painted.value(y, x, 1), painted.value(y, x, 2)));
                    if (plain.value(y, x, 0) == 0) {
                        assertThat(most).isLessThan(116);
                        grounds.add(painted.value(y, x, 0));
                    } else if (plain.value(y, x, 0) == 255) {
                        assertThat(most).isGreaterThan(190);
                    }
                }
            }
        }
        assertThat(grounds).hasSizeGreaterThan(40);
    }
}
