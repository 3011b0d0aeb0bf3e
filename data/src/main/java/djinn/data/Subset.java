package djinn.data;

import djinn.ops.Randomness;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/** Some images of a data set, in its order. */
final class Subset implements Dataset {

    private final Dataset whole;
    private final int[] indices;

    private Subset(Dataset whole, int[] indices) {
        this.whole = whole;
        this.indices = indices;
    }

    /**
     * Splits a data set: the same share of every class is held out, and at least one image of each stays.
     *
     * @param whole all images
     * @param valFraction the share held out
     * @param seed decides which
     * @return those that stay, and those held out
     * @throws IllegalArgumentException if the fraction is not between 0 and 1
     */
    static List<Dataset> split(Dataset whole, double valFraction, long seed) {
        if (!(valFraction > 0 && valFraction < 1)) {
            throw new IllegalArgumentException("expected val_fraction between 0 and 1, got " + valFraction);
        }
        int[] labels = IntStream.range(0, whole.size()).map(whole::label).toArray();
        boolean[] heldOut = new boolean[labels.length];
        for (int label : Arrays.stream(labels).distinct().sorted().toArray()) {
            List<Integer> own = new ArrayList<>(IntStream.range(0, labels.length)
                    .filter(i -> labels[i] == label)
                    .boxed()
                    .toList());
            Collections.shuffle(own, new Random(Randomness.mix(seed, label)));
            int held = Math.min((int) Math.rint(own.size() * valFraction), own.size() - 1);
            own.subList(0, held).forEach(i -> heldOut[i] = true);
        }
        return List.of(of(whole, heldOut, false), of(whole, heldOut, true));
    }

    private static Subset of(Dataset whole, boolean[] marks, boolean mark) {
        return new Subset(
                whole,
                IntStream.range(0, marks.length).filter(i -> marks[i] == mark).toArray());
    }

    @Override
    public int size() {
        return indices.length;
    }

    @Override
    public Pixels image(int index, int channels) {
        return whole.image(indices[index], channels);
    }

    @Override
    public int label(int index) {
        return whole.label(indices[index]);
    }

    @Override
    public String name(int index) {
        return whole.name(indices[index]);
    }
}
