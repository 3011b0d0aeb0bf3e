package djinn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import djinn.ops.DataException;
import djinn.ops.PyTorch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.Test;

class BatchesTest {

    private static final Preprocessing SHAPE =
            new Preprocessing(2, 2, 1, List.of(0.0), List.of(1.0), Preprocessing.Fit.CROP, 1);

    /** Image i is grey of value i and of class i % 3; those in broken cannot be read. */
    private record Greys(int size, List<Integer> broken) implements Dataset {
        @Override
        public Pixels image(int index, int channels) {
            if (broken.contains(index)) {
                throw new DataException("image " + index + " is broken");
            }
            byte[] values = new byte[4];
            Arrays.fill(values, (byte) index);
            return new Pixels(2, 2, 1, values);
        }

        @Override
        public int label(int index) {
            return index % 3;
        }

        @Override
        public String name(int index) {
            return "image " + index;
        }
    }

    private static ImageLoader loader(Dataset dataset, OnError onError, Augmentation... augmentations) {
        return new ImageLoader(dataset, SHAPE, List.of(augmentations), onError, 1000);
    }

    private static List<List<Integer>> images(Batches<ImageBatch> batches) {
        List<List<Integer>> all = new ArrayList<>();
        try (NDManager manager = PyTorch.newManager();
                batches) {
            while (batches.hasNext()) {
                try (ImageBatch batch = batches.next();
                        NDManager owner = manager.newSubManager()) {
                    List<Integer> values = new ArrayList<>();
                    float[] pixels = batch.images(owner).toFloatArray();
                    long[] targets = batch.targets(owner).toLongArray();
                    for (int i = 0; i < batch.size(); i++) {
                        int value = Math.round(pixels[4 * i] * 255);
                        values.add(value);
                        assertThat(targets[i]).isEqualTo(value % 3);
                        assertThat(batch.labels()[i]).isEqualTo(value % 3);
                    }
                    all.add(values);
                }
            }
        }
        return all;
    }

    private record Numbered(int size) implements Batch {
        @Override
        public void close() {}
    }

    /** What was begun ahead of that is dropped, and a later end than the epoch's own changes nothing. */
    @Test
    void anEpochCanEndEarlier() {
        for (int workers : new int[] {1, 3}) {
            for (int[] places : new int[][] {{0, 1, 1}, {0, 4, 4}, {3, 4, 1}, {4, 4, 0}, {2, 99, 5}}) {
                try (Batches<Numbered> batches = new Batches<>(Numbered::new, places[0], 7, workers).until(places[1])) {
                    for (int i = 0; i < places[2]; i++) {
                        assertThat(batches.next().size()).isEqualTo(places[0] + i);
                    }
                    assertThat(batches.hasNext()).isFalse();
                }
            }
        }
    }

    private static Batches<ImageBatch> shuffled(ImageLoader loader, long seed, int epoch, int first, int workers) {
        return loader.feed(Sampler.shuffled(loader.dataset().size()), seed, 4, workers)
                .batches(epoch, first);
    }

    private static Batches<ImageBatch> sequential(ImageLoader loader) {
        return loader.feed(Sampler.sequential(loader.dataset().size()), 0, 4, 2).batches(0, 0);
    }

    @Test
    void everyImageComesOnceInAnOrderOfSeedAndEpoch() {
        ImageLoader loader = loader(new Greys(10, List.of()), OnError.FAIL);
        List<List<Integer>> one = images(shuffled(loader, 1, 0, 0, 1));
        assertThat(one).hasSize(3);
        assertThat(one.stream().flatMap(List::stream)).containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
        assertThat(images(shuffled(loader, 1, 0, 0, 4))).isEqualTo(one);
        assertThat(images(shuffled(loader, 1, 0, 2, 2))).isEqualTo(one.subList(2, 3));
        assertThat(images(shuffled(loader, 1, 1, 0, 2))).isNotEqualTo(one);
        assertThat(images(shuffled(loader, 2, 0, 0, 2))).isNotEqualTo(one);
        assertThat(images(sequential(loader))).containsExactly(List.of(0, 1, 2, 3), List.of(4, 5, 6, 7), List.of(8, 9));
    }

    @Test
    void augmentationDependsOnSeedEpochAndIndexAlone() {
        Dataset digits = Digits.splits().train();
        Preprocessing shape = new Preprocessing(8, 8, 1, List.of(0.0), List.of(1.0), Preprocessing.Fit.CROP, 1);
        RandomAffine affine = new RandomAffine(20, .1, List.of(.8, 1.2), 0, 0);
        ImageLoader one = new ImageLoader(digits, shape, List.of(affine), OnError.FAIL, 0);
        ImageLoader two = new ImageLoader(digits, shape, List.of(affine), OnError.FAIL, 1_000_000);
        assertThat(one.load(7, 1, 2)).isEqualTo(two.load(7, 1, 2)).isEqualTo(two.load(7, 1, 2));
        assertThat(one.load(7, 1, 3)).isNotEqualTo(two.load(7, 1, 2));
        assertThat(one.load(7, 2, 2)).isNotEqualTo(two.load(7, 1, 2));
    }

    @Test
    void anUnreadableImageFailsOrIsSkippedAndNamed() {
        Dataset greys = new Greys(10, List.of(4, 5, 6, 7, 9));
        assertThatThrownBy(() -> images(sequential(loader(greys, OnError.FAIL))))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("is broken");
        ImageLoader skipping = loader(greys, OnError.SKIP);
        assertThat(images(sequential(skipping))).containsExactly(List.of(0, 1, 2, 3), List.of(), List.of(8));
        assertThat(skipping.skipped()).hasSize(5).containsEntry("image 9", "image 9 is broken");
    }

    @Test
    void memoryThatIsLentHasRoomForAnyNumberOfBytes() {
        Buffers buffers = new Buffers();
        for (int bytes = 1; bytes < 300; bytes++) {
            assertThat(buffers.borrow(bytes).capacity()).isGreaterThanOrEqualTo(bytes);
        }
    }

    @Test
    void whatCannotBeIsRefused() {
        ImageLoader loader = loader(new Greys(3, List.of()), OnError.FAIL);
        assertThatThrownBy(() -> loader.feed(Sampler.shuffled(3), 0, 0, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected a batch size and workers of at least 1, got 0 and 1");
        try (Batches<ImageBatch> none = shuffled(loader, 0, 0, 1, 1)) {
            assertThat(none.hasNext()).isFalse();
            assertThatThrownBy(none::next).isInstanceOf(NoSuchElementException.class);
        }
        RandomHorizontalFlip flip = new RandomHorizontalFlip(.5);
        RandomResizedCrop crop = new RandomResizedCrop(List.of(.5, 1.), List.of(1., 1.));
        assertThatThrownBy(() -> loader(new Greys(3, List.of()), OnError.FAIL, flip, crop))
                .hasMessageContaining("random_resized_crop as the first");
    }
}
