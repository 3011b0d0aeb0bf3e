package djinn.tasks.translation;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import djinn.data.Feed;
import djinn.data.text.PairBatch;
import djinn.data.text.PairFeed;
import djinn.data.text.SentencePair;
import djinn.data.text.SentencePairs;
import djinn.data.text.SpecialTokens;
import djinn.data.text.TokenPair;
import djinn.data.text.TokenSequence;
import djinn.data.text.Tokenizer;
import djinn.inference.text.Hypothesis;
import djinn.inference.text.TokenModel;
import djinn.losses.CrossEntropy;
import djinn.losses.Reduction;
import djinn.ops.DataException;
import djinn.predict.translation.SentenceSearch;
import djinn.predict.translation.TranslationCard;
import djinn.tasks.text.TokenizerChoice;
import djinn.tasks.text.TracedText;
import djinn.training.Goal;
import djinn.training.Outcome;
import djinn.training.Product;
import djinn.training.Task;
import djinn.training.Turn;
import djinn.training.exhibit.Exhibit;
import djinn.zoo.language.SequenceToSequence;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.Stream;

/** A translator that learns of pairs to tell each next token of the target, all before it given. */
public final class TranslationTask implements Task<PairBatch> {

    private static final CrossEntropy PLAIN = new CrossEntropy(List.of(), 0, PairBatch.IGNORED, Reduction.MEAN);

    private final TranslationRecipe recipe;
    private final TranslationCard card;
    private final SpecialTokens special;
    private final SentencePairs pairs;
    private final List<String> notes = new ArrayList<>();
    private final CrossEntropy loss;
    private final PairFeed training;
    private final List<TokenPair> held;
    private final PairFeed heldOut;
    private final Optional<PairFeed> test;

    private TranslationTask(TranslationRecipe recipe, TranslationCard card, SentencePairs pairs) {
        this.recipe = recipe;
        this.card = card;
        this.pairs = pairs;
        special = card.special();
        loss = new CrossEntropy(List.of(), recipe.labelSmoothing(), PairBatch.IGNORED, Reduction.MEAN);
        TranslationRecipe.Data data = recipe.data();
        PairFeed.Size size = new PairFeed.Size(recipe.train().batchSize(), data.batchTokens());
        training = new PairFeed(
                tokens(pairs.train(), "to learn from"), special, size, OptionalLong.of(recipe.seed()), data.workers());
        held = tokens(pairs.validation(), "to validate on");
        heldOut = held(held, size);
        test = pairs.test().isEmpty() ? Optional.empty() : Optional.of(held(tokens(pairs.test(), "to test on"), size));
    }

    /**
     * Makes the task a recipe describes.
     *
     * @param recipe the recipe
     * @return the task, its pairs read and encoded
     * @throws DataException if a file is missing or not as it should be, or there are too few pairs
     * @throws IllegalArgumentException if what the recipe says does not go together
     */
    public static TranslationTask of(TranslationRecipe recipe) {
        SentencePairs pairs = recipe.data().pairs();
        Tokenizer tokenizer = tokenizer(recipe.data(), pairs);
        return new TranslationTask(
                recipe,
                new TranslationCard(recipe.model(), tokenizer, recipe.data().longest()),
                pairs);
    }

    private static Tokenizer tokenizer(TranslationRecipe.Data data, SentencePairs pairs) {
        Tokenizer tokenizer = TokenizerChoice.open(
                data.tokenizer(),
                data.making().withSpecial(SpecialTokens.NAMES),
                pairs.train().stream().flatMap(pair -> Stream.of(pair.source(), pair.target())));
        SpecialTokens.of(tokenizer, data.tokenizer().orElse("new tokenizer"));
        return tokenizer;
    }

    private PairFeed held(List<TokenPair> part, PairFeed.Size size) {
        return new PairFeed(part, special, size, OptionalLong.empty(), 1);
    }

    /** Encodes a part, but for what is too long, which is counted and named. */
    private List<TokenPair> tokens(List<SentencePair> part, String use) {
        int longest = card.longest();
        OptionalInt unknown = card.tokenizer().unknown();
        List<TokenPair> kept = new ArrayList<>();
        List<SentencePair> left = new ArrayList<>();
        long unwritten = 0;
        for (SentencePair pair : part) {
            TokenSequence source = card.tokenizer().encode(pair.source());
            TokenSequence target = card.tokenizer().encode(pair.target());
            if (source.size() > longest || target.size() > longest) {
                left.add(pair);
                continue;
            }
            kept.add(new TokenPair(source, target, pair));
            unwritten += Stream.of(source, target)
                    .flatMapToInt(TokenSequence::stream)
                    .filter(token -> unknown.equals(OptionalInt.of(token)))
                    .count();
        }
        if (!left.isEmpty()) {
            notes.add("left out: " + left.size() + " of " + part.size() + " pairs " + use + ", of more than " + longest
                    + " tokens on a side (data.longest), such as '"
                    + shortened(left.get(0).source()) + "'");
        }
        if (unwritten > 0) {
            notes.add("unknown to the tokenizer: " + unwritten + " of the tokens " + use + ", which all are one token");
        }
        if (kept.isEmpty()) {
            throw new DataException(pairs.name() + ": expected pairs " + use + " of at most " + longest
                    + " tokens a side (data.longest), found none among " + part.size());
        }
        return kept;
    }

