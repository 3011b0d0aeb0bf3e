package djinn.data.text;

/**
 * A text and what it is in another language.
 *
 * @param source what is translated
 * @param target its translation
 */
public record SentencePair(String source, String target) {}
