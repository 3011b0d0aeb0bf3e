package djinn.tasks.language;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import djinn.data.Feed;
import djinn.data.text.MaskTokens;
import djinn.data.text.MaskedBatch;
import djinn.data.text.MaskedFeed;
import djinn.data.text.TextParts;
import djinn.data.text.TextPieces;
import djinn.data.text.TokenSequence;
import djinn.data.text.Tokenizer;
import djinn.losses.CrossEntropy;
import djinn.ops.DataException;
import djinn.predict.language.MaskedLanguageModelCard;
import djinn.tasks.text.TokenizerChoice;
import djinn.tasks.text.TracedText;
import djinn.training.Goal;
import djinn.training.Outcome;
import djinn.training.Product;
import djinn.training.Task;
import djinn.training.Turn;
import djinn.training.exhibit.Exhibit;
import djinn.zoo.StartingWeights;
import djinn.zoo.language.Bert;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;
import djinn.zoo.weights.Preference;
import djinn.zoo.weights.WeightSource;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** A model that learns to tell masked words of those around them. */
public final class MaskedLanguageModelTask implements Task<MaskedBatch> {

    private static final CrossEntropy LOSS = new CrossEntropy();

    private final MaskedLanguageModelCard card;
    private final TextParts parts;
    private final List<String> summary;
    private final MaskedFeed training;
    private final MaskedFeed heldOut;

    private MaskedLanguageModelTask(MaskedLanguageModelCard card, TextParts parts, MaskedLanguageModelRecipe recipe) {
        this.card = card;
        this.parts = parts;
        TextPieces train = pieces(parts.train(), "to learn from");
        TextPieces held = pieces(parts.validation(), "held out");
        summary = told(train, held);
        int batchSize = recipe.train().batchSize();
        training = new MaskedFeed(
                train.pieces(),
                card.masks(),
                recipe.masking(),
                OptionalLong.of(recipe.seed()),
                batchSize,
                recipe.data().workers());
        // in the order of their lengths: little is filled up
        List<TokenSequence> byLength = held.pieces().stream()
                .sorted(Comparator.comparingInt(TokenSequence::size))
                .toList();
        heldOut = new MaskedFeed(byLength, card.masks(), recipe.masking(), OptionalLong.empty(), batchSize, 1);
    }

    /**
     * Makes the task a recipe describes.
     *
     * @param recipe the recipe
     * @return the task, its text read
     * @throws DataException if a file is missing or not UTF-8, the tokenizer has no token for masked words, or there is too
     *     little text
     * @throws IllegalArgumentException if the model's extents do not go together
     */
    public static MaskedLanguageModelTask of(MaskedLanguageModelRecipe recipe) {
        MaskedLanguageModelRecipe.Data data = recipe.data();
        TextParts parts = data.parts();
        Tokenizer tokenizer = TokenizerChoice.open(
                data.tokenizer(), data.making().withSpecial(MaskTokens.MADE), parts.train().stream());
        MaskedLanguageModelCard card = MaskedLanguageModelCard.of(
                recipe.model(), tokenizer, data.tokenizer().orElse("new tokenizer"));
        // extents that do not go together are told before anything is trained
        card.newModel();
        return new MaskedLanguageModelTask(card, parts, recipe);
    }

    private TextPieces pieces(List<String> documents, String use) {
        TextPieces pieces = TextPieces.of(documents, card.tokenizer(), card.masks(), card.context());
        if (pieces.pieces().isEmpty()) {
            throw new DataException(parts.source() + ": expected text " + use
                    + " with words that the tokenizer has, found none among " + pieces.documents() + " documents");
        }
        return pieces;
    }

    private List<String> told(TextPieces train, TextPieces held) {
        List<String> lines = new ArrayList<>();
        lines.add(train.pieces().size() + " training and " + held.pieces().size() + " validation texts of "
                + train.tokens() + " and " + held.tokens() + " tokens, "
                + card.tokenizer().size()
                + " different ones, from " + parts.source());
        if (train.documents() + held.documents() > 2) {
            int cut = train.cut() + held.cut();
            lines.add(train.documents() + " and " + held.documents() + " documents, of which " + cut
                    + (cut == 1 ? " is" : " are") + " longer than " + card.context()
                    + " tokens (model.context) and cut");
        }
        int wordless = train.wordless() + held.wordless();
        if (parts.blank() + wordless > 0) {
            lines.add("left out: " + parts.blank() + " blank lines, " + wordless + " texts without a word");
        }
        long unknown = train.unknown() + held.unknown();
        if (unknown > 0) {
            lines.add("unknown to the tokenizer: " + unknown
                    + " of the tokens, which all are one token and never masked");
        }
        return List.copyOf(lines);
    }

    /** Returns what the model is. */
    public MaskedLanguageModelCard card() {
        return card;
    }

    @Override
    public Bert newModel() {
        return card.newModel();
    }

    @Override
    public Optional<String> startFrom(NamedBlock model) {
        return card.model().weights().map(source -> {
            TokenizerChoice.requireWeightsOf(WeightSource.resolve(source, (done, total) -> {}), card.tokenizer());
            return new StartingWeights(source, false, Preference.EMA).load(((Bert) model).architecture(), model);
        });
    }

    @Override
    public Feed<MaskedBatch> training() {
        return training;
    }

    @Override
    public MaskedFeed heldOut() {
        return heldOut;
    }

    @Override
    public List<Turn<MaskedBatch>> turns() {
        return List.of(Turn.sole(this::evaluate));
    }

    /** The loss is of the masked tokens alone; the answers are their logits (M, K) and what they are (M). */
    @Override
    public Outcome evaluate(NamedBlock model, MaskedBatch batch, NDManager owner, Pass pass) {
        NDArray logits = ((Bert) model)
                .forward( // (N, T) -> (M, K)
                        batch.tokens(owner), batch.padding(owner).orElse(null), batch.places(owner), pass);
        NDArray targets = batch.targets(owner); // (M)
        return Outcome.of(LOSS.apply(logits, targets), new NDList(logits, targets));
    }

    @Override
    public MaskedLanguageModelFigures newFigures() {
        return new MaskedLanguageModelFigures();
    }

    @Override
    public Goal goal() {
        return Goal.falling("loss");
    }

    @Override
    public Product product(NamedBlock model) {
        return Product.whole(model, card.toMetadata());
    }

    @Override
    public Optional<NDList> productInput(NDManager owner) {
        return Optional.of(TracedText.of(owner, card.context(), card.tokenizer().size()));
    }

    /** A text has any number of tokens, up to the context. */
    @Override
    public Map<Integer, String> openAxes() {
        return TracedText.openAxes(card.context());
    }

    @Override
    public String dataFingerprint() {
        return parts.fingerprint();
    }

    @Override
    public String examples() {
        return "texts";
    }

    @Override
    public List<String> summary() {
        return summary;
    }

    @Override
    public Map<String, String> files() {
        return Map.of(TokenizerChoice.FILE, card.tokenizer().json());
    }

    @Override
    public void requireSame(Path folder) {
        TokenizerChoice.requireSame(
                folder,
                files(),
                file -> "expected a text with the tokens of the run, as " + file
                        + " has them, got others; check data.files and data.tokenizer, or start a new run");
    }

    @Override
    public List<Exhibit> exhibits(NamedBlock model, int pictures) {
        return new MaskedLanguageModelExhibits(this, (Bert) model, pictures).all();
    }
}
