package djinn.data;

import java.util.random.RandomGenerator;

/** Draws from beta distributions. */
final class Beta {

    private Beta() {}

    /**
     * Draws from Beta(alpha, alpha) as g / (g + h) of two Gamma(alpha) draws, in logarithms: of a small alpha both are
     * often too small for a double.
     */
    static double draw(double alpha, RandomGenerator random) {
        double first = logGamma(alpha, random);
        double second = logGamma(alpha, random);
        return 1 / (1 + Math.exp(second - first));
    }

    /**
     * Draws the logarithm of a Gamma(alpha) number (Marsaglia and Tsang 2000, "A Simple Method for Generating Gamma
     * Variables"), below 1 from Gamma(alpha + 1) u^(1 / alpha).
     */
    private static double logGamma(double alpha, RandomGenerator random) {
        if (alpha < 1) {
            return logGamma(alpha + 1, random) + Math.log(1 - random.nextDouble()) / alpha;
        }
        double d = alpha - 1 / 3.0;
        double c = 1 / Math.sqrt(9 * d);
        while (true) {
            double x = random.nextGaussian();
            double root = 1 + c * x;
            double v = root * root * root;
            double u = 1 - random.nextDouble();
            if (root > 0 && Math.log(u) < x * x / 2 + d - d * v + d * Math.log(v)) {
                return Math.log(d * v);
            }
        }
    }
}