    private static String shortened(String text) {
        int shown = 40;
        return text.length() <= shown ? text : text.substring(0, text.offsetByCodePoints(0, shown / 2)) + "...";
    }

    /** Returns what the model is. */
    public TranslationCard card() {
        return card;
    }

    @Override
    public SequenceToSequence newModel() {
        return card.newModel();
    }

    @Override
    public Feed<PairBatch> training() {
        return training;
    }

    @Override
    public Feed<PairBatch> heldOut() {
        return heldOut;
    }

    @Override
    public Optional<Feed<PairBatch>> test() {
        return test.map(feed -> feed);
    }

    @Override
    public List<Turn<PairBatch>> turns() {
        return List.of(Turn.sole((model, batch, owner, pass) ->
                Outcome.of(loss(loss, (SequenceToSequence) model, batch, owner, pass), new NDList())));
    }

    @Override
    public Outcome evaluate(NamedBlock model, PairBatch batch, NDManager owner, Pass pass) {
        SequenceToSequence translator = (SequenceToSequence) model;
        NDArray plain = loss(PLAIN, translator, batch, owner, pass);
        return Outcome.of(plain, new NDList(translations(translator, batch, owner)));
    }

    /** The mean over all targets of a batch but padding. */
    private static NDArray loss(
            CrossEntropy loss, SequenceToSequence model, PairBatch batch, NDManager owner, Pass pass) {
        NDArray targets = batch.targets(owner);
        NDArray logits = model.forward( // (N, S), (N, L) -> (N, L, K)
                batch.sources(owner), targets, batch.padding(owner).orElse(null), pass);
        long rows = targets.getShape().size();
        return loss.apply(
                logits.reshape(new Shape(rows, model.vocabulary())), // (N L, K)
                batch.labels(owner).reshape(new Shape(rows)));
    }

    /** The best translations, (N, L), int64, the shorter ones filled up. */
    private NDArray translations(SequenceToSequence model, PairBatch batch, NDManager owner) {
        List<TokenSequence> found;
        try (TokenModel tokens = TokenModel.of(model, special.start())) {
            found =
                    SentenceSearch.search(
                                    tokens,
                                    batch.pairs().stream()
                                            .map(TokenPair::source)
                                            .toList(),
                                    special,
                                    recipe.decoding())
                            .stream()
                            .map(best -> best.get(0))
                            .map(Hypothesis::tokens)
                            .toList();
        }
        int length = 1 + found.stream().mapToInt(TokenSequence::size).max().orElse(0);
        long[] all = new long[found.size() * length];
        Arrays.fill(all, special.padding());
        for (int n = 0; n < found.size(); n++) {
            int[] row = found.get(n).stream().toArray();
            for (int i = 0; i < row.length; i++) {
                all[n * length + i] = row[i];
            }
        }
        return owner.create(all, new Shape(found.size(), length));
    }

    @Override
    public TranslationFigures newFigures() {
        return new TranslationFigures(card.tokenizer(), special.padding());
    }

    @Override
    public Goal goal() {
        return recipe.goal();
    }

    @Override
    public Product product(NamedBlock model) {
        return Product.whole(model, card.toMetadata());
    }

    /** Sources, targets and the sources' padding, all of one length, which is open. */
    @Override
    public Optional<NDList> productInput(NDManager owner) {
        NDList text = TracedText.of(owner, card.longest() + 1, card.tokenizer().size());
        NDArray tokens = text.get(0);
        return Optional.of(new NDList(tokens, tokens.duplicate(), text.get(1)));
    }

    @Override
    public Map<Integer, String> openAxes() {
        return TracedText.openAxes(card.longest());
    }

    @Override
    public String dataFingerprint() {
        return pairs.fingerprint();
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
                file -> file + ": expected the tokenizer that the recipe's texts make, found another: the texts"
                        + " are not those the run began with; bring them back, or start a new run");
    }

    @Override
    public String examples() {
        return "pairs";
    }

    @Override
    public List<String> summary() {
        List<String> lines = new ArrayList<>();
        lines.add(pairs.train().size() + " training and " + pairs.validation().size() + " validation pairs"
                + (pairs.test().isEmpty() ? "" : ", " + pairs.test().size() + " kept for a test") + ", "
                + card.tokenizer() + ", from " + pairs.name());
        lines.addAll(pairs.notes());
        lines.addAll(notes);
        return lines;
    }

    @Override
    public List<Exhibit> exhibits(NamedBlock model, int pictures) {
        return new TranslationExhibits(this, model, recipe.decoding().beams(), held.size(), pictures).all();
    }
}
