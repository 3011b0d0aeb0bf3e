package djinn.inference.text;

import ai.djl.ndarray.NDManager;
import djinn.data.text.TokenSequence;
import djinn.inference.Card;
import djinn.inference.LoadedModel;
import djinn.inference.ModelFile;
import djinn.inference.Predictor;
import djinn.ops.DataException;
import djinn.ops.PyTorch;
import djinn.zoo.language.LanguageModel;
import djinn.zoo.language.SequenceToSequence;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.weights.Preference;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * A model that goes on with sequences: a language model with those it is given, one of pairs with what belongs to them.
 *
 * <p>Any number of threads may begin at once; what each has begun is its own. To be closed when nothing that was begun is
 * used any more.
 */
public interface TokenModel extends AutoCloseable {

    /**
     * A language model on the engine.
     *
     * @param model an initialised block; stays the caller's
     * @return the model, to be closed
     */
    static TokenModel of(LanguageModel model) {
        return EngineTokenModel.of(model, () -> {});
    }

    /**
     * A model of pairs on the engine.
     *
     * @param model an initialised block; stays the caller's
     * @param start the token that every target begins with
     * @return the model, to be closed
     */
    static TokenModel of(SequenceToSequence model, int start) {
        return EngineTokenModel.of(model, start, () -> {});
    }

    /**
     * A language model that remembers nothing: each sequence is read again from its first token.
     *
     * @param vocabulary K, the number of tokens there are
     * @param model computes the logits (K) of what follows each of several sequences
     * @return the model, whose closing does nothing
     */
    static TokenModel rereading(int vocabulary, Function<List<long[]>, List<float[]>> model) {
        return new RereadingTokenModel(vocabulary, model, () -> {});
    }

    /**
     * Opens a language model.
     *
     * @param file weights, an ONNX file of {@link StepExport}, or a file that computes the whole, in which all is read again
     *     for each token
     * @param card what it is; its model is a {@link LanguageModel}
     * @return the model, to be closed
     * @throws djinn.ops.DataException if the file is damaged or does not fit the card
     */
    static TokenModel open(ModelFile file, Card card) {
        if (file.holdsWeights()) {
            return open(file, card, (block, release) -> EngineTokenModel.of((LanguageModel) block, release));
        }
        if (OnnxTokenModel.isStep(file.metadata())) {
            return OnnxTokenModel.open(file.file(), file.metadata(), OptionalInt.empty());
        }
        int vocabulary = ((LanguageModel) card.newModel()).vocabulary();
        Predictor<long[], float[]> predictor = Predictor.open(
                file,
                card,
                traits -> new NextTokenCodec(vocabulary, traits),
                Predictor.Settings.USUAL.withFrozen(false),
                "model");
        return new RereadingTokenModel(vocabulary, predictor::predictAll, predictor::close);
    }

    /**
     * Opens a model of pairs.
     *
     * @param file weights, or an ONNX file of {@link StepExport} with its encoder beside it
     * @param card what it is; its model is a {@link SequenceToSequence}
     * @param start the token that every target begins with
     * @return the model, to be closed
     * @throws djinn.ops.DataException if the file is damaged or does not fit the card
     */
    static TokenModel open(ModelFile file, Card card, int start) {
        if (OnnxTokenModel.isStep(file.metadata())) {
            return OnnxTokenModel.open(file.file(), file.metadata(), OptionalInt.of(start));
        } else if (!file.holdsWeights()) {
            throw new DataException(file.file() + ": expected weights, or an ONNX file that goes on token by token;"
                    + " 'djinn export --steps' writes one");
        }
        return open(file, card, (block, release) -> EngineTokenModel.of((SequenceToSequence) block, start, release));
    }

    private static TokenModel open(ModelFile file, Card card, BiFunction<NamedBlock, Runnable, TokenModel> as) {
        NDManager owner = PyTorch.newManager();
        try {
            return as.apply(LoadedModel.into(owner, file.file(), card, Preference.EMA), owner::close);
        } catch (RuntimeException e) {
            owner.close();
            throw e;
        }
    }

    /** Refuses what is empty, or of several lengths. */
    static void requireOneLength(List<TokenSequence> given) {
        if (given.isEmpty()) {
            throw new IllegalArgumentException("expected at least one sequence to go on with, got none");
        }
        int length = given.get(0).size();
        if (length == 0 || given.stream().anyMatch(one -> one.size() != length)) {
            throw new IllegalArgumentException("expected sequences of one length, at least 1, got lengths "
                    + given.stream().map(TokenSequence::size).toList());
        }
    }

    /** Refuses none, and empty ones. */
    static void requireSources(List<TokenSequence> given) {
        if (given.isEmpty() || given.stream().anyMatch(one -> one.size() == 0)) {
            throw new IllegalArgumentException(
                    "expected sources of at least one token, got " + (given.isEmpty() ? "none" : "an empty one"));
        }
    }

    /** Returns K: tokens are numbered from 0 to below. */
    int vocabulary();

    /**
     * Begins to go on.
     *
     * @param given what is there already, at least one, none empty: of a language model the beginnings, all of one length,
     *     that it goes on with; of a model of pairs the sources, of any lengths
     * @return a sequence for each, all of it read; to be closed
     * @throws IllegalArgumentException if there is nothing, or more than the model takes
     */
    Continuation begin(List<TokenSequence> given);

    /**
     * Tells what of a source each token of a target was made of.
     *
     * @param source its tokens, at least one
     * @param target those made of it, from the first on, without the start
     * @return the source's shares in each token of the target and in the one behind the last, row by row, each row's sum 1; empty
     *     of a model that has no sources, or does not tell
     */
    default Optional<float[]> attention(TokenSequence source, TokenSequence target) {
        return Optional.empty();
    }

    @Override
    void close();
}
