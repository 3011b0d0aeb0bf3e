package djinn.metrics;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import djinn.ops.PyTorch;
import djinn.ops.TorchScript;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * How well embeddings find their own kind: recall@k and MAP@R (Musgrave et al. 2020, section 3.2), its figure, over
 * exact nearest neighbours.
 *
 * <p>Every sample is a query against all others, never against itself; of equal distances (float32) the sample added
 * first comes first. A query whose label no other sample has counts for nothing. For R other samples of a query's
 * label, {@code MAP@R = 1/R sum_(i=1..R) P(i) [i-th neighbour has the label]} averaged over queries, where P(i) is the
 * share of hits among the first i.
 *
 * <p>It keeps every sample, and its state grows with them: D + 1 numbers each. Distances are computed on the engine in
 * chunks of queries, about 16 MiB at a time.
 */
public final class EmbeddingRetrieval implements Metric {

    private static final int CHUNK = 1 << 22;

    // mode 2 subtracts before it squares: the shorter way by products loses close neighbours, and ties with them
    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def distances(queries: Tensor, samples: Tensor) -> Tensor:
              return torch.cdist(queries, samples, 2., 2)
            """);

    private final int width;
    private final Distance distance;
    private float[] embeddings = new float[0];
    private int[] labels = new int[0];
    private int samples;
    /** Per query the place of its first hit, from 1 on, or 0 if it does not count; null until neighbours are known. */
    private int[] firstHits;
    /** Per query {@code 1/R sum P(i) [hit]}. */
    private double[] precisions;

    /** What is near. */
    public enum Distance {
        /** The length of the difference. */
        EUCLIDEAN,
        /** The angle: embeddings are scaled to length 1 as they are added; one of zeros stays. */
        COSINE
    }

    /**
     * An empty metric.
     *
     * @param width D
     * @param distance what is near
     * @throws IllegalArgumentException if D is below 1
     */
    public EmbeddingRetrieval(int width, Distance distance) {
        Inputs.atLeast("D", 1, width);
        this.width = width;
        this.distance = distance;
    }

    /**
     * Adds samples.
     *
     * @param added (N, D) row by row
     * @param addedLabels (N) any numbers
     * @throws IllegalArgumentException if there are not N D numbers
     * @throws IllegalStateException if all embeddings together are more than an array can hold
     */
    public void add(float[] added, int[] addedLabels) {
        Inputs.rows(added.length, addedLabels.length, width);
        makeRoom(addedLabels.length);
        for (int n = 0; n < addedLabels.length; n++) {
            double scale = distance == Distance.COSINE ? length(added, n * width) : 1;
            for (int d = 0; d < width; d++) {
                embeddings[samples * width + d] = (float) (added[n * width + d] / (scale == 0 ? 1 : scale));
            }
            labels[samples++] = addedLabels[n];
        }
    }

    private void makeRoom(int more) {
        embeddings = Buffers.withRoom(embeddings, ((long) samples + more) * width);
        labels = Buffers.withRoom(labels, (long) samples + more);
        firstHits = null;
    }

    private double length(float[] values, int from) {
        double squares = 0;
        for (int d = from; d < from + width; d++) {
            squares += (double) values[d] * values[d];
        }
        return Math.sqrt(squares);
    }

    /**
     * Returns the share of queries with at least one sample of their label among the k nearest.
     *
     * @param k how many neighbours
     * @return from 0 to 1; NaN if no label has two samples
     * @throws IllegalArgumentException if k is below 1
     */
    public double recallAt(int k) {
        Inputs.atLeast("k", 1, k);
        findNeighbours();
        Mean found = new Mean();
        for (int firstHit : firstHits) {
            found.add(firstHit <= k ? 1 : 0, firstHit == 0 ? 0 : 1);
        }
        return found.value();
    }

    /** Returns MAP@R. */
    @Override
    public double value() {
        findNeighbours();
        Mean mean = new Mean();
        for (int n = 0; n < samples; n++) {
            mean.add(precisions[n], firstHits[n] == 0 ? 0 : 1);
        }
        return mean.value();
    }

    /** Looks once, until more samples come. */
    private void findNeighbours() {
        if (firstHits != null) {
            return;
        }
        int[] places = new int[samples];
        double[] sums = new double[samples];
        Map<Integer, Integer> sizes = new HashMap<>();
        for (int n = 0; n < samples; n++) {
            sizes.merge(labels[n], 1, Integer::sum);
        }
        int rows = Math.max(1, CHUNK / Math.max(1, samples));
        try (NDManager manager = PyTorch.newManager()) {
            NDArray all = manager.create(Arrays.copyOf(embeddings, samples * width), new Shape(samples, width));
            for (int from = 0; from < samples; from += rows) {
                int to = Math.min(samples, from + rows);
                try (NDArray queries = all.get(new NDIndex("{}:{}", from, to));
                        NDArray chunk = SCRIPT.call("distances", queries, all)) {
                    float[] distances = chunk.toFloatArray();
                    for (int query = from; query < to; query++) {
                        int relevant = sizes.get(labels[query]) - 1;
                        if (relevant > 0) {
                            long[] keys = keys(distances, query - from, query);
                            places[query] = firstHit(query, keys);
                            sums[query] = precisionAtR(query, smallest(keys, relevant), relevant);
                        }
                    }
                }
            }
        }
        firstHits = places;
        precisions = sums;
    }

    /** Returns for each sample its distance's bits, then its index: ordered as neighbours are, the query at the end. */
    private long[] keys(float[] distances, int row, int query) {
        long[] keys = new long[samples];
        for (int n = 0; n < samples; n++) {
            keys[n] = (long) Float.floatToIntBits(distances[row * samples + n]) << Integer.SIZE | n;
        }
        keys[query] = Long.MAX_VALUE;
        return keys;
    }

    private int firstHit(int query, long[] keys) {
        long nearestHit = Long.MAX_VALUE;
        for (int n = 0; n < samples; n++) {
            if (labels[n] == labels[query]) {
                nearestHit = Math.min(nearestHit, keys[n]);
            }
        }
        int place = 1;
        for (long key : keys) {
            place += key < nearestHit ? 1 : 0;
        }
        return place;
    }

    private double precisionAtR(int query, long[] nearest, int relevant) {
        double sum = 0;
        int hits = 0;
        for (int i = 0; i < relevant; i++) {
            if (labels[(int) nearest[i]] == labels[query]) {
                hits++;
                sum += (double) hits / (i + 1);
            }
        }
        return sum / relevant;
    }

    /** Returns an array that opens with the smallest keys, ascending: twice as many are gathered, sorted and cut. */
    private static long[] smallest(long[] keys, int count) {
        long[] kept = new long[2 * count];
        int size = 0;
        long limit = Long.MAX_VALUE;
        for (long key : keys) {
            if (key < limit) {
                kept[size++] = key;
                if (size == kept.length) {
                    Arrays.sort(kept);
                    size = count;
                    limit = kept[count - 1];
                }
            }
        }
        Arrays.sort(kept, 0, size);
        return kept;
    }

    /** Returns, sample by sample, the label and the embedding. */
    @Override
    public double[] state() {
        double[] state = new double[Math.multiplyExact(samples, width + 1)];
        for (int n = 0; n < samples; n++) {
            state[n * (width + 1)] = labels[n];
            for (int d = 0; d < width; d++) {
                state[n * (width + 1) + 1 + d] = embeddings[n * width + d];
            }
        }
        return state;
    }

    @Override
    public void merge(double[] state) {
        if (state.length % (width + 1) != 0) {
            throw new IllegalArgumentException("expected a state of rows of " + (width + 1)
                    + ", a label and its embedding, got " + state.length + " numbers");
        }
        int more = state.length / (width + 1);
        makeRoom(more);
        for (int n = 0; n < more; n++) {
            for (int d = 0; d < width; d++) {
                embeddings[samples * width + d] = (float) state[n * (width + 1) + 1 + d];
            }
            labels[samples++] = (int) state[n * (width + 1)];
        }
    }
}
