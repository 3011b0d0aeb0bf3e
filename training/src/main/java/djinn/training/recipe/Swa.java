package djinn.training.recipe;

import djinn.ops.Default;

/**
 * Stochastic weight averaging (Izmailov et al. 2018): a constant learning rate from some epoch on, and the equal average
 * of the weights at the end of each of these epochs, which is validated and saved as best in their place.
 *
 * @param start below 1, the share of the epochs that is trained as usual before: 0.75 of 100 averages epochs 76 to 100;
 *     from 1 on, the first epoch that is averaged, counted from 1
 * @param lr the constant learning rate
 * @param annealEpochs in how many epochs the rate gets there from the schedule's, along half a cosine, as {@code
 *     torch.optim.swa_utils.SWALR}; 0 is at once
 */
public record Swa(
        @Default("0.75") double start,
        double lr,
        @Default("0") int annealEpochs) {

    /** What a share of epochs may fall short of a whole number by rounding: 0.29 of 100 is 28.999999999999996. */
    private static final double ROUNDING = 1e-9;

    /** Checks the ranges. */
    public Swa {
        if (!(start >= 0 && start <= Integer.MAX_VALUE) || (start >= 1 && start != Math.rint(start))) {
            throw new IllegalArgumentException(
                    "expected start as a share of the epochs below 1 or as an epoch's number, got " + start);
        }
        if (!(lr > 0) || annealEpochs < 0) {
            throw new IllegalArgumentException(
                    "expected lr above 0 and anneal_epochs of at least 0, got " + lr + " and " + annealEpochs);
        }
    }

    /**
     * Returns the first epoch that is averaged, from 0 on.
     *
     * @param epochs the length of the training
     */
    public int firstEpoch(int epochs) {
        return start < 1 ? (int) (start * epochs + ROUNDING) : (int) start - 1;
    }

    /**
     * Returns the learning rate.
     *
     * @param before the schedule's, at the first epoch that is averaged
     * @param epochs how many have gone by since then
     * @return the learning rate
     */
    public double lr(double before, double epochs) {
        double share = epochs < annealEpochs ? (1 - Math.cos(Math.PI * epochs / annealEpochs)) / 2 : 1;
        return lr * share + before * (1 - share);
    }
}
