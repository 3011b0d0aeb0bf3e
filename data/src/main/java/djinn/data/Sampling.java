package djinn.data;

import djinn.ops.Randomness;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * How often the images of each class come in an epoch, for data in which some classes are rare. Classes without images
 * do not count.
 */
public enum Sampling {
    /** Every image once. */
    NONE,
    /** As many images as there are, drawn with replacement: first a class, each equally likely, then one of its own. */
    WEIGHTED,
    /**
     * Every class as often as the largest: its images all equally often, but for a remainder that is drawn anew every
     * epoch.
     */
    OVERSAMPLE,
    /** Every class as often as the smallest, no image twice; which of them is drawn anew every epoch. */
    UNDERSAMPLE;

    /**
     * Returns this way to draw for images of given classes.
     *
     * @param labels the class of each image
     */
    public Sampler of(int[] labels) {
        int[] own = labels.clone();
        int size = size(own);
        return new Sampler() {
            @Override
            public int size() {
                return size;
            }

            @Override
            public int[] order(long seed, int epoch) {
                return Sampling.this.order(own, seed, epoch);
            }
        };
    }

    /**
     * Returns how many images an epoch has.
     *
     * @param labels the class of each image
     */
    public int size(int[] labels) {
        return this == NONE || this == WEIGHTED ? labels.length : size(byClass(labels));
    }

    /**
     * Returns the images of an epoch in random order. It depends on the arguments alone, so that a run can be taken up
     * anywhere.
     *
     * @param labels the class of each image
     * @param seed the run's seed
     * @param epoch from 0 on
     * @return {@link #size} indices into the labels
     */
    public int[] order(int[] labels, long seed, int epoch) {
        SplittableRandom random = new SplittableRandom(Randomness.mix(seed, epoch));
        int[] order = switch (this) {
            case NONE -> IntStream.range(0, labels.length).toArray();
            case WEIGHTED -> drawn(byClass(labels), labels.length, random);
            case OVERSAMPLE, UNDERSAMPLE -> balanced(byClass(labels), random);
        };
        shuffle(order, random);
        return order;
    }

    private static int[] drawn(int[][] classes, int size, RandomGenerator random) {
        int[] order = new int[size];
        for (int i = 0; i < size; i++) {
            int[] own = classes[random.nextInt(classes.length)];
            order[i] = own[random.nextInt(own.length)];
        }
        return order;
    }

    private int[] balanced(int[][] classes, RandomGenerator random) {
        int[] order = new int[size(classes)];
        int at = 0;
        for (int[] own : classes) {
            shuffle(own, random);
            for (int i = 0; i < order.length / classes.length; i++) {
                order[at++] = own[i % own.length];
            }
        }
        return order;
    }

    private int size(int[][] classes) {
        IntStream sizes = Arrays.stream(classes).mapToInt(own -> own.length);
        int each = (this == OVERSAMPLE ? sizes.max() : sizes.min()).orElse(0);
        return Math.multiplyExact(classes.length, each);
    }

    /** Puts values into an order of which all are equally likely. */
    static void shuffle(int[] values, RandomGenerator random) {
        shuffle(values, values.length, random);
    }

    /**
     * Puts the first of some values into an order of which all are equally likely (Fisher and Yates).
     *
     * @param values changed
     * @param count how many
     * @param random what the order depends on
     */
    public static void shuffle(int[] values, int count, RandomGenerator random) {
        for (int i = count - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            int swapped = values[i];
            values[i] = values[j];
            values[j] = swapped;
        }
    }

    /** Returns the images of each class that has any. */
    private static int[][] byClass(int[] labels) {
        int[] classes = Arrays.stream(labels).sorted().distinct().toArray();
        List<IntStream.Builder> images = new ArrayList<>();
        for (int i = 0; i < classes.length; i++) {
            images.add(IntStream.builder());
        }
        for (int i = 0; i < labels.length; i++) {
            images.get(Arrays.binarySearch(classes, labels[i])).add(i);
        }
        return images.stream().map(own -> own.build().toArray()).toArray(int[][]::new);
    }
}
