package djinn.data.text;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import djinn.ops.AtomicFile;
import djinn.ops.DataException;
import djinn.ops.TextFile;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Turns text into numbers of tokens and back, as a {@code tokenizer.json} says: of {@link TokenizerTraining}, or of Hugging
 * Face's tokenizers, whose library does it. Thread-safe.
 */
public final class Tokenizer implements Vocabulary, AutoCloseable {

    /** In the metadata of weights: the tokenizer.json. */
    static final String KEY = "djinn.tokenizer";

    /** What the token that ends a document is called, by Djinn, by GPT-2 and by others; the first that is there is it. */
    public static final List<String> ENDS = List.of("</s>", "<|endoftext|>", "<eos>", "[EOS]");

    private final String json;
    private final Map<String, Integer> vocabulary;
    private final SortedSet<Integer> special;
    private final OptionalInt unknown;
    private final HuggingFaceTokenizer library;

    private Tokenizer(
            String json,
            Map<String, Integer> vocabulary,
            SortedSet<Integer> special,
            OptionalInt unknown,
            HuggingFaceTokenizer library) {
        this.json = json;
        this.unknown = unknown;
        this.vocabulary = vocabulary;
        this.special = special;
        this.library = library;
    }

    /**
     * Opens a file.
     *
     * @param file a tokenizer.json
     * @throws DataException if it is missing, no tokenizer, or one of a kind that the library does not know
     */
    public static Tokenizer open(Path file) {
        return of(TextFile.read(file), file.toString());
    }

