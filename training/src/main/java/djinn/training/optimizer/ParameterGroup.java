package djinn.training.optimizer;

/**
 * How a parameter's treatment differs from what the rule says.
 *
 * @param lrFactor multiplies the learning rate, at least 0
 * @param decayFactor multiplies the weight decay and the L1 penalty, at least 0; at 0 the layer-wise rules {@link Lamb}
 *     and {@link Lars} leave the step's length alone too
 */
public record ParameterGroup(double lrFactor, double decayFactor) {

    /** As the rule says. */
    public static final ParameterGroup PLAIN = new ParameterGroup(1, 1);

    /** Checks the ranges. */
    public ParameterGroup {
        OptimizerRanges.atLeastZero("a learning rate factor", lrFactor);
        OptimizerRanges.atLeastZero("a weight decay factor", decayFactor);
    }
}
