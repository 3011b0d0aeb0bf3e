package djinn.training.optimizer;

/**
 * An array an optimizer keeps for each parameter, float32.
 *
 * @param name as {@code torch.optim} names it in its state
 * @param scalar whether it is a single number, not an array in the parameter's shape
 * @param initial what it is filled with at first
 */
public record Slot(String name, boolean scalar, double initial) {

    /** Zeros in the parameter's shape. */
    static Slot zeros(String name) {
        return new Slot(name, false, 0);
    }

    /** The number of steps a parameter has taken. */
    static Slot steps() {
        return new Slot("step", true, 0);
    }
}
