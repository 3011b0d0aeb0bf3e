package djinn.tasks.language;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import djinn.data.Feed;
import djinn.data.text.Documents;
import djinn.data.text.NumberNames;
import djinn.data.text.TextSplits;
import djinn.data.text.TokenBatch;
import djinn.data.text.TokenFeed;
import djinn.data.text.Tokenizer;
import djinn.losses.CrossEntropy;
import djinn.predict.language.LanguageModelCard;
import djinn.predict.language.LanguageNetwork;
import djinn.training.Goal;
import djinn.training.Outcome;
import djinn.training.Product;
import djinn.training.Task;
import djinn.training.Turn;
import djinn.training.exhibit.Exhibit;
import djinn.zoo.language.LanguageModel;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** A language model that learns to tell the next token of a text; its examples are tokens. */
public final class LanguageModelTask implements Task<TokenBatch> {

    private static final CrossEntropy LOSS = new CrossEntropy();

    /** A context of fewer tokens has too few lengths to trace several of. */
    private static final int LENGTHS = 4;

    private static final String NUMBERS = "numbers";

    private final LanguageModelCard card;
    private final TextSplits splits;
    private final TokenFeed training;
    private final TokenFeed heldOut;

    private LanguageModelTask(LanguageModelCard card, TextSplits splits, TokenFeed training, TokenFeed heldOut) {
        this.card = card;
        this.splits = splits;
        this.training = training;
        this.heldOut = heldOut;
    }

    /**
     * Makes the task a recipe describes.
     *
     * @param recipe the recipe
     * @return the task, its text read
     * @throws djinn.ops.DataException if a file is missing or not UTF-8, or there is too little text for the context
     * @throws IllegalArgumentException if the model's extents do not go together
     */
    public static LanguageModelTask of(LanguageModelRecipe recipe) {
        LanguageModelRecipe.Data data = recipe.data();
        Optional<Tokenizer> tokenizer = data.tokenizer().map(file -> Tokenizer.open(Path.of(file)));
        TextSplits splits =
                data.documents() == Documents.NONE ? text(data, tokenizer) : documents(data, tokenizer.orElseThrow());
        LanguageNetwork model = recipe.model();
        int batchSize = recipe.train().batchSize();
        // extents that do not go together are told before anything is trained
        model.build(splits.vocabulary().size());
        return new LanguageModelTask(
                new LanguageModelCard(model, splits.vocabulary(), learntEnd(splits)),
                splits,
                TokenFeed.training(splits.train(), model.context(), batchSize, recipe.seed(), data.workers()),
                TokenFeed.heldOut(splits.validation(), model.context(), batchSize));
    }

    private static TextSplits text(LanguageModelRecipe.Data data, Optional<Tokenizer> tokenizer) {
        return switch (data.source()) {
            case FILES -> TextSplits.read(files(data), tokenizer, data.valFraction(), data.testFraction());
            case NUMBER_NAMES ->
                TextSplits.of(NumberNames.text(), NUMBERS, tokenizer, data.valFraction(), data.testFraction());
        };
    }

    private static TextSplits documents(LanguageModelRecipe.Data data, Tokenizer tokenizer) {
        Documents documents = data.documents();
        return switch (data.source()) {
            case FILES -> TextSplits.read(files(data), tokenizer, documents, data.valFraction(), data.testFraction());
            case NUMBER_NAMES ->
                TextSplits.of(
                        List.of(NumberNames.text()),
                        NUMBERS,
                        tokenizer,
                        documents,
                        data.valFraction(),
                        data.testFraction());
        };
    }

    private static List<Path> files(LanguageModelRecipe.Data data) {
        return data.files().stream().map(Path::of).toList();
    }

    /** The token of the end, where the text to learn from has it. */
    private static OptionalInt learntEnd(TextSplits splits) {
        OptionalInt end = splits.vocabulary().end();
        return splits.train().stream().anyMatch(token -> token == end.orElse(-1)) ? end : OptionalInt.empty();
    }

    /** Returns what the model is. */
    public LanguageModelCard card() {
        return card;
    }

    @Override
    public LanguageModel newModel() {
        return card.newModel();
    }

    @Override
    public Feed<TokenBatch> training() {
        return training;
    }

    @Override
    public Feed<TokenBatch> heldOut() {
        return heldOut;
    }

    @Override
    public List<Turn<TokenBatch>> turns() {
        return List.of(Turn.sole(this::evaluate));
    }

    @Override
    public Outcome evaluate(NamedBlock model, TokenBatch batch, NDManager owner, Pass pass) {
        NDArray logits = ((LanguageModel) model).forward(batch.inputs(owner), pass); // (N, T) -> (N, T, K)
        NDArray rows = logits.reshape(new Shape(batch.size(), card.vocabulary().size())); // (N T, K)
        NDArray targets = batch.targets(owner).reshape(new Shape(batch.size())); // (N T)
        return Outcome.of(LOSS.apply(rows, targets), new NDList(rows));
    }

    @Override
    public LanguageModelFigures newFigures() {
        return new LanguageModelFigures(
                card.vocabulary().size(), (double) splits.validation().size() / splits.validationCharacters());
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
    public String dataFingerprint() {
        return splits.fingerprint();
    }

    @Override
    public Optional<NDList> productInput(NDManager owner) {
        long[] tokens = new long[card.context()];
        for (int i = 0; i < tokens.length; i++) {
            tokens[i] = i % card.vocabulary().size();
        }
        return Optional.of(new NDList(owner.create(tokens, new Shape(1, tokens.length))));
    }

    /** A text has any number of tokens, up to the context. */
    @Override
    public Map<Integer, String> openAxes() {
        return card.context() < LENGTHS ? Map.of() : Map.of(1, "tokens");
    }

    @Override
    public Map<String, String> files() {
        return card.vocabulary() instanceof Tokenizer tokenizer ? Map.of("tokenizer.json", tokenizer.json()) : Map.of();
    }

    @Override
    public String examples() {
        return card.vocabulary().unit();
    }

    @Override
    public List<String> summary() {
        return splits.summary();
    }

    @Override
    public List<Exhibit> exhibits(NamedBlock model, int pictures) {
        return new LanguageModelExhibits(this, (LanguageModel) model, splits.validation(), pictures).all();
    }
}
