package djinn.tasks.text;

import djinn.data.text.Tokenizer;
import djinn.data.text.TokenizerTraining;
import djinn.ops.DataException;
import djinn.ops.TextFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
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
     * @throws DataException if the file is missing or none of a tokenizer
     */
    public static Tokenizer open(Optional<String> tokenizer, TokenizerTraining making, Stream<String> texts) {
        return tokenizer
                .map(file -> Tokenizer.open(Path.of(file)))
                .orElseGet(() -> Tokenizer.of(making.train(texts), "new tokenizer"));
    }

    /**
     * Refuses to go on with a run whose files others were made for.
     *
     * @param folder of the run; files that it lacks are not looked at
     * @param files what they would be now, by name
     * @param message of the file that is another
     * @throws DataException if one is
     */
    public static void requireSame(Path folder, Map<String, String> files, Function<Path, String> message) {
        files.forEach((name, content) -> {
            Path file = folder.resolve(name);
            if (Files.isRegularFile(file) && !TextFile.read(file).equals(content)) {
                throw new DataException(message.apply(file));
            }
        });
    }
}
