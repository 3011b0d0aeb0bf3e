package djinn.tasks.text;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import djinn.data.Feed;
import djinn.data.text.LabelledText;
import djinn.data.text.LabelledTexts;
import djinn.data.text.SentenceKinds;
import djinn.data.text.TextBatch;
import djinn.data.text.TextFeed;
import djinn.data.text.TextShares;
import djinn.data.text.TokenSequence;
import djinn.data.text.Tokenizer;
import djinn.losses.LossFunction;
import djinn.metrics.Metrics;
import djinn.ops.DataException;
import djinn.ops.PyTorch;
import djinn.predict.text.TextClassifierCard;
import djinn.tasks.classification.ClassificationTask;
import djinn.tasks.classification.ConfusionPicture;
import djinn.tasks.images.SupervisedLoss;
import djinn.training.ClassTable;
import djinn.training.Goal;
import djinn.training.Outcome;
import djinn.training.Product;
import djinn.training.Task;
import djinn.training.Turn;
import djinn.training.exhibit.Exhibit;
import djinn.zoo.language.BertScorer;
import djinn.zoo.language.TextScorer;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;
import djinn.zoo.weights.Preference;
import djinn.zoo.weights.WeightFile;
import djinn.zoo.weights.WeightSource;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One class per text. */
public final class TextClassificationTask implements Task<TextBatch> {

    private static final String LABELS = "labels.txt";

    private final TextClassifierCard card;
    private final Optional<String> start;
    private final SupervisedLoss loss;
    private final LabelledTexts texts;
    private final Feed<TextBatch> training;
    private final List<LabelledText> held;
    private final Feed<TextBatch> heldOut;
    private final Optional<Feed<TextBatch>> test;
    private final List<String> summary;

    private TextClassificationTask(
            TextClassifierCard card,
            LossFunction loss,
            LabelledTexts texts,
            TextClassificationRecipe recipe,
            List<String> summary) {
        this.card = card;
        start = recipe.startingWeights();
        this.loss = new SupervisedLoss(loss);
        this.texts = texts;
        this.summary = summary;
        int batchSize = recipe.train().batchSize();
        training = TextFeed.training(
                examples(texts.train()), recipe.seed(), batchSize, recipe.data().workers());
        held = byLength(texts.validation());
        heldOut = TextFeed.heldOut(examples(held), batchSize);
        test = texts.test().isEmpty()
                ? Optional.empty()
                : Optional.of(TextFeed.heldOut(examples(byLength(texts.test())), batchSize));
    }

    /**
     * Makes the task a recipe describes.
     *
     * @param recipe the recipe
     * @return the task, its texts read
     * @throws DataException if a file is missing or damaged, or there are too few texts
     * @throws IllegalArgumentException if the model's extents do not go together, or the loss takes no class weights where
     *     there are some
     */
    public static TextClassificationTask of(TextClassificationRecipe recipe) {
        TextClassificationRecipe.Data data = recipe.data();
        LabelledTexts read = read(data);
        Tokenizer tokenizer = TokenizerChoice.open(
                data.tokenizer(), data.making(), read.train().stream().map(LabelledText::text));
        LabelledTexts texts = read.where(text -> tokenizer.encode(text.text()).size() > 0, "text without a token");
        TextClassifierCard card =
                new TextClassifierCard(recipe.model().extents(), tokenizer, texts.classes(), data.longest());
        // extents that do not go together are told before anything is trained
        card.newModel();
        LossFunction loss = recipe.train()
                .classWeights()
                .map(by -> SupervisedLoss.weighted(recipe.loss(), by.of(texts.counts())))
                .orElse(recipe.loss());
        List<String> summary = new ArrayList<>(texts.summary());
        summary.add(told(card, texts.train()));
        return new TextClassificationTask(card, loss, texts, recipe, summary);
    }

    private static LabelledTexts read(TextClassificationRecipe.Data data) {
        TextShares shares = new TextShares(data.valFraction(), data.testFraction(), data.splitSeed());
        return switch (data.source()) {
            case FILES ->
                LabelledTexts.read(
                        Path.of(data.trainFile().orElseThrow()),
                        data.valFile().map(Path::of),
                        data.testFile().map(Path::of),
                        new LabelledTexts.Columns(data.format(), data.text(), data.label(), data.onError()),
                        shares);
            case SENTENCE_KINDS -> LabelledTexts.split("sentences made by Djinn", SentenceKinds.texts(), shares);
        };
    }