    /**
     * Opens a text.
     *
     * @param json of a tokenizer.json
     * @param source what messages call it
     * @throws DataException if it is no tokenizer, or one of a kind that the library does not know
     */
    public static Tokenizer of(String json, String source) {
        JsonNode model = model(json, source);
        Map<String, Integer> vocabulary = vocabulary(model.path("model"), model.path("added_tokens"));
        Integer unknown = vocabulary.get(model.path("model").path("unk_token").asString(""));
        try {
            // no longest length, nothing filled up, and no special tokens of its own
            Map<String, String> options =
                    Map.of("addSpecialTokens", "false", "truncation", "false", "padding", "false");
            return new Tokenizer(
                    json,
                    vocabulary,
                    special(model.path("added_tokens")),
                    unknown == null ? OptionalInt.empty() : OptionalInt.of(unknown),
                    HuggingFaceTokenizer.newInstance(
                            new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8)), options));
        } catch (IOException | RuntimeException e) {
            throw AtomicFile.unusable(source + ": expected a tokenizer.json, got: " + e.getMessage(), e);
        }
    }

    private static JsonNode model(String json, String source) {
        JsonNode root;
        try {
            root = JsonMapper.shared().readTree(json);
        } catch (JacksonException e) {
            throw AtomicFile.unusable(source + ": expected a tokenizer.json, got: " + e.getOriginalMessage(), e);
        }
        if (!root.path("model").path("vocab").isContainer()) {
            throw new DataException(source + ": expected a tokenizer.json, which has a model with a vocab, found none");
        }
        return root;
    }

    private static Map<String, Integer> vocabulary(JsonNode model, JsonNode allAdded) {
        Map<String, Integer> vocabulary = new TreeMap<>();
        JsonNode tokens = model.path("vocab");
        if (tokens.isObject()) {
            tokens.forEachEntry((token, number) -> vocabulary.put(token, number.asInt()));
        } else {
            // of a unigram model: tokens with their scores, numbered by their places
            for (int i = 0; i < tokens.size(); i++) {
                vocabulary.put(tokens.path(i).path(0).asString(), i);
            }
        }
        for (JsonNode added : allAdded) {
            vocabulary.put(added.path("content").asString(), added.path("id").asInt());
        }
        return vocabulary;
    }

    private static SortedSet<Integer> special(JsonNode allAdded) {
        SortedSet<Integer> special = new TreeSet<>();
        for (JsonNode added : allAdded) {
            if (added.path("special").asBoolean(false)) {
                special.add(added.path("id").asInt());
            }
        }
        return Collections.unmodifiableSortedSet(special);
    }

    /** Returns whether two texts of a tokenizer.json say the same, be their fields in another order. */
    public static boolean isSame(String one, String other) {
        try {
            return one.equals(other)
                    || JsonMapper.shared()
                            .readTree(one)
                            .equals(JsonMapper.shared().readTree(other));
        } catch (JacksonException e) {
            return false;
        }
    }

    /** Returns the tokenizer.json. */
    public String json() {
        return json;
    }

    @Override
    public Map<String, String> toMetadata() {
        return Map.of(KEY, json);
    }

    @Override
    public String unit() {
        return "tokens";
    }

    @Override
    public int size() {
        return vocabulary.values().stream().mapToInt(Integer::intValue).max().orElse(-1) + 1;
    }

    /** Returns the number of a token; empty if there is none. */
    public OptionalInt number(String token) {
        Integer number = vocabulary.get(token);
        return number == null ? OptionalInt.empty() : OptionalInt.of(number);
    }

    /** Returns all tokens as the vocabulary has them, by their numbers. */
    public SortedMap<Integer, String> tokens() {
        SortedMap<Integer, String> tokens = new TreeMap<>();
        vocabulary.forEach((token, number) -> tokens.put(number, token));
        return tokens;
    }

    /** Returns the numbers of the tokens that are no text, such as [PAD]. */
    public SortedSet<Integer> special() {
        return special;
    }

    /**
     * Turns a text into tokens.
     *
     * @param text any
     * @return their numbers
     */
    public TokenSequence encode(String text) {
        long[] numbers = encoding(text).getIds();
        return new TokenSequence(
                Arrays.stream(numbers).mapToInt(Math::toIntExact).toArray());
    }

    /** Turns a text into tokens; what the vocabulary cannot write is its token for the unknown, or is left out. */
    @Override
    public TokenSequence encode(String text, String name) {
        return encode(text);
    }

    @Override
    public OptionalInt unknown() {
        return unknown;
    }

    /** The first of {@link #ENDS} that is there. */
    @Override
    public OptionalInt end() {
        return ENDS.stream()
                .map(this::number)
                .filter(OptionalInt::isPresent)
                .findFirst()
                .orElse(OptionalInt.empty());
    }

    @Override
    public TokenSequence beginning() {
        TokenSequence line = encode("\n");
        return line.size() > 0 ? line : TokenSequence.of(0);
    }

    /** Returns the tokens of a text as the vocabulary has them. */
    public List<String> tokens(String text) {
        return List.of(encoding(text).getTokens());
    }

    private Encoding encoding(String text) {
        return library.encode(text, false, false);
    }

    /**
     * Returns the text of tokens; special ones are left out.
     *
     * @param tokens each from 0 to below K
     * @throws IllegalArgumentException if one is outside
     */
    @Override
    public String decode(TokenSequence tokens) {
        return decode(tokens, true);
    }

    /**
     * Returns the text of tokens, special ones by their names.
     *
     * @param tokens each from 0 to below K
     * @throws IllegalArgumentException if one is outside
     */
    public String decodeWhole(TokenSequence tokens) {
        return decode(tokens, false);
    }

    private String decode(TokenSequence tokens, boolean withoutSpecial) {
        int size = size();
        long[] numbers = IntStream.range(0, tokens.size())
                .map(tokens::token)
                .mapToLong(token -> {
                    if (token < 0 || token >= size) {
                        throw new IllegalArgumentException(
                                "expected tokens from 0 to below " + size + ", got " + token);
                    }
                    return token;
                })
                .toArray();
        return library.decode(numbers, withoutSpecial);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Tokenizer tokenizer && json.equals(tokenizer.json);
    }

    @Override
    public int hashCode() {
        return json.hashCode();
    }

    @Override
    public String toString() {
        return size() + " tokens";
    }

    /** Frees what the library holds; one that is not closed is freed with the object. */
    @Override
    public void close() {
        library.close();
    }
}
