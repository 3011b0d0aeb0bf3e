package djinn.training.data;

import ai.djl.ndarray.types.Shape;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.function.BiConsumer;
import java.util.random.RandomGenerator;

/** Who in a batch is mixed with whom. */
final class Partners {

    private final FloatBuffer pixels;
    private final int length;
    private final int[] labels;
    private final int[] partner;

    private Partners(FloatBuffer pixels, int length, int[] labels, int[] partner) {
        this.pixels = pixels;
        this.length = length;
        this.labels = labels;
        this.partner = partner;
    }

    /** Checks the components that all mixing shares. */
    static void check(double alpha, double p) {
        if (!(alpha > 0 && Double.isFinite(alpha))) {
            throw new IllegalArgumentException("expected alpha above 0, got " + alpha);
        }
        if (!(p >= 0 && p <= 1)) {
            throw new IllegalArgumentException("expected p from 0 to 1, got " + p);
        }
    }

    /** Draws a partner for every image: a permutation. */
    static Partners draw(FloatBuffer pixels, Shape shape, int[] labels, RandomGenerator random) {
        if (shape.dimension() != 4 || shape.get(0) != labels.length || shape.size() > pixels.limit()) {
            throw new IllegalArgumentException("expected pixels (N, C, H, W) and N labels, got " + pixels.limit()
                    + " floats of " + shape + " and " + labels.length + " labels");
        }
        int[] partner = new int[labels.length];
        Arrays.setAll(partner, i -> i);
        Sampling.shuffle(partner, random);
        return new Partners(pixels, Math.toIntExact(shape.slice(1).size()), labels, partner);
    }

    /**
     * Changes every image by its partner as it was before. Going along the cycles of the permutation, only the first
     * image of a cycle need be kept.
     *
     * @param mix changes the first array, an image (C, H, W), and leaves the second, its partner, as it is
     */
    void forEach(BiConsumer<float[], float[]> mix) {
        boolean[] done = new boolean[partner.length];
        for (int start = 0; start < partner.length; start++) {
            if (done[start] || partner[start] == start) {
                continue;
            }
            float[] first = image(start);
            float[] own = first.clone();
            int i = start;
            do {
                float[] other = partner[i] == start ? first : image(partner[i]);
                mix.accept(own, other);
                pixels.put(i * length, own);
                done[i] = true;
                own = other;
                i = partner[i];
            } while (i != start);
        }
    }

    private float[] image(int i) {
        float[] image = new float[length];
        pixels.get(i * length, image);
        return image;
    }

    /** Returns (N, K): of the own label a share, of the partner's the rest. */
    float[] targets(int classes, float share) {
        float[] targets = new float[Math.multiplyExact(labels.length, classes)];
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] < 0 || labels[i] >= classes) {
                throw new IllegalArgumentException("expected labels from 0 to " + (classes - 1) + " for " + classes
                        + " classes, got " + labels[i]);
            }
            targets[i * classes + labels[i]] += share;
            targets[i * classes + labels[partner[i]]] += 1 - share;
        }
        return targets;
    }
}
