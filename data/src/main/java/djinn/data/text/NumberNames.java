package djinn.data.text;

import djinn.ops.Randomness;
import java.util.SplittableRandom;

/**
 * A small text that needs no file: the numbers from 0 to 999 in an order of chance, each a line of digits and English
 * words, such as {@code 417 four hundred seventeen}.
 *
 * <p>What a line begins with is chance, what follows is a rule: a model that has learnt it names numbers it never saw.
 */
public final class NumberNames {

    private static final int COUNT = 1000;

    private static final String[] SMALL = {
        "zero",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
        "thirteen",
        "fourteen",
        "fifteen",
        "sixteen",
        "seventeen",
        "eighteen",
        "nineteen"
    };

    private static final String[] TENS = {
        "", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"
    };

    private NumberNames() {}

    /** Returns the text, always the same: a thousand lines. */
    public static String text() {
        int[] numbers = new int[COUNT];
        SplittableRandom random = new SplittableRandom(Randomness.mix(COUNT));
        for (int i = 0; i < COUNT; i++) {
            int other = random.nextInt(i + 1);
            numbers[i] = numbers[other];
            numbers[other] = i;
        }
        StringBuilder text = new StringBuilder();
        for (int number : numbers) {
            text.append(number).append(' ').append(name(number)).append('\n');
        }
        return text.toString();
    }

    /**
     * Returns a number in words.
     *
     * @param number from 0 to 999
     * @throws IllegalArgumentException if it is outside
     */
    public static String name(int number) {
        if (number < 0 || number >= COUNT) {
            throw new IllegalArgumentException("expected a number from 0 to " + (COUNT - 1) + ", got " + number);
        }
        if (number < SMALL.length) {
            return SMALL[number];
        }
        if (number < 100) {
            String tens = TENS[number / 10];
            return number % 10 == 0 ? tens : tens + "-" + SMALL[number % 10];
        }
        String hundreds = SMALL[number / 100] + " hundred";
        return number % 100 == 0 ? hundreds : hundreds + " " + name(number % 100);
    }
}
