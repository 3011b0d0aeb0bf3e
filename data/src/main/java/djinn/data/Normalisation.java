package djinn.data;

import java.util.List;

/**
 * What is taken off each channel and divides it.
 *
 * @param mean of values from 0 to 1
 * @param std of values from 0 to 1
 */
public record Normalisation(List<Double> mean, List<Double> std) {

    /** ImageNet's for colour, a half for grey. */
    public static Normalisation usual(int channels) {
        return channels == 3
                ? new Normalisation(List.of(0.485, 0.456, 0.406), List.of(0.229, 0.224, 0.225))
                : new Normalisation(List.of(0.5), List.of(0.5));
    }
}
