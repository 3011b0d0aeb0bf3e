package djinn.tasks.exhibit;

/** Texts as they are shown: of 1000 characters at most. */
public final class ShownText {

    private static final int LONGEST = 1000;

    private ShownText() {}

    /** Returns a text; where it is too long to be shown its beginning, and that it was cut. */
    public static String of(String text) {
        return text.codePointCount(0, text.length()) <= LONGEST
                ? text
                : text.substring(0, text.offsetByCodePoints(0, LONGEST)) + " ... [cut after " + LONGEST
                        + " characters]";
    }
}