    private static String told(TextClassifierCard card, List<LabelledText> texts) {
        long tokens = 0;
        long unknown = 0;
        int cut = 0;
        for (LabelledText text : texts) {
            TokenSequence all = card.tokenizer().encode(text.text());
            tokens += all.size();
            cut += all.size() > card.longest() ? 1 : 0;
            unknown += all.stream()
                    .filter(token -> token == card.tokenizer().unknown().orElse(-1))
                    .count();
        }
        return card.tokenizer() + ", " + tokens + " of them to learn from, " + unknown + " unknown; " + cut
                + (cut == 1 ? " text is" : " texts are") + " longer than " + card.longest() + " and cut";
    }

    private List<TextBatch.Example> examples(List<LabelledText> part) {
        return part.stream()
                .map(text -> new TextBatch.Example(
                        card.tokens(text.text()), card.classes().indexOf(text.label())))
                .toList();
    }

    /** In the order of their lengths: little is filled up. */
    private List<LabelledText> byLength(List<LabelledText> part) {
        return part.stream()
                .sorted(Comparator.comparingInt(text -> card.tokens(text.text()).size()))
                .toList();
    }

    /** Returns what the model is. */
    public TextClassifierCard card() {
        return card;
    }

    @Override
    public TextScorer newModel() {
        return card.newModel();
    }

    @Override
    public Optional<String> startFrom(NamedBlock model) {
        return start.map(source -> {
            Path file = WeightSource.resolve(source, (done, total) -> {});
            TokenizerChoice.requireWeightsOf(file, card.tokenizer());
            try (NDManager reading = PyTorch.newManager()) {
                return ((BertScorer) model).startFrom(WeightFile.read(file, reading, Preference.EMA));
            }
        });
    }

    @Override
    public Feed<TextBatch> training() {
        return training;
    }

    @Override
    public Feed<TextBatch> heldOut() {
        return heldOut;
    }

    @Override
    public Optional<Feed<TextBatch>> test() {
        return test;
    }

    @Override
    public List<Turn<TextBatch>> turns() {
        return List.of(Turn.sole(this::evaluate));
    }

    @Override
    public Outcome evaluate(NamedBlock model, TextBatch batch, NDManager owner, Pass pass) {
        NDArray logits = ((TextScorer) model).forward(batch.tokens(owner), batch.padding(owner), pass); // (N, K)
        return new Outcome(loss.terms(new NDList(logits), batch.targets(owner), 0), new NDList(logits));
    }

    @Override
    public TextClassificationFigures newFigures() {
        return new TextClassificationFigures(card.classes().size());
    }

    @Override
    public Optional<ClassTable> perClass(Metrics figures) {
        return Optional.of(
                ClassificationTask.perClass(((TextClassificationFigures) figures).confusion(), card.classes()));
    }

    @Override
    public void conclude(Metrics best, Path folder) {
        ConfusionPicture.draw(
                ((TextClassificationFigures) best).confusion(), card.classes(), folder.resolve("confusion_matrix.png"));
    }

    @Override
    public Goal goal() {
        return Goal.rising("accuracy");
    }

    @Override
    public Product product(NamedBlock model) {
        return Product.whole(model, card.toMetadata());
    }

    @Override
    public Optional<NDList> productInput(NDManager owner) {
        return Optional.of(TracedText.of(owner, card.longest(), card.tokenizer().size()));
    }

    @Override
    public Map<Integer, String> openAxes() {
        return TracedText.openAxes(card.longest());
    }

    @Override
    public String dataFingerprint() {
        return texts.fingerprint();
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
        Map<String, String> files = new LinkedHashMap<>();
        files.put(LABELS, String.join("\n", card.classes()) + "\n");
        files.put(TokenizerChoice.FILE, card.tokenizer().json());
        return files;
    }

    @Override
    public void requireSame(Path folder) {
        TokenizerChoice.requireSame(
                folder,
                files(),
                file -> "expected data with the classes and the tokens of the run, as " + file
                        + " has them, got others; check data.train_file and data.tokenizer, or start a new run");
    }

    @Override
    public List<Exhibit> exhibits(NamedBlock model, int pictures) {
        return new TextClassificationExhibits(this, model, held, pictures).all();
    }
}
