package djinn.data.text;

import djinn.data.Sampler;
import djinn.data.Sampling;
import djinn.ops.Randomness;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Every example once in each epoch, those of like lengths in the same batches, which come in an order of chance: little is
 * then filled up. A stretch of some batches is drawn, sorted by length, and cut into batches.
 *
 * @param lengths of each example
 * @param batchSize examples in a batch
 */
public record LengthSampler(List<Integer> lengths, int batchSize) implements Sampler {

    /** Batches whose examples are sorted together: more would bring longer runs of like batches. */
    private static final int STRETCH = 50;

    /** Copies the list. */
    public LengthSampler {
        lengths = List.copyOf(lengths);
    }

    @Override
    public int size() {
        return lengths.size();
    }

    @Override
    public int[] order(long seed, int epoch) {
        int[] drawn = Sampler.shuffled(size()).order(seed, epoch);
        int stretch = Math.multiplyExact(STRETCH, batchSize);
        for (int from = 0; from < drawn.length; from += stretch) {
            int to = Math.min(drawn.length, from + stretch);
            int[] sorted = Arrays.stream(drawn, from, to)
                    .boxed()
                    .sorted(Comparator.comparing(lengths::get))
                    .mapToInt(Integer::intValue)
                    .toArray();
            System.arraycopy(sorted, 0, drawn, from, sorted.length);
        }
        return mixed(drawn, new SplittableRandom(Randomness.mix(seed, epoch, size())));
    }

    /** The same batches in an order of chance; the last, if it is smaller, stays the last. */
    private int[] mixed(int[] sorted, SplittableRandom random) {
        int whole = sorted.length / batchSize;
        int[] batches = IntStream.range(0, whole).toArray();
        Sampling.shuffle(batches, whole, random);
        int[] order = sorted.clone();
        for (int i = 0; i < whole; i++) {
            System.arraycopy(sorted, batches[i] * batchSize, order, i * batchSize, batchSize);
        }
        return order;
    }
}
