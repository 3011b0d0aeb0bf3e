package djinn.metrics;

import java.util.List;
import java.util.regex.Pattern;

/** What separates words, as Python's str.split has it: Unicode's white space, and four separators of ASCII. */
final class WhiteSpace {

    /** One or more, with {@link Pattern#UNICODE_CHARACTER_CLASS}. */
    static final String PATTERN = "[\\s\\x1c-\\x1f]+";

    private static final Pattern SPACES = Pattern.compile(PATTERN, Pattern.UNICODE_CHARACTER_CLASS);

    private WhiteSpace() {}

    static List<String> words(String text) {
        return SPACES.splitAsStream(text).filter(word -> !word.isEmpty()).toList();
    }
}
