package djinn.tasks.language;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import djinn.data.text.TokenBatch;
import djinn.data.text.TokenSequence;
import djinn.data.text.Vocabulary;
import djinn.inference.text.TokenModel;
import djinn.losses.CrossEntropy;
import djinn.losses.Reduction;
import djinn.predict.language.Generation;
import djinn.predict.language.TextGenerator;
import djinn.tasks.exhibit.RandomPlaces;
import djinn.tasks.exhibit.ShownText;
import djinn.tasks.exhibit.WorstList;
import djinn.training.HeldOutPass;
import djinn.training.Outcome;
import djinn.training.exhibit.Exhibit;
import djinn.training.exhibit.Passages;
import djinn.training.exhibit.Verdict;
import djinn.zoo.language.LanguageModel;
import djinn.zoo.nn.Pass;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What of a trained language model is worth a look: how it goes on with held-out text, and what of that surprises it most. */
final class LanguageModelExhibits {

    private static final CrossEntropy EACH =
            new CrossEntropy(List.of(), 0, new CrossEntropy().ignoreIndex(), Reduction.NONE);

    private static final int MOST_SAMPLES = 8;
    private static final int LONGEST_PROMPT = 32;
    private static final int ADDED = 200;
    private static final long SEED = 0;

    private final LanguageModelTask task;
    private final LanguageModel model;
    private final TokenSequence heldOut;
    private final int most;
    private final Vocabulary vocabulary;
    private final WorstList<Passages.Passage> hardest;
    private boolean hasSeen;

    /**
     * Exhibits of a model.
     *
     * @param task the model's
     * @param model the network
     * @param heldOut the tokens that are held out
     * @param most passages of one exhibit
     */
    LanguageModelExhibits(LanguageModelTask task, LanguageModel model, TokenSequence heldOut, int most) {
        this.task = task;
        this.model = model;
        this.heldOut = heldOut;
        this.most = most;
        vocabulary = task.card().vocabulary();
        hardest = new WorstList<>(most);
    }

    /** Looks at all held-out text, once, and goes on with some of it. */
    List<Exhibit> all() {
        HeldOutPass.over(task.heldOut(), this::look);
        List<Exhibit> all = new ArrayList<>();
        List<Passages.Passage> samples = samples();
        if (!samples.isEmpty()) {
            all.add(new Passages(
                    "Samples",
                    "How the model goes on with beginnings from the held-out text, by " + ADDED + " "
                            + vocabulary.unit() + " at most, drawn as it says (temperature 1, seed " + SEED + ")",
                    samples));
        }
        if (!hardest.list().isEmpty()) {
            all.add(new Passages(
                    "Hardest passages",
                    "The pieces of the held-out text, of " + task.card().context() + " " + vocabulary.unit()
                            + " each, that the model expected least: the highest perplexity first, of all but a piece's first;"
                            + " a shorter piece at the end of the text aside",
                    hardest.list()));
        }
        return all;
    }

    private void look(TokenBatch batch, NDManager owner, Pass pass) {
        int length = batch.size() / batch.windows();
        if (hasSeen && length < task.card().context()) {
            return;
        }
        hasSeen = true;
        Outcome outcome = task.evaluate(model, batch, owner, pass);
        NDArray targets = batch.targets(owner); // (N, T)
        NDArray losses = EACH.apply(outcome.answers().get(0), targets.reshape(new Shape(batch.size()))); // (N T)
        float[] means =
                losses.reshape(batch.windows(), length).mean(new int[] {1}).toFloatArray();
        long[] first = batch.inputs(owner).toLongArray();
        long[] told = targets.toLongArray();
        for (int n = 0; n < means.length; n++) {
            int from = n * length;
            double perplexity = Math.exp(means[n]);
            hardest.add(means[n], () -> {
                long[] tokens = new long[1 + length];
                tokens[0] = first[from];
                System.arraycopy(told, from, tokens, 1, length);
                return new Passages.Passage(
                        ShownText.of(text(tokens)),
                        "",
                        "",
                        String.format(Locale.ROOT, "perplexity %.2f", perplexity),
                        Verdict.NONE);
            });
        }
    }

    private String text(long[] tokens) {
        return vocabulary.decode(TokenSequence.of(
                Arrays.stream(tokens).mapToInt(Math::toIntExact).toArray()));
    }

    /** Beginnings are half as long as the model sees at most, and not longer than some words. */
    private List<Passages.Passage> samples() {
        int length = Math.max(1, Math.min(Math.min(LONGEST_PROMPT, task.card().context() / 2), heldOut.size()));
        List<String> prompts = RandomPlaces.of(heldOut.size() / length, Math.min(most, MOST_SAMPLES)).stream()
                .map(place -> vocabulary.decode(heldOut.part(place * length, (place + 1) * length)))
                .filter(prompt -> vocabulary.encode(prompt, "held-out text").size() > 0)
                .toList();
        if (prompts.isEmpty()) {
            return List.of();
        }
        try (TextGenerator generator = TextGenerator.of(task.card(), TokenModel.of(model))) {
            List<String> added =
                    generator.generateAll(prompts, Generation.of(ADDED).withSeed(SEED));
            List<Passages.Passage> passages = new ArrayList<>();
            for (int i = 0; i < prompts.size(); i++) {
                passages.add(new Passages.Passage(
                        ShownText.of(prompts.get(i)), "", ShownText.of(added.get(i)), "", Verdict.NONE));
            }
            return passages;
        }
    }
}
