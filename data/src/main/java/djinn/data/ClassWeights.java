package djinn.data;

import djinn.ops.Default;
import java.util.List;

/** Weights of classes for a loss, by how many images each has: what a recipe's {@code train.class_weights} names. */
public sealed interface ClassWeights {

    /**
     * Returns the weights.
     *
     * @param counts the number of images n of each class; one without images gets the weight 0
     * @return one weight per class
     * @throws IllegalArgumentException if a count is negative, or all of them are 0
     */
    List<Double> of(List<Integer> counts);

    /** {@code N / (K n)} for N images of K classes, those without images not counted: the mean over the images is 1. */
    record Balanced() implements ClassWeights {

        @Override
        public List<Double> of(List<Integer> counts) {
            requireCounts(counts);
            double each = counts.stream().mapToDouble(Integer::doubleValue).sum() / present(counts);
            return counts.stream().map(n -> n == 0 ? 0 : each / n).toList();
        }
    }

    /**
     * The inverse effective numbers of images, {@code (1 - beta) / (1 - beta^n)}, scaled so that the mean over the
     * classes with images is 1 (Cui et al. 2019, "Class-Balanced Loss Based on Effective Number of Samples").
     *
     * @param beta from 0, where all classes weigh the same, to below 1, towards which weights go like 1 / n; the paper
     *     tries 0.9 to 0.9999
     */
    record EffectiveNumber(@Default("0.999") double beta) implements ClassWeights {

        /** Checks the range. */
        public EffectiveNumber {
            if (!(beta >= 0 && beta < 1)) {
                throw new IllegalArgumentException("expected beta from 0 to below 1, got " + beta);
            }
        }

        @Override
        public List<Double> of(List<Integer> counts) {
            requireCounts(counts);
            // 1 - beta cancels in the mean; expm1 keeps the digits of 1 - beta^n where beta is close to 1
            List<Double> inverse = counts.stream()
                    .map(n -> n == 0 ? 0 : -1 / Math.expm1(n * Math.log(beta)))
                    .toList();
            double sum = inverse.stream().mapToDouble(Double::doubleValue).sum();
            long present = present(counts);
            return inverse.stream().map(weight -> weight * present / sum).toList();
        }
    }

    private static void requireCounts(List<Integer> counts) {
        if (counts.stream().anyMatch(n -> n < 0) || counts.stream().allMatch(n -> n == 0)) {
            throw new IllegalArgumentException("expected counts of 0 or more, not all of them 0, got " + counts);
        }
    }

    private static long present(List<Integer> counts) {
        return counts.stream().filter(n -> n > 0).count();
    }
}
