package djinn.data.text;

import djinn.ops.DataException;
import djinn.ops.Default;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import tools.jackson.databind.json.JsonMapper;

/**
 * How a tokenizer is made of texts. What comes of it is a {@code tokenizer.json}, as Hugging Face's tokenizers library and
 * {@link Tokenizer} read it; tokens are numbered from 0: special ones, single characters in their order, then what was
 * added, the most frequent first.
 *
 * @param model how pieces become tokens
 * @param vocabulary how many tokens there are at most; characters are not left out to stay below, but for {@code word}
 * @param leastCount how often a pair or a word is there at least
 * @param normalizers what is done to a text first, in order
 * @param preTokenizer how it is cut into pieces; the model's usual way if left out
 * @param special tokens that no text is cut into, such as [PAD]; they are the first, in this order
 */
public record TokenizerTraining(
        @Default("byte_bpe") TokenizerModel model,
        @Default("8000") int vocabulary,
        @Default("2") int leastCount,
        @Default("[]") List<TextNormalizer> normalizers,
        Optional<PreTokenizer> preTokenizer,
        @Default("[]") List<String> special) {

    /** WordPiece's mark of a token inside of a piece. */
    private static final String INSIDE = "##";
    /** The mark of a piece's last token. */
    private static final String END = "</w>";

    private static final int LONGEST_WORD = 100;

    /**
     * Checks.
     *
     * @throws IllegalArgumentException if the numbers are below 1, a special token is empty or there twice, or the model goes
     *     with no such cut
     */
    public TokenizerTraining {
        normalizers = List.copyOf(normalizers);
        special = List.copyOf(special);
        if (vocabulary < 1 || leastCount < 1) {
            throw new IllegalArgumentException(
                    "expected a vocabulary and a least count of at least 1, got " + vocabulary + " and " + leastCount);
        }
        if (special.stream().anyMatch(String::isEmpty) || Set.copyOf(special).size() < special.size()) {
            throw new IllegalArgumentException(
                    "expected special tokens of at least one character, each once, got " + special);
        }
        PreTokenizer cut = preTokenizer.orElse(model.usualCut());
        if ((cut == PreTokenizer.BYTE_LEVEL) != (model == TokenizerModel.BYTE_BPE)
                || (model == TokenizerModel.CHARACTER && cut != PreTokenizer.CHARACTERS)) {
            throw new IllegalArgumentException(
                    "expected a cut that " + model + " goes with, such as " + model.usualCut() + ", got " + cut);
        }
    }

    /** Returns the same with further special tokens, which come first. */
    public TokenizerTraining withSpecial(List<String> first) {
        List<String> all =
                Stream.concat(first.stream(), special.stream()).distinct().toList();
        return new TokenizerTraining(model, vocabulary, leastCount, normalizers, preTokenizer, all);
    }

    /** Returns how a text is cut into pieces. */
    public PreTokenizer cut() {
        return preTokenizer.orElse(model.usualCut());
    }

    /**
     * Makes a tokenizer.
     *
     * @param texts of any length, such as the lines of a file; read once
     * @return the tokenizer.json
     * @throws DataException if there is no text
     */
    public String train(Stream<String> texts) {
        Map<String, Long> pieces = new TreeMap<>();
        texts.forEach(text -> {
            String normal = text;
            for (TextNormalizer normalizer : normalizers) {
                normal = normalizer.apply(normal);
            }
            cut().pieces(normal).forEach(piece -> pieces.merge(piece, 1L, Long::sum));
        });
        if (pieces.isEmpty()) {
            throw new DataException("expected texts with at least one character, found none");
        }
        return JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsString(json(pieces));
    }

    private Map<String, Object> json(Map<String, Long> pieces) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("version", "1.0");
        json.put("truncation", null);
        json.put("padding", null);
        json.put("added_tokens", added());
        json.put("normalizer", normalizer());
        json.put("pre_tokenizer", cut().toJson());
        json.put("post_processor", null);
        json.put("decoder", decoder());
        json.put(
                "model",
                switch (model) {
                    case BYTE_BPE, BPE -> bpe(pieces);
                    case WORDPIECE -> wordPiece(pieces);
                    case WORD -> words(pieces);
                    case CHARACTER ->
                        wordLevel(numbered(Stream.concat(
                                specials().stream(), pieces.keySet().stream().sorted(BY_CODE_POINT))));
                });
        return json;
    }

    private static final Comparator<String> BY_CODE_POINT = Comparator.comparingInt(piece -> piece.codePointAt(0));

    /** The special tokens, and that for what is unknown where the model needs it. */
    private List<String> specials() {
        Set<String> all = new LinkedHashSet<>(special);
        all.addAll(model.needed());
        return List.copyOf(all);
    }

    private List<Map<String, Object>> added() {
        List<Map<String, Object>> added = new ArrayList<>();
        for (String token : specials()) {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("id", added.size());
            entry.put("content", token);
            entry.put("single_word", false);
            entry.put("lstrip", false);
            entry.put("rstrip", false);
            entry.put("normalized", false);
            entry.put("special", true);
            added.add(entry);
        }
        return added;
    }

    private Map<String, Object> normalizer() {
        if (normalizers.size() > 1) {
            Map<String, Object> sequence = new LinkedHashMap<>();
            sequence.put("type", "Sequence");
            sequence.put(
                    "normalizers",
                    normalizers.stream().map(TextNormalizer::toJson).toList());
            return sequence;
        }
        return normalizers.isEmpty() ? null : normalizers.get(0).toJson();
    }

    private Map<String, Object> decoder() {
        return switch (model) {
            case BYTE_BPE ->
                TokenizerPart.of(
                        "ByteLevel",
                        Map.entry("add_prefix_space", true),
                        Map.entry("trim_offsets", true),
                        Map.entry("use_regex", true));
            case BPE -> TokenizerPart.of("BPEDecoder", Map.entry("suffix", END));
            case WORDPIECE -> TokenizerPart.of("WordPiece", Map.entry("prefix", INSIDE), Map.entry("cleanup", true));
            case WORD -> null;
            case CHARACTER -> TokenizerPart.of("Fuse");
        };
    }

    /** Merged tokens, with or without a mark. */
    private PairMerges merged(Map<String, Long> pieces) {
        Map<String, List<String>> first = new LinkedHashMap<>();
        Set<String> alphabet = new TreeSet<>(BY_CODE_POINT.thenComparing(Comparator.naturalOrder()));
        if (model == TokenizerModel.BYTE_BPE) {
            for (int character : ByteAlphabet.sorted()) {
                alphabet.add(Character.toString(character));
            }
        }
        Set<String> marked = new TreeSet<>();
        for (String piece : pieces.keySet()) {
            List<String> tokens = new ArrayList<>();
            int[] characters = piece.codePoints().toArray();
            for (int i = 0; i < characters.length; i++) {
                String character = Character.toString(characters[i]);
                boolean isPlain = (model != TokenizerModel.WORDPIECE || i == 0)
                        && (model != TokenizerModel.BPE || i < characters.length - 1);
                String token = isPlain ? character : model == TokenizerModel.BPE ? character + END : INSIDE + character;
                (isPlain ? alphabet : marked).add(token);
                tokens.add(token);
            }
            first.put(piece, tokens);
        }
        List<String> known = new ArrayList<>(specials());
        known.addAll(alphabet);
        known.addAll(marked);
        PairMerges merges = new PairMerges(known, model == TokenizerModel.WORDPIECE ? INSIDE : "");
        first.forEach((piece, tokens) -> merges.add(tokens, pieces.get(piece)));
        merges.merge(vocabulary, leastCount);
        return merges;
    }

    private Map<String, Object> bpe(Map<String, Long> pieces) {
        PairMerges merges = merged(pieces);
        boolean onBytes = model == TokenizerModel.BYTE_BPE;
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("type", "BPE");
        json.put("dropout", null);
        json.put("unk_token", onBytes ? null : TokenizerModel.UNKNOWN);
        json.put("continuing_subword_prefix", null);
        json.put("end_of_word_suffix", onBytes ? null : END);
        json.put("fuse_unk", false);
        json.put("byte_fallback", false);
        json.put("vocab", numbered(merges.tokens().stream()));
        json.put(
                "merges",
                merges.merges().stream()
                        .map(merge -> List.of(merge.left(), merge.right()))
                        .toList());
        return json;
    }

    private Map<String, Object> wordPiece(Map<String, Long> pieces) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("type", "WordPiece");
        json.put("unk_token", TokenizerModel.UNKNOWN);
        json.put("continuing_subword_prefix", INSIDE);
        json.put("max_input_chars_per_word", LONGEST_WORD);
        json.put("vocab", numbered(merged(pieces).tokens().stream()));
        return json;
    }

    private Map<String, Object> words(Map<String, Long> pieces) {
        List<String> specials = specials();
        return wordLevel(numbered(Stream.concat(
                specials.stream(),
                pieces.entrySet().stream()
                        .filter(piece -> piece.getValue() >= leastCount && !specials.contains(piece.getKey()))
                        .sorted(Map.Entry.<String, Long>comparingByValue()
                                .reversed()
                                .thenComparing(Map.Entry.comparingByKey()))
                        .limit(Math.max(0, vocabulary - specials.size()))
                        .map(Map.Entry::getKey))));
    }

    private static Map<String, Object> wordLevel(Map<String, Integer> tokens) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("type", "WordLevel");
        json.put("vocab", tokens);
        json.put("unk_token", TokenizerModel.UNKNOWN);
        return json;
    }

    private static Map<String, Integer> numbered(Stream<String> tokens) {
        Map<String, Integer> numbers = new LinkedHashMap<>();
        tokens.forEach(token -> numbers.putIfAbsent(token, numbers.size()));
        return numbers;
    }
}
