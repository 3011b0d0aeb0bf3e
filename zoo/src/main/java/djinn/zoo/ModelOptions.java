package djinn.zoo;

/**
 * What every model of the zoo can be asked for.
 *
 * @param classes the number of classes K
 * @param inChannels C of the input: 1 for grey, 3 for colour
 */
public record ModelOptions(int classes, int inChannels) {

    /** Checks that both are at least 1. */
    public ModelOptions {
        if (classes < 1 || inChannels < 1) {
            throw new IllegalArgumentException(
                    "expected classes and channels of at least 1, got " + classes + " and " + inChannels);
        }
    }
}
