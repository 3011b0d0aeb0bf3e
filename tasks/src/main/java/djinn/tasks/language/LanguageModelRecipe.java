package djinn.tasks.language;

import djinn.ops.Default;
import djinn.training.Goal;
import djinn.training.optimizer.OptimizerRule;
import djinn.training.recipe.Recipe;
import djinn.training.recipe.Train;
import djinn.training.schedule.Schedule;
import djinn.zoo.Gpt;
import djinn.zoo.language.Cell;
import djinn.zoo.language.LanguageModel;
import djinn.zoo.language.RecurrentLanguageModel;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;

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
        /** Made by Djinn: numbers in digits and in words. */
        NUMBER_NAMES
    }

    /** What a network is made of. */
    public enum Name {
        /** Transformer decoder layers as GPT-2's: {@link Gpt}. */
        GPT,
        /** Long short-term memory: {@link RecurrentLanguageModel}. */
        LSTM,
        /** Gated recurrent units. */
        GRU,
        /** Plain recurrent layers. */
        RNN;

        /** Returns the name as recipes and files have it. */
        String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * The network.
     *
     * @param name what it is made of
     * @param layers the number of layers
     * @param heads the number of attention heads of a gpt; divides the width
     * @param width the length of a token's vector
     * @param hidden the length of a recurrent layer's state; the width if left out
     * @param context how many tokens are seen at most; those of a window of training
     * @param dropout the share dropped in training of embeddings, attention weights and branches' or layers' outputs
     * @param tied whether the embedding serves as head too
     */
    public record Model(
            @Default("gpt") Name name,
            @Default("4") int layers,
            @Default("4") int heads,
            @Default("128") int width,
            OptionalInt hidden,
            @Default("128") int context,
            @Default("0") double dropout,
            @Default("true") boolean tied) {

        /** Checks that a gpt is given no state. */
        public Model {
            if (name == Name.GPT && hidden.isPresent()) {
                throw new IllegalArgumentException(
                        "expected no hidden of a gpt, whose layers have no state, got " + hidden.getAsInt());
            }
        }

        /** Builds the network for a number of tokens. */
        LanguageModel build(int vocabulary) {
            return switch (name) {
                case GPT ->
                    new Gpt(new Gpt.Config(
                            vocabulary, context, layers, heads, width, dropout, tied, Gpt.Activation.GELU));
                case LSTM -> recurrent(Cell.LSTM, vocabulary);
                case GRU -> recurrent(Cell.GRU, vocabulary);
                case RNN -> recurrent(Cell.RNN, vocabulary);
            };
        }

        private RecurrentLanguageModel recurrent(Cell cell, int vocabulary) {
            return new RecurrentLanguageModel(new RecurrentLanguageModel.Config(
                    cell, vocabulary, width, hidden.orElse(width), layers, dropout, tied));
        }
    }

    /**
     * The text.
     *
     * @param source where it comes from
     * @param files files of UTF-8 text, read as one in this order; with source files
     * @param tokenizer a tokenizer.json, as {@code djinn tokenizer} makes them; characters are tokens if left out
     * @param valFraction the share held out at the end of the text
     * @param testFraction the share behind it that is neither learnt from nor validated on
     * @param workers threads that make batches
     */
    public record Data(
            @Default("files") Source source,
            @Default("[]") List<String> files,
            Optional<String> tokenizer,
            @Default("0.1") double valFraction,
            @Default("0") double testFraction,
            @Default("1") int workers) {

        /** Checks that there are files where they are the source. */
        public Data {
            files = List.copyOf(files);
            if (files.isEmpty() == (source == Source.FILES)) {
                throw new IllegalArgumentException(
                        source == Source.FILES
                                ? "expected files, a list of text files, with this source"
                                : "expected no files with a source that makes its own text, got " + files);
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
        return model.name.text();
    }
}
