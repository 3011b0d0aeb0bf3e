package djinn.tasks.translation;

import djinn.data.OnError;
import djinn.data.text.SentencePairs;
import djinn.data.text.TextShares;
import djinn.data.text.TextTable;
import djinn.data.text.TokenizerModel;
import djinn.data.text.TokenizerTraining;
import djinn.inference.text.Decoding;
import djinn.ops.Default;
import djinn.predict.translation.TranslationModel;
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
import java.util.OptionalInt;

/**
 * What decides a training run of a translator. An example, of which {@code train} counts a batch's size, is a pair of
 * sentences.
 *
 * @param task {@code translation}
 * @param seed decides weights, order and dropout
 * @param model the network
 * @param data the pairs
 * @param labelSmoothing the share of the loss that all tokens have alike, 0 to 1; validation is without
 * @param decoding how held-out sentences are translated for BLEU
 * @param best which validation figure tells the best weights: the highest BLEU, or the lowest loss
 * @param optimizer how the loss is lowered
 * @param schedule how the learning rate moves
 * @param train how long, and in what steps
 */
public record TranslationRecipe(
        @Default("translation") String task,
        @Default("0") long seed,
        @Default("transformer") TranslationModel model,
        Data data,
        @Default("0.1") double labelSmoothing,
        @Default("{beams: 1}") Decoding decoding,
        @Default("bleu") Best best,
        OptimizerRule optimizer,
        @Default("{name: constant}") Schedule schedule,
        Train train)
        implements Recipe {

    /** Checks the label smoothing. */
    public TranslationRecipe {
        if (!(labelSmoothing >= 0 && labelSmoothing < 1)) {
            throw new IllegalArgumentException("expected label_smoothing from 0 to below 1, got " + labelSmoothing);
        }
    }

    /** What tells the best weights. */
    public enum Best {
        /** The highest BLEU. */
        BLEU,
        /** The lowest loss per token. */
        LOSS
    }

    /** Where the pairs come from. */
    public enum Source {
        /** Files of two columns. */
        FILES,
        /** Made by Djinn: numbers in digits and in English words. */
        NUMBER_NAMES
    }

    /**
     * The pairs.
     *
     * @param source where they come from
     * @param root the folder that files are relative to; the working folder if left out
     * @param trainFile a file of pairs to learn from, with source files
     * @param valFile one to validate on; a share of train_file if left out
     * @param testFile one to test on; a share of train_file if left out
     * @param format how columns are parted; as a file's ending tells if left out
     * @param columns the source's and the target's: numbers from 1 on, or names of the first line or of JSON keys
     * @param valFraction the share held out where there is no file for it; pairs of one source are in one part
     * @param testFraction the share to test on where there is no file for it
     * @param splitSeed decides which are
     * @param tokenizer a tokenizer.json for both languages; made of the texts to learn from if left out
     * @param newTokenizer how that is made; {model: byte_bpe, vocabulary: 8000} if left out
     * @param longest pairs of more tokens on either side are left out
     * @param batchTokens tokens of both sides in a batch at most, padding among them; train.batch_size pairs are the most
     *     then
     * @param workers threads that make batches
     * @param onError what becomes of a line that lacks a column, or has nothing in it
     */
    public record Data(
            @Default("files") Source source,
            Optional<String> root,
            Optional<String> trainFile,
            Optional<String> valFile,
            Optional<String> testFile,
            Optional<TextTable.Format> format,
            @Default("[1, 2]") List<String> columns,
            @Default("0.1") double valFraction,
            @Default("0") double testFraction,
            @Default("0") long splitSeed,
            Optional<String> tokenizer,
            Optional<TokenizerTraining> newTokenizer,
            @Default("128") int longest,
            OptionalInt batchTokens,
            @Default("1") int workers,
            @Default("fail") OnError onError) {

        private static final TokenizerTraining USUAL_TOKENIZER =
                new TokenizerTraining(TokenizerModel.BYTE_BPE, 8000, 2, List.of(), Optional.empty(), List.of());

        /** Checks that what is given does something, and the ranges. */
        public Data {
            columns = List.copyOf(columns);
            new SentencePairs.Reading(format, columns, onError);
            new TextShares(valFraction, testFraction, splitSeed);
            if (source == Source.FILES && trainFile.isEmpty()) {
                throw new IllegalArgumentException("expected train_file, a file of pairs, with source files");
            }
            boolean made = source != Source.FILES;
            new SourceKeys(source)
                    .idle("root", made && root.isPresent())
                    .idle("train_file", made && trainFile.isPresent())
                    .idle("val_file", made && valFile.isPresent())
                    .idle("test_file", made && testFile.isPresent())
                    .idle("format", made && format.isPresent())
                    .refuse();
            TokenizerChoice.requireOne(tokenizer, newTokenizer);
            if (longest < 1 || workers < 1 || batchTokens.orElse(1) < 1) {
                throw new IllegalArgumentException(
                        "expected longest, workers and batch_tokens of at least 1, got longest " + longest
                                + ", workers "
                                + workers
                                + (batchTokens.isPresent() ? " and batch_tokens " + batchTokens.getAsInt() : ""));
            }
        }

        /**
         * Reads the pairs.
         *
         * @throws djinn.ops.DataException if a file is missing or not as it should be
         * @throws IllegalArgumentException if columns or fractions are none
         */
        SentencePairs pairs() {
            TextShares shares = new TextShares(valFraction, testFraction, splitSeed);
            return switch (source) {
                case FILES ->
                    SentencePairs.read(
                            file(trainFile).orElseThrow(),
                            file(valFile),
                            file(testFile),
                            new SentencePairs.Reading(format, columns, onError),
                            shares);
                case NUMBER_NAMES -> SentencePairs.numberNames(shares);
            };
        }

        private Optional<Path> file(Optional<String> name) {
            return name.map(file -> root.map(Path::of).orElse(Path.of("")).resolve(file));
        }

        TokenizerTraining making() {
            return newTokenizer.orElse(USUAL_TOKENIZER);
        }
    }

    @Override
    public TranslationTask newTask() {
        return TranslationTask.of(this);
    }

    @Override
    public Goal goal() {
        return switch (best) {
            case BLEU -> Goal.rising("bleu");
            case LOSS -> Goal.falling("loss");
        };
    }

    @Override
    public String modelName() {
        return model.name();
    }
}
