package djinn.tasks.language;

import djinn.data.text.Documents;
import djinn.ops.Default;
import djinn.predict.language.LanguageNetwork;
import djinn.training.Goal;
import djinn.training.optimizer.OptimizerRule;
import djinn.training.recipe.Recipe;
import djinn.training.recipe.Train;
import djinn.training.schedule.Schedule;
import java.util.List;
import java.util.Optional;

/**
 * What decides a training run of a language model. An example, of which {@code train} counts a batch's size, is a
 * window of as many tokens, characters or those of a tokenizer, as the model's context holds.
 *
 * @param task {@code language_model}
 * @param seed decides weights, windows and dropout
 * @param model the network
 * @param data the text
 * @param optimizer how the loss is lowered
 * @param schedule how the learning rate moves
 * @param train how long, and in what steps
 */
public record LanguageModelRecipe(
        @Default("language_model") String task,
        @Default("0") long seed,
        LanguageNetwork model,
        Data data,
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
     * @param files files of UTF-8 text, read as one in this order; with source files
     * @param tokenizer a tokenizer.json, as {@code djinn tokenizer} makes them; characters are tokens if left out
     * @param documents what the tokenizer's token of the end stands behind, where a generated text then ends: nothing, each
     *     line that is not blank, or each file
     * @param valFraction the share held out at the end of the text
     * @param testFraction the share behind it that is neither learnt from nor validated on
     * @param workers threads that make batches
     */
    public record Data(
            @Default("files") Source source,
            @Default("[]") List<String> files,
            Optional<String> tokenizer,
            @Default("none") Documents documents,
            @Default("0.1") double valFraction,
            @Default("0") double testFraction,
            @Default("1") int workers) {

        /** Checks that there are files where they are the source, and a tokenizer where documents end. */
        public Data {
            files = List.copyOf(files);
            if (files.isEmpty() == (source == Source.FILES)) {
                throw new IllegalArgumentException(
                        source == Source.FILES
                                ? "expected files, a list of text files, with this source"
                                : "expected no files with a source that makes its own text, got " + files);
            }
            if (documents != Documents.NONE && tokenizer.isEmpty()) {
                throw new IllegalArgumentException("expected a tokenizer with documents, for the token that ends each:"
                        + " 'djinn tokenizer train' makes one with --special '</s>'");
            }
            if (documents == Documents.FILES && source != Source.FILES) {
                throw new IllegalArgumentException(
                        "expected documents: lines of a source that has no files, got files");
            }
            if (workers < 1) {
                throw new IllegalArgumentException("expected workers of at least 1, got " + workers);
            }
        }
    }

    @Override
    public LanguageModelTask newTask() {
        return LanguageModelTask.of(this);
    }

    @Override
    public Goal goal() {
        return Goal.falling("loss");
    }

    @Override
    public String modelName() {
        return model.name().text();
    }
}
