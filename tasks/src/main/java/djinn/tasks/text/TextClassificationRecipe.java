package djinn.tasks.text;

import djinn.data.OnError;
import djinn.data.text.TextShares;
import djinn.data.text.TextTable;
import djinn.data.text.TokenizerModel;
import djinn.data.text.TokenizerTraining;
import djinn.losses.LossFunction;
import djinn.ops.Default;
import djinn.predict.text.TextClassifierModel;
import djinn.training.Goal;
import djinn.training.optimizer.OptimizerRule;
import djinn.training.recipe.Recipe;
import djinn.training.recipe.Train;
import djinn.training.schedule.Schedule;
import java.util.List;
import java.util.Optional;

/**
 * What decides a training run of a classifier of texts.
 *
 * @param task what is trained: {@code text_classification}
 * @param seed decides weights, order and dropout
 * @param model the network
 * @param data the texts
 * @param loss what is minimised
 * @param optimizer how gradients become steps
 * @param schedule how the learning rate moves
 * @param train how long, and in what steps
 */
public record TextClassificationRecipe(
        @Default("text_classification") String task,
        @Default("0") long seed,
        TextClassifierModel model,
        Data data,
        @Default("{name: cross_entropy}") LossFunction loss,
        OptimizerRule optimizer,
        @Default("{name: constant}") Schedule schedule,
        Train train)
        implements Recipe {

    /** Where the texts come from. */
    public enum Source {
        /** Tables of text and class. */
        FILES,
        /** Made by Djinn: small statements, questions and commands. */
        SENTENCE_KINDS
    }

    /**
     * The texts.
     *
     * @param source where they come from
     * @param trainFile a TSV, CSV or JSON lines file to learn from; with source files
     * @param valFile the file held out; a share of the first if left out
     * @param testFile the file for a last test
     * @param format how files part their columns; as their endings tell if left out
     * @param text the column of the text: a name of the first line, a key of JSON, or a number from 1 on
     * @param label the column of the class
     * @param onError what becomes of a line that lacks one of them
     * @param valFraction the share held out where there is no val_file; which texts those are follows from each text alone
     * @param testFraction the share behind it that is neither learnt from nor validated on
     * @param splitSeed decides which are
     * @param tokenizer a tokenizer.json, as {@code djinn tokenizer} makes them; one is made of the texts to learn from if
     *     left out
     * @param newTokenizer how that is made; {model: word, vocabulary: 20000} if left out
     * @param longest how many tokens of a text are looked at; what is behind is cut off
     * @param workers threads that make batches
     */
    public record Data(
            @Default("files") Source source,
            Optional<String> trainFile,
            Optional<String> valFile,
            Optional<String> testFile,
            Optional<TextTable.Format> format,
            @Default("text") String text,
            @Default("label") String label,
            @Default("fail") OnError onError,
            @Default("0.1") double valFraction,
            @Default("0") double testFraction,
            @Default("0") long splitSeed,
            Optional<String> tokenizer,
            Optional<TokenizerTraining> newTokenizer,
            @Default("128") int longest,
            @Default("1") int workers) {

        private static final TokenizerTraining USUAL_TOKENIZER =
                new TokenizerTraining(TokenizerModel.WORD, 20_000, 2, List.of(), Optional.empty(), List.of());

        /** Checks that there are files where they are the source, and the ranges. */
        public Data {
            TokenizerChoice.requireOne(tokenizer, newTokenizer);
            if (trainFile.isPresent() != (source == Source.FILES)) {
                throw new IllegalArgumentException(
                        source == Source.FILES
                                ? "expected train_file, a table of texts and classes, with this source"
                                : "expected no train_file with a source that makes its own texts, got "
                                        + trainFile.get());
            }
            if (trainFile.isEmpty() && (valFile.isPresent() || testFile.isPresent())) {
                throw new IllegalArgumentException("expected val_file and test_file beside a train_file alone");
            }
            if (longest < 1 || workers < 1) {
                throw new IllegalArgumentException(
                        "expected longest and workers of at least 1, got " + longest + " and " + workers);
            }
            new TextShares(valFraction, testFraction, splitSeed);
        }

        TokenizerTraining making() {
            return newTokenizer.orElse(USUAL_TOKENIZER);
        }
    }

    @Override
    public TextClassificationTask newTask() {
        return TextClassificationTask.of(this);
    }

    @Override
    public Goal goal() {
        return Goal.rising("accuracy");
    }

    @Override
    public String modelName() {
        return model.name();
    }

    @Override
    public Optional<String> startingWeights() {
        return model.startingWeights();
    }
}
