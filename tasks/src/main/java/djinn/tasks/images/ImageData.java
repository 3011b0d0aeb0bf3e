package djinn.tasks.images;

import djinn.data.Interpolation;
import djinn.data.Normalisation;
import djinn.data.OnError;
import djinn.data.Preprocessing;
import java.util.List;
import java.util.OptionalInt;

/** What the key {@code data} says in every recipe of images. */
public interface ImageData {

    /** Returns height and width the model gets; its own if empty. */
    OptionalInt size();

    /** Returns 1 for grey, 3 for colour. */
    int channels();

    /** Returns how an image of another shape comes to the size. */
    Preprocessing.Fit fit();

    /** Returns with fit crop the share of the resized image that is cut out. */
    default double cropFraction() {
        return 1;
    }

    /** Returns how an image is resized. */
    Interpolation interpolation();

    /** Returns what is taken off each channel, of values from 0 to 1. */
    List<Double> mean();

    /** Returns what divides each channel. */
    List<Double> std();

    /** Returns how many threads make batches. */
    int workers();

    /** Returns what becomes of an image that cannot be read. */
    OnError onError();

    /** Returns how many megabytes of decoded images are kept. */
    int cacheMb();

    /**
     * Returns what is done to every image.
     *
     * @param usual height and width where the recipe gives none
     */
    default Preprocessing preprocessing(int usual) {
        int side = size().orElse(usual);
        return new Preprocessing(side, side, channels(), mean(), std(), fit(), cropFraction(), interpolation());
    }

    /** Returns a mean, which left out is ImageNet's, or 0.5 for grey. */
    static List<Double> meanOr(List<Double> mean, int channels) {
        return mean.isEmpty() ? Normalisation.usual(channels).mean() : List.copyOf(mean);
    }

    /** Returns a deviation, which left out is ImageNet's, or 0.5 for grey. */
    static List<Double> stdOr(List<Double> std, int channels) {
        return std.isEmpty() ? Normalisation.usual(channels).std() : List.copyOf(std);
    }

    /**
     * Checks what is no part of the preprocessing.
     *
     * @throws IllegalArgumentException if the channels are neither 1 nor 3, there is no thread, or less than no memory
     */
    static void require(int channels, int workers, int cacheMb) {
        if (channels != 1 && channels != 3) {
            throw new IllegalArgumentException("expected channels of 1 (grey) or 3 (colour), got " + channels);
        }
        if (workers < 1 || cacheMb < 0) {
            throw new IllegalArgumentException(
                    "expected workers of at least 1 and cache_mb of at least 0, got " + workers + " and " + cacheMb);
        }
    }
}
