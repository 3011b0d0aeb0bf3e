package djinn.ops;

/**
 * Numbers as short as they can be written: a float that became a double, 0.8999999761581421, is 0.9 to whoever made it.
 *
 * <p>A double that equals a float is told by the fewest digits that are read as the same float. What is told exactly by
 * nine digits, the most that a float needs, stays as it is, and so do whole numbers, which may be counts.
 */
public final class ShortDecimal {

    /** Digits that tell any two floats apart. */
    private static final int DIGITS = 9;

    private ShortDecimal() {}

    /**
     * Returns a number whose own text is as short as it can be.
     *
     * @param value the number
     * @return a {@code Float} in the place of a {@code Double} that equals one and is longer; else the number itself
     */
    public static Number of(Number value) {
        if (!(value instanceof Double number) || (float) (double) number != number || number == Math.rint(number)) {
            return value;
        }
        String mantissa = number.toString().replaceFirst("E.*", "");
        int digits = mantissa.replaceAll("[-.]", "").replaceFirst("^0+", "").length();
        return digits <= DIGITS ? value : (Number) number.floatValue();
    }

    /** Returns a value as text, a number as short as it can be. */
    public static String text(Object value) {
        return String.valueOf(value instanceof Number number ? of(number) : value);
    }
}
