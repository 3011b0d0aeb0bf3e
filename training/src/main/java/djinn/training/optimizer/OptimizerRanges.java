package djinn.training.optimizer;

import java.util.List;

/** Checks of settings, named as their recipe keys. */
final class OptimizerRanges {

    private OptimizerRanges() {}

    static void atLeastZero(String key, double value) {
        if (!(value >= 0 && Double.isFinite(value))) {
            throw new IllegalArgumentException("expected " + key + " of at least 0, got " + value);
        }
    }

    static void share(String key, double value) {
        if (!(value >= 0 && value < 1)) {
            throw new IllegalArgumentException("expected " + key + " from 0 to below 1, got " + value);
        }
    }

    static void betas(List<Double> betas) {
        if (betas.size() != 2) {
            throw new IllegalArgumentException("expected two betas, got " + betas);
        }
        betas.forEach(beta -> share("betas", beta));
    }

    /** Checks what every rule of Adam's family has. */
    static void adam(double lr, List<Double> betas, double eps, double weightDecay) {
        atLeastZero("lr", lr);
        betas(betas);
        atLeastZero("eps", eps);
        atLeastZero("weight_decay", weightDecay);
    }
}
