package djinn.inference;

import djinn.data.Pixels;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.stream.Collectors;

/**
 * Which images are made. An image depends on the model, on its place among them and on all of these but the count: a
 * larger count begins with the same images.
 *
 * @param count how many, from 1 to 1,000,000,000
 * @param seed decides which
 * @param label the name of the class they are of; of any class if empty
 * @param interpolated whether every eight of them go from one random vector to another
 * @param truncation the greatest magnitude of a random number, above 0: those beyond are drawn again, so that images are
 *     more usual and less varied (Brock et al. 2019, section 3.1); empty for no bound
 * @param steps how many steps an image takes, for models that take some; empty leaves that to the model
 */
public record Sampling(
        int count,
        long seed,
        Optional<String> label,
        boolean interpolated,
        OptionalDouble truncation,
        OptionalInt steps) {

    /** The places of images, and of those that are made together with the last, stay whole numbers of Java. */
    private static final int MOST = 1_000_000_000;

    /** Images from one random vector to another, both among them. */
    public static final int INTERPOLATED = 8;

    /** What may be chosen beside the count and the seed. */
    public enum Choice {
        /** The class. */
        LABEL("class"),
        /** Images between random vectors. */
        INTERPOLATION("interpolation"),
        /** A bound of random numbers. */
        TRUNCATION("truncation"),
        /** The number of steps. */
        STEPS("steps");

        private final String text;

        Choice(String text) {
            this.text = text;
        }
    }

    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException if there are no images or too many, no steps, or a bound that nothing is within
     */
    public Sampling {
        if (count < 1) {
            throw new IllegalArgumentException("expected a count of at least 1, got " + count);
        } else if (count > MOST) {
            throw new IllegalArgumentException("expected a count of at most " + MOST + ", got " + count);
        } else if (truncation.isPresent() && !(truncation.getAsDouble() >= .1)) {
            // below it, drawing again takes too long
            throw new IllegalArgumentException(
                    "expected a truncation of at least 0.1, got " + truncation.getAsDouble());
        } else if (steps.isPresent() && steps.getAsInt() < 1) {
            throw new IllegalArgumentException("expected steps of at least 1, got " + steps.getAsInt());
        }
    }

    /** Images of any class, all else left to the model. */
    public static Sampling of(int count, long seed) {
        return new Sampling(count, seed, Optional.empty(), false, OptionalDouble.empty(), OptionalInt.empty());
    }

    /** Returns the same of one class. */
    public Sampling withLabel(String wanted) {
        return new Sampling(count, seed, Optional.of(wanted), interpolated, truncation, steps);
    }

    /** Returns the same, going from one random vector to another. */
    public Sampling withInterpolation() {
        return new Sampling(count, seed, label, true, truncation, steps);
    }

    /** Returns the same with a bound of random numbers. */
    public Sampling withTruncation(double bound) {
        return new Sampling(count, seed, label, interpolated, OptionalDouble.of(bound), steps);
    }

    /** Returns the same with a number of steps. */
    public Sampling withSteps(int wanted) {
        return new Sampling(count, seed, label, interpolated, truncation, OptionalInt.of(wanted));
    }

    /**
     * Makes the images in batches of one size, of which the last is made whole and handed on in part.
     *
     * @param size images that are made together
     * @param maker makes a batch, given the place of its first image
     * @param taker given the images that are wanted, in their order
     */
    public void inBatches(int size, IntFunction<? extends List<Pixels>> maker, Consumer<? super Pixels> taker) {
        for (int first = 0; first < count; first += size) {
            maker.apply(first).subList(0, Math.min(size, count - first)).forEach(taker);
        }
    }

    /** Returns what is chosen beside the count and the seed. */
    public Set<Choice> choices() {
        Set<Choice> chosen = EnumSet.noneOf(Choice.class);
        label.ifPresent(some -> chosen.add(Choice.LABEL));
        truncation.ifPresent(some -> chosen.add(Choice.TRUNCATION));
        steps.ifPresent(some -> chosen.add(Choice.STEPS));
        if (interpolated) {
            chosen.add(Choice.INTERPOLATION);
        }
        return chosen;
    }

    /**
     * Checks that a model takes notice of all that is chosen.
     *
     * @param possible what it takes notice of
     * @return this
     * @throws IllegalArgumentException if it does not, naming what has no effect
     */
    public Sampling requireWithin(Set<Choice> possible) {
        Set<Choice> idle = choices();
        idle.removeAll(possible);
        if (!idle.isEmpty()) {
            throw new IllegalArgumentException("expected no "
                    + idle.stream().map(choice -> choice.text).collect(Collectors.joining(" and no "))
                    + " with this model, which takes no notice of it; leave it out");
        }
        return this;
    }
}
