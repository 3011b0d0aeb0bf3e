package djinn.data.text;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/**
 * Documents as tokens, the long ones cut into pieces that a model can look at, side by side.
 *
 * @param pieces of at least one word each
 * @param documents how many there were
 * @param cut how many of them are several pieces
 * @param wordless pieces without a word, which are left out
 * @param unknown how many tokens of the pieces stand for what the tokenizer cannot write
 */
public record TextPieces(List<TokenSequence> pieces, int documents, int cut, int wordless, long unknown) {

    /** Copies the list. */
    public TextPieces {
        pieces = List.copyOf(pieces);
    }

    /**
     * Cuts documents.
     *
     * @param documents any texts
     * @param tokenizer what writes them
     * @param tokens what is a word
     * @param longest the most tokens of a piece, at least 1
     */
    public static TextPieces of(List<String> documents, Tokenizer tokenizer, MaskTokens tokens, int longest) {
        List<TokenSequence> pieces = new ArrayList<>();
        int cut = 0;
        int wordless = 0;
        for (String document : documents) {
            TokenSequence all = tokenizer.encode(document);
            cut += all.size() > longest ? 1 : 0;
            for (int from = 0; from < Math.max(1, all.size()); from += longest) {
                TokenSequence piece = all.part(from, Math.min(all.size(), from + longest));
                if (piece.stream().anyMatch(tokens::isWord)) {
                    pieces.add(piece);
                } else {
                    wordless++;
                }
            }
        }
        OptionalInt unknown = tokenizer.unknown();
        long unwritten = pieces.stream()
                .flatMapToInt(TokenSequence::stream)
                .filter(token -> unknown.equals(OptionalInt.of(token)))
                .count();
        return new TextPieces(pieces, documents.size(), cut, wordless, unwritten);
    }

    /** Returns how many tokens the pieces have. */
    public long tokens() {
        return pieces.stream().mapToLong(TokenSequence::size).sum();
    }
}
