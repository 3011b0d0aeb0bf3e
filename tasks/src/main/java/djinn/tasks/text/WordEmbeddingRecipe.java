package djinn.tasks.text;

import djinn.data.text.TextNormalizer;
import djinn.data.text.TokenizerModel;
import djinn.data.text.TokenizerTraining;
import djinn.data.text.WordWindows;
import djinn.ops.Default;
import djinn.predict.text.WordEmbeddingCard;
import djinn.training.Goal;
import djinn.training.optimizer.OptimizerRule;
import djinn.training.recipe.Recipe;
import djinn.training.recipe.Train;
import djinn.training.schedule.Schedule;
import java.util.List;
import java.util.Optional;

/**
 * What decides a training run of vectors of words. An example, of which {@code train} counts a batch's size, is a word of
 * the text with those around it.
 *
 * @param task {@code embedding_of_words}
 * @param seed decides vectors, words that are left out, windows and candidates
 * @param model the vectors, and how they are learnt
 * @param data the text
 * @param optimizer how the loss is lowered
 * @param schedule how the learning rate moves
 * @param train how long, and in what steps
 */
public record WordEmbeddingRecipe(
        @Default("embedding_of_words") String task,
        @Default("0") long seed,
        Model model,
        Data data,
        OptimizerRule optimizer,
        @Default("{name: constant}") Schedule schedule,
        Train train)
        implements Recipe {

    /** Where the text comes from. */
    public enum Source {
        /** Files of text. */
        FILES,
        /** Made by Djinn: lines of words of one group each. */
        WORD_GROUPS
    }

    /**
     * The vectors, and how they are learnt.
     *
     * @param form who tells whom
     * @param width the length of a vector
     * @param window the most words to each side; each width up to it is drawn as often
     * @param negatives how many candidates are drawn beside a true one
     * @param subsample words that make up a larger share of the text than this are left out now and then
     */
    public record Model(
            @Default("skip_gram") WordWindows.Form form,
            @Default("100") int width,
            @Default("5") int window,
            @Default("5") int negatives,
            @Default("0.001") double subsample) {

        /** Checks the ranges. */
        public Model {
            if (width < 1) {
                throw new IllegalArgumentException("expected a width of at least 1, got " + width);
            }
            new WordWindows.Settings(form, window, negatives, subsample);
        }

        WordWindows.Settings settings() {
            return new WordWindows.Settings(form, window, negatives, subsample);
        }
    }

    /**
     * The text.
     *
     * @param source where it comes from
     * @param files files of UTF-8 text, read as one in this order; no window reaches over the end of a line
     * @param tokenizer a tokenizer.json, as {@code djinn tokenizer} makes them; one is made of the lines to learn from if left
     *     out
     * @param newTokenizer how that is made; {model: word, vocabulary: 30000, least_count: 5, normalizers: [lowercase]} if left
     *     out. What it lacks is left out of the text
     * @param valFraction the share of lines held out at the end of the text
     * @param workers threads that make batches
     */
    public record Data(
            @Default("files") Source source,
            @Default("[]") List<String> files,
            Optional<String> tokenizer,

            Optional<TokenizerTraining> newTokenizer,

            @Default("0.05") double valFraction,
            @Default("1") int workers) {

        private static final TokenizerTraining USUAL_TOKENIZER = new TokenizerTraining(
                TokenizerModel.WORD, 30_000, 5, List.of(TextNormalizer.LOWERCASE), Optional.empty(), List.of());

        /** Checks that there are files where they are the source, and the ranges. */
        public Data {
            TokenizerChoice.requireOne(tokenizer, newTokenizer);
            files = List.copyOf(files);
            if (files.isEmpty() == (source == Source.FILES)) {
                throw new IllegalArgumentException(
                        source == Source.FILES
                                ? "expected files, a list of text files, with this source"
                                : "expected no files with a source that makes its own text, got " + files);
            }
            if (!(valFraction > 0 && valFraction < 1)) {
                throw new IllegalArgumentException("expected val_fraction between 0 and 1, got " + valFraction);
            }
            if (workers < 1) {
                throw new IllegalArgumentException("expected workers of at least 1, got " + workers);
            }
        }

        TokenizerTraining making() {
            return newTokenizer.orElse(USUAL_TOKENIZER);
        }
    }

    @Override
    public WordEmbeddingTask newTask() {
        return WordEmbeddingTask.of(this);
    }

    @Override
    public Goal goal() {
        return Goal.falling("loss");
    }

    @Override
    public String modelName() {
        return WordEmbeddingCard.MODEL;
    }
}
