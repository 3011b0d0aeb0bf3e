package djinn.tasks.text;

import djinn.data.text.Tokenizer;
import djinn.data.text.TokenizerTraining;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/** Where the tokenizer of a recipe comes from: a file, or the texts to learn from. */
public final class TokenizerChoice {

    /** The name of the file in run folders. */
    public static final String FILE = "tokenizer.json";

    private TokenizerChoice() {}

    /**
     * Refuses a recipe that names both.
     *
     * @param tokenizer a tokenizer.json
     * @param newTokenizer how one is made
     * @throws IllegalArgumentException if both are there
     */
    public static void requireOne(Optional<String> tokenizer, Optional<TokenizerTraining> newTokenizer) {
        if (tokenizer.isPresent() && newTokenizer.isPresent()) {
            throw new IllegalArgumentException("expected a tokenizer, or a new_tokenizer that is made, got both");
        }
    }

    /**
     * Opens or makes it.
     *
     * @param tokenizer a tokenizer.json
     * @param making how one is made if there is none
     * @param texts that it is made of
     * @throws djinn.ops.DataException if the file is missing or none of a tokenizer
     */
    public static Tokenizer open(Optional<String> tokenizer, TokenizerTraining making, Stream<String> texts) {
        return tokenizer
                .map(file -> Tokenizer.open(Path.of(file)))
                .orElseGet(() -> Tokenizer.of(making.train(texts), "new tokenizer"));
    }
}
