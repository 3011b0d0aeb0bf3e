package djinn.zoo.nn;

/** Numbers of channels under a width multiplier (Howard et al. 2017). */
public final class Widths {

    private Widths() {}

    /**
     * Rounds to the nearest multiple, but not below nine tenths of the number: the rule of all MobileNets.
     *
     * @param channels the number, usually channels times a width
     * @param divisor what the result is a multiple of: 8, or 4
     * @return at least the divisor
     */
    public static int divisible(double channels, int divisor) {
        int nearest = Math.max(divisor, (int) (channels + divisor / 2.0) / divisor * divisor);
        return nearest < .9 * channels ? nearest + divisor : nearest;
    }
}
