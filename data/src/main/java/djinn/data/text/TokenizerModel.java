package djinn.data.text;

import java.util.List;

/** How pieces of text become tokens. */
public enum TokenizerModel {
    /** Byte-pair encoding on bytes, as GPT-2's: every text can be written, and comes back as it was. */
    BYTE_BPE(PreTokenizer.BYTE_LEVEL),
    /** Byte-pair encoding on characters, the last of a piece marked (Sennrich et al. 2016). */
    BPE(PreTokenizer.BERT),
    /** BERT's: byte-pair encoding whose tokens inside of a piece begin with ##; the longest that fits is taken. */
    WORDPIECE(PreTokenizer.BERT),
    /** Whole pieces, the most frequent ones. */
    WORD(PreTokenizer.BERT),
    /** Single characters. */
    CHARACTER(PreTokenizer.CHARACTERS);

    /** What stands for all that the vocabulary lacks. */
    public static final String UNKNOWN = "[UNK]";

    private final PreTokenizer usual;

    TokenizerModel(PreTokenizer usual) {
        this.usual = usual;
    }

    /** Returns how a text is cut for it, unless it is told otherwise. */
    public PreTokenizer usualCut() {
        return usual;
    }

    /** Returns the special tokens it cannot do without. */
    List<String> needed() {
        return this == BYTE_BPE ? List.of() : List.of(UNKNOWN);
    }
}
