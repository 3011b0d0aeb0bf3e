package djinn.tasks.language;

import djinn.data.text.Documents;
import djinn.data.text.Masking;
import djinn.data.text.NumberNames;
import djinn.data.text.TextNormalizer;
import djinn.data.text.TextParts;
import djinn.data.text.TokenizerModel;
import djinn.data.text.TokenizerTraining;
import djinn.ops.Default;
import djinn.predict.language.MaskedLanguageNetwork;
import djinn.tasks.images.SourceKeys;
import djinn.tasks.text.TokenizerChoice;
import djinn.training.Goal;
import djinn.training.optimizer.OptimizerRule;
import djinn.training.recipe.Recipe;
import djinn.training.recipe.Train;
import djinn.training.schedule.Schedule;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What decides a training run of a model that tells masked words. An example, of which {@code train} counts a batch's size,
 * is a document, or a piece of one as long as the model's context.
 *
 * @param task {@code masked_language_model}
 * @param seed decides weights, order, masks and dropout
 * @param model the network
 * @param data the text
 * @param masking which tokens are told, and what is seen in their places
 * @param optimizer how the loss is lowered
 * @param schedule how the learning rate moves
 * @param train how long, and in what steps
 */
public record MaskedLanguageModelRecipe(
        @Default("masked_language_model") String task,
        @Default("0") long seed,
        MaskedLanguageNetwork model,
        Data data,
        @Default("{share: 0.15}") Masking masking,
        OptimizerRule optimizer,
        @Default("{name: constant}") Schedule schedule,
        Train train)
        implements Recipe {

    /** Where the text comes from. */
    public enum Source {
        /** Files of text. */
        FILES,
        /** Made by Djinn: numbers in digits and in words. */
        NUMBER_NAMES
    }

    /**
     * The text.
     *
     * @param source where it comes from
     * @param files files of UTF-8 text, read in this order; with source files
     * @param valFiles files held out; the end of the others if left out
     * @param documents what no example reaches across: nothing, the end of a line, or of a file
     * @param tokenizer a tokenizer.json with a special token [MASK], as {@code djinn tokenizer} makes them; one is made of the
     *     text to learn from if left out
     * @param newTokenizer how that is made; {model: wordpiece, vocabulary: 8000, normalizers: [lowercase]} if left out. [MASK]
     *     is added
     * @param valFraction the share held out at the end of the text where there are no val_files
     * @param workers threads that make batches
     */
    public record Data(
            @Default("files") Source source,
            @Default("[]") List<String> files,
            @Default("[]") List<String> valFiles,
            @Default("none") Documents documents,
            Optional<String> tokenizer,
            Optional<TokenizerTraining> newTokenizer,
            @Default("0.1") double valFraction,
            @Default("1") int workers) {

        private static final TokenizerTraining USUAL_TOKENIZER = new TokenizerTraining(
                TokenizerModel.WORDPIECE, 8000, 2, List.of(TextNormalizer.LOWERCASE), Optional.empty(), List.of());

        /** Checks that there are files where they are the source, and the ranges. */
        public Data {
            files = List.copyOf(files);
            valFiles = List.copyOf(valFiles);
            TokenizerChoice.requireOne(tokenizer, newTokenizer);
            boolean made = source != Source.FILES;
            if (!made && files.isEmpty()) {
                throw new IllegalArgumentException("expected files, a list of text files, with this source");
            }
            new SourceKeys(source)
                    .idle("files", !files.isEmpty() && made)
                    .idle("val_files", !valFiles.isEmpty() && made)
                    .idle("documents: files", documents == Documents.FILES && made)
                    .refuse();
            if (!(valFraction > 0 && valFraction < 1)) {
                throw new IllegalArgumentException("expected val_fraction above 0 and below 1, got " + valFraction);
            }
            if (workers < 1) {
                throw new IllegalArgumentException("expected workers of at least 1, got " + workers);
            }
        }

        TokenizerTraining making() {
            return newTokenizer.orElse(USUAL_TOKENIZER);
        }

        /**
         * Reads the text.
         *
         * @throws djinn.ops.DataException if a file is missing, empty or not UTF-8
         */
        TextParts parts() {
            return switch (source) {
                case FILES ->
                    TextParts.read(
                            files.stream().map(Path::of).toList(),
                            valFiles.stream().map(Path::of).toList(),
                            documents,
                            valFraction);
                case NUMBER_NAMES ->
                    TextParts.of(List.of(NumberNames.text()), "numbers made by Djinn", documents, valFraction);
            };
        }
    }

    @Override
    public MaskedLanguageModelTask newTask() {
        return MaskedLanguageModelTask.of(this);
    }

    @Override
    public Goal goal() {
        return Goal.falling("loss");
    }

    @Override
    public String modelName() {
        return MaskedLanguageNetwork.NAME;
    }

    @Override
    public Optional<String> startingWeights() {
        return model.weights();
    }
}
