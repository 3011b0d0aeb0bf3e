package djinn.tasks.text;

import djinn.data.text.Tokenizer;
import djinn.data.text.TokenizerTraining;
import djinn.ops.DataException;
import djinn.ops.TextFile;
import djinn.zoo.weights.Safetensors;
import djinn.zoo.weights.WeightFile;
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
     * Refuses weights to start from whose tokens are others; files that do not say theirs are taken as they are.
     *
     * @param file of the weights
     * @param tokenizer what the tokens are now
     * @throws DataException if it is missing, or says another tokenizer
     */
    public static void requireWeightsOf(Path file, Tokenizer tokenizer) {
        if (WeightFile.isPyTorch(file)) {
            return;
        }
        try (Safetensors weights = Safetensors.open(file)) {
            Map<String, String> metadata = weights.metadata();
            String key = tokenizer.toMetadata().keySet().iterator().next();
            if (metadata.containsKey(key) && !Tokenizer.isSame(metadata.get(key), tokenizer.json())) {
                throw new DataException(file + ": expected weights of the tokenizer that the recipe has, found those of"
                        + " another; set data.tokenizer to the " + FILE + " of the run they are from");
            }
        }
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
            if (Files.isRegularFile(file) && !isSame(name, TextFile.read(file), content)) {
                throw new DataException(message.apply(file));
            }
        });
    }

    private static boolean isSame(String name, String one, String other) {
        return name.equals(FILE) ? Tokenizer.isSame(one, other) : one.equals(other);
    }
}
