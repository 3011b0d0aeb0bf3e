package djinn.data.text;

import java.text.Normalizer;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/** What is done to a text before it is cut into pieces; names are those of Hugging Face's tokenizers. */
public enum TextNormalizer {
    /** Unicode's canonical composition: a letter and its accent become one character where there is one. */
    NFC("NFC"),
    /** Unicode's canonical decomposition. */
    NFD("NFD"),
    /** Composition of what is alike in use: ligatures, wide letters and small figures become plain. */
    NFKC("NFKC"),
    /** Decomposition of what is alike in use. */
    NFKD("NFKD"),
    /** Small letters, one by one, wherever they stand. */
    LOWERCASE("Lowercase"),
    /** Leaves out marks above and below letters; they stand for themselves after {@code nfd} or {@code nfkd}. */
    STRIP_ACCENTS("StripAccents");

    private static final Pattern MARKS = Pattern.compile("\\p{Mn}");

    private final String type;

    TextNormalizer(String type) {
        this.type = type;
    }

    /**
     * Returns the text, changed.
     *
     * @param text any
     */
    public String apply(String text) {
        return switch (this) {
            case NFC, NFD, NFKC, NFKD -> Normalizer.normalize(text, Normalizer.Form.valueOf(name()));
            case LOWERCASE -> lowercase(text);
            case STRIP_ACCENTS -> MARKS.matcher(text).replaceAll("");
        };
    }

    /** Letter by letter: no rule for the end of a word. */
    private static String lowercase(String text) {
        StringBuilder small = new StringBuilder(text.length());
        text.codePoints()
                .forEach(letter -> small.append(Character.toString(letter).toLowerCase(Locale.ROOT)));
        return small.toString();
    }

    /** Its entry of a tokenizer.json. */
    Map<String, Object> toJson() {
        return Map.of("type", type);
    }
}
