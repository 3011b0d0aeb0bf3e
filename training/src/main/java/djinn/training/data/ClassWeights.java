package djinn.training.data;

import java.util.List;

/** Weights of classes for a loss, by how many images each has. */
public final class ClassWeights {

    private ClassWeights() {}

    /**
     * Returns the inverse effective numbers of images, {@code (1 - beta) / (1 - beta^n)}, scaled to a mean of 1 (Cui et
     * al. 2019, "Class-Balanced Loss Based on Effective Number of Samples").
     *
     * @param counts n of each class; one without images gets the weight 0 and no part in the mean
     * @param beta from 0, where all classes weigh the same, to below 1, towards which weights go like 1 / n; the paper
     *     tries 0.9 to 0.9999
     * @return one weight per class
     * @throws IllegalArgumentException if beta is out of its range, a count negative, or all of them 0
     */
    public static List<Double> effectiveNumber(List<Integer> counts, double beta) {
        if (!(beta >= 0 && beta < 1)) {
            throw new IllegalArgumentException("expected beta from 0 to below 1, got " + beta);
        }
        if (counts.stream().anyMatch(n -> n < 0) || counts.stream().allMatch(n -> n == 0)) {
            throw new IllegalArgumentException("expected counts of 0 or more, not all of them 0, got " + counts);
        }
        // 1 - beta cancels in the mean; expm1 keeps the digits of 1 - beta^n where beta is close to 1
        List<Double> inverse = counts.stream()
                .map(n -> n == 0 ? 0 : -1 / Math.expm1(n * Math.log(beta)))
                .toList();
        double sum = inverse.stream().mapToDouble(Double::doubleValue).sum();
        long present = counts.stream().filter(n -> n > 0).count();
        return inverse.stream().map(weight -> weight * present / sum).toList();
    }
}
