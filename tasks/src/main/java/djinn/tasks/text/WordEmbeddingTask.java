package djinn.tasks.text;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import djinn.data.Feed;
import djinn.data.text.Tokenizer;
import djinn.data.text.WordBatch;
import djinn.data.text.WordGroups;
import djinn.data.text.WordText;
import djinn.data.text.WordWindows;
import djinn.losses.BinaryCrossEntropyWithLogits;
import djinn.metrics.Metrics;
import djinn.ops.AtomicFile;
import djinn.ops.DataException;
import djinn.ops.PyTorch;
import djinn.ops.Scalars;
import djinn.ops.TextFile;
import djinn.predict.text.WordEmbeddingCard;
import djinn.predict.text.WordSimilarity;
import djinn.training.Goal;
import djinn.training.Outcome;
import djinn.training.Product;
import djinn.training.Task;
import djinn.training.Turn;
import djinn.training.exhibit.Exhibit;
import djinn.training.run.RunFolder;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;
import djinn.zoo.weights.Safetensors;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;

/** Vectors of words that learn which words stand beside which; its examples are words. */
public final class WordEmbeddingTask implements Task<WordBatch> {

    private static final String VECTORS = "vectors.txt";
    private static final BinaryCrossEntropyWithLogits LOSS = new BinaryCrossEntropyWithLogits();

    private final WordEmbeddingCard card;
    private final String source;
    private final WordText train;
    private final WordText validation;
    private final Feed<WordBatch> training;
    private final Feed<WordBatch> heldOut;

    private WordEmbeddingTask(
            WordEmbeddingCard card, String source, WordText train, WordText validation, WordEmbeddingRecipe recipe) {
        this.card = card;
        this.source = source;
        this.train = train;
        this.validation = validation;
        WordWindows.Settings settings = recipe.model().settings();
        List<Integer> counts = train.counts();
        int batchSize = recipe.train().batchSize();
        training = new WordWindows(
                train,
                counts,
                settings,
                OptionalLong.of(recipe.seed()),
                batchSize,
                recipe.data().workers());
        heldOut = new WordWindows(validation, counts, settings, OptionalLong.empty(), batchSize, 1);
    }

    /**
     * Makes the task a recipe describes.
     *
     * @param recipe the recipe
     * @return the task, its text read
     * @throws DataException if a file is missing or not UTF-8, or there are too few words
     */
    public static WordEmbeddingTask of(WordEmbeddingRecipe recipe) {
        WordEmbeddingRecipe.Data data = recipe.data();
        String text = switch (data.source()) {
            case FILES ->
                data.files().stream().map(file -> TextFile.read(Path.of(file))).collect(Collectors.joining("\n"));
            case WORD_GROUPS -> WordGroups.text();
        };
        String source = data.files().isEmpty() ? "words made by Djinn" : String.join(", ", data.files());
        List<String> lines = text.lines().filter(line -> !line.isBlank()).toList();
        int end = (int) ((1 - data.valFraction()) * lines.size());
        List<String> learnt = lines.subList(0, end);
        if (learnt.isEmpty() || end == lines.size()) {
            throw new DataException(source + ": expected lines to learn from and lines held out, found " + end + " and "
                    + (lines.size() - end));
        }
        Tokenizer tokenizer = TokenizerChoice.open(data.tokenizer(), data.making(), learnt.stream());
        return new WordEmbeddingTask(
                new WordEmbeddingCard(tokenizer, recipe.model().width()),
                source,
                WordText.of(learnt, tokenizer, source),
                WordText.of(lines.subList(end, lines.size()), tokenizer, source + ", the lines held out"),
                recipe);
    }

    /** Returns what the model is. */
    public WordEmbeddingCard card() {
        return card;
    }

    @Override
    public NamedBlock newModel() {
        return card.newModel();
    }

    @Override
    public Feed<WordBatch> training() {
        return training;
    }

    @Override
    public Feed<WordBatch> heldOut() {
        return heldOut;
    }

    @Override
    public List<Turn<WordBatch>> turns() {
        return List.of(Turn.sole(this::evaluate));
    }

    @Override
    public Outcome evaluate(NamedBlock model, WordBatch batch, NDManager owner, Pass pass) {
        NDArray candidates = batch.candidates(owner);
        NDArray scores = ((WordSimilarity) model)
                .vectors()
                .forward(batch.words(owner), candidates, batch.padding(owner).orElse(null), pass); // (P, M)
        // summed over the candidates, the mean over the rows
        NDArray mean = LOSS.apply(scores, batch.targets(owner));
        return Outcome.of(Scalars.mul(mean, (double) candidates.getShape().get(1)), new NDList());
    }

    @Override
    public WordEmbeddingFigures newFigures() {
        return new WordEmbeddingFigures();
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
        return Optional.of(new NDList(owner.create(new long[] {card.tokenizer().size() - 1L})));
    }

    @Override
    public String dataFingerprint() {
        return train.fingerprint(validation, card.tokenizer());
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
                file -> "expected a text with the words of the run, as " + file
                        + " has them, got others; check data.files and data.tokenizer, or start a new run");
    }

    @Override
    public String examples() {
        return "words";
    }

    @Override
    public List<String> summary() {
        return List.of(train.words() + " training and " + validation.words() + " validation words, "
                + card.tokenizer().size() + " different ones, from " + source);
    }

    /** Writes the vectors as word2vec's text files have them: how many and how long they are, then a word a line. */
    @Override
    public void conclude(Metrics best, Path folder) {
        try (NDManager manager = PyTorch.newManager();
                Safetensors file = Safetensors.open(RunFolder.open(folder).best())) {
            float[] values = file.read(manager, "vectors.input.weight").toFloatArray();
            Map<Integer, String> words = card.words();
            StringBuilder text = new StringBuilder();
            text.append(words.size()).append(' ').append(card.width()).append('\n');
            words.forEach((number, word) -> {
                text.append(word);
                for (int d = 0; d < card.width(); d++) {
                    text.append(String.format(Locale.ROOT, " %.6f", values[number * card.width() + d]));
                }
                text.append('\n');
            });
            AtomicFile.writeText(folder.resolve(VECTORS), text.toString());
        }
    }

    @Override
    public List<Exhibit> exhibits(NamedBlock model, int pictures) {
        return new WordEmbeddingExhibits(card, train.counts()).of((WordSimilarity) model, pictures);
    }
}
