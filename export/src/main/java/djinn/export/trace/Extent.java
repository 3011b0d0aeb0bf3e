package djinn.export.trace;

/**
 * A whole number that follows the size of the input: {@code factor * size / divisor + offset}, where size is that of a
 * value along an axis.
 *
 * <p>It stands among the arguments of a {@link Node}, alone or in a list, where the example input's number would not
 * hold for others.
 *
 * @param of whose size it follows
 * @param axis along which axis, from 0
 * @param factor at least 1
 * @param divisor at least 1; divides the product exactly, or rounds down
 * @param offset added last
 */
public record Extent(Value of, int axis, long factor, long divisor, long offset) {

    /** Checks that the axis is one of the value's, and that factor and divisor are positive. */
    public Extent {
        if (axis < 0 || axis >= of.shape().dimension() || factor < 1 || divisor < 1) {
            throw new IllegalArgumentException("expected an axis of " + of + " and positive factor and divisor, got "
                    + axis + ", " + factor + " and " + divisor);
        }
    }

    /**
     * Computes the number.
     *
     * @param size the size of the value
     * @return the number
     */
    public long at(long size) {
        return Math.floorDiv(factor * size, divisor) + offset;
    }
}
