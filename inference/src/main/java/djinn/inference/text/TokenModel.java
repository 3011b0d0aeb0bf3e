package djinn.inference.text;

import djinn.data.text.TokenSequence;
import djinn.zoo.language.LanguageModel;
import djinn.zoo.language.SequenceToSequence;
import java.util.List;

/**
 * A model that goes on with sequences: a language model with those it is given, one of pairs with what belongs to them.
 *
 * <p>Any number of threads may begin at once; what each has begun is its own. Closed when nothing that was begun is used any
 * more.
 */
public interface TokenModel extends AutoCloseable {

    /**
     * A language model on the engine.
     *
     * @param model an initialised block; stays the caller's
     */
    static TokenModel of(LanguageModel model) {
        return new EngineTokenModel<>(model, model.vocabulary(), (given, working, pass) -> {
            int length = given.get(0).size();
            if (length == 0 || given.stream().anyMatch(one -> one.size() != length)) {
                throw new IllegalArgumentException("expected sequences of one length, at least 1, got lengths "
                        + given.stream().map(TokenSequence::size).toList());
            }
            return model.step(
                    EngineTokenModel.tokens(given, length, 0, working), model.begin(working, given.size()), pass);
        });
    }

    /**
     * A model of pairs on the engine.
     *
     * @param model an initialised block; stays the caller's
     * @param start the token that every target begins with
     */
    static TokenModel of(SequenceToSequence model, int start) {
        return new EngineTokenModel<>(model, model.vocabulary(), (given, working, pass) -> {
            int longest = given.stream().mapToInt(TokenSequence::size).max().orElseThrow();
            if (given.stream().anyMatch(one -> one.size() == 0)) {
                throw new IllegalArgumentException("expected sources of at least one token, got an empty one");
            }
            boolean even = given.stream().allMatch(one -> one.size() == longest);
            return model.step(
                    EngineTokenModel.same(start, given.size(), working),
                    model.begin(
                            EngineTokenModel.tokens(given, longest, start, working),
                            even ? null : EngineTokenModel.padding(given, longest, working),
                            pass),
                    pass);
        });
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

    @Override
    void close();
}
