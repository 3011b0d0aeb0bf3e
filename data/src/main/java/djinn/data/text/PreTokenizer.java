package djinn.data.text;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How a text is cut into pieces that no token reaches across; names are those of Hugging Face's tokenizers.
 */
public enum PreTokenizer {
    /** GPT-2's: words with the blank before them, numbers, signs; pieces are bytes, and nothing is lost. */
    BYTE_LEVEL("'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+"),
    /** Words, and runs of signs; blanks are lost. */
    WHITESPACE("\\w+|[^\\w\\s]+"),
    /** What stands between blanks; blanks are lost. */
    WHITESPACE_SPLIT("\\S+"),
    /** BERT's: words, and each sign for itself; blanks are lost. */
    BERT("[!-/:-@\\[-`{-~\\p{P}]|[^\\s!-/:-@\\[-`{-~\\p{P}]+"),
    /** Each character for itself; nothing is lost. */
    CHARACTERS("[\\s\\S]");

    private final Pattern pattern;

    PreTokenizer(String pattern) {
        this.pattern = Pattern.compile(pattern, Pattern.UNICODE_CHARACTER_CLASS);
    }

    /**
     * Cuts a text.
     *
     * @param text normalised
     * @return the pieces in their order; of {@code byte_level} in its characters for bytes
     */
    public List<String> pieces(String text) {
        List<String> pieces = new ArrayList<>();
        Matcher matcher = pattern.matcher(text);
        while (matcher.find()) {
            pieces.add(this == BYTE_LEVEL ? ByteAlphabet.of(matcher.group()) : matcher.group());
        }
        return pieces;
    }

    /** Its entry of a tokenizer.json. */
    Map<String, Object> toJson() {
        return switch (this) {
            case BYTE_LEVEL ->
                TokenizerPart.of(
                        "ByteLevel",
                        Map.entry("add_prefix_space", false),
                        Map.entry("trim_offsets", true),
                        Map.entry("use_regex", true));
            case WHITESPACE -> Map.of("type", "Whitespace");
            case WHITESPACE_SPLIT -> Map.of("type", "WhitespaceSplit");
            case BERT -> Map.of("type", "BertPreTokenizer");
            case CHARACTERS -> {
                Map<String, Object> everyone = Map.of("Regex", CHARACTERS.pattern.pattern());
                yield TokenizerPart.of(
                        "Split",
                        Map.entry("pattern", everyone),
                        Map.entry("behavior", "Isolated"),
                        Map.entry("invert", false));
            }
        };
    }
}
