package djinn.tasks.language;

import ai.djl.ndarray.NDManager;
import djinn.data.text.MaskedBatch;
import djinn.data.text.MaskedFeed;
import djinn.data.text.MaskedText;
import djinn.inference.Classification;
import djinn.predict.language.MaskedLanguageModelCard;
import djinn.tasks.exhibit.RandomPlaces;
import djinn.tasks.exhibit.ShownText;
import djinn.tasks.exhibit.WorstList;
import djinn.training.HeldOutPass;
import djinn.training.Outcome;
import djinn.training.exhibit.Exhibit;
import djinn.training.exhibit.Passages;
import djinn.training.exhibit.Verdict;
import djinn.zoo.language.Bert;
import djinn.zoo.nn.Pass;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** What of a trained model of masked words is worth a look: held-out texts with masks, what stood there, and its guesses. */
final class MaskedLanguageModelExhibits {

    private static final String NOTE =
            ": the text with its masks, what stood there, what the model holds likeliest, and the probability it gives to"
                    + " what stood there. The places are those of validation, but the model sees nothing but masks in them";

    private final MaskedLanguageModelTask task;
    private final MaskedLanguageModelCard card;
    private final Bert model;
    private final Map<Integer, String> words;
    private final Set<Integer> places;
    private final List<Passages.Passage> drawn = new ArrayList<>();
    private final WorstList<Passages.Passage> hardest;
    private final MaskedFeed feed;
    private int next;

    /** A masked text and what was said of its places. */
    private record Told(MaskedText text, List<Integer> guesses, List<Double> probabilities) {

        boolean isRight() {
            return text.hidden().stream().boxed().toList().equals(guesses);
        }

        /** The mean of -ln p. */
        double surprise() {
            return probabilities.stream()
                    .mapToDouble(p -> -Math.log(p))
                    .average()
                    .orElseThrow();
        }
    }

    /**
     * Exhibits of a model.
     *
     * @param task the model's
     * @param model the network
     * @param most passages of one exhibit
     */
    MaskedLanguageModelExhibits(MaskedLanguageModelTask task, Bert model, int most) {
        this.task = task;
        this.model = model;
        card = task.card();
        words = card.words();
        feed = task.heldOut().withMasking(task.heldOut().masking().masksAlone());
        places = RandomPlaces.of(feed.texts().size(), most);
        hardest = new WorstList<>(most);
    }

    /** Looks at all held-out texts, once. */
    List<Exhibit> all() {
        HeldOutPass.over(feed, this::look);
        List<Exhibit> all = new ArrayList<>();
        if (!drawn.isEmpty()) {
            all.add(new Passages("Drawn at random", "Held-out texts drawn at random, always the same" + NOTE, drawn));
        }
        if (!hardest.list().isEmpty()) {
            all.add(new Passages(
                    "Hardest texts",
                    "The held-out texts whose masked words the model expected least, the least expected first" + NOTE,
                    hardest.list()));
        }
        return all;
    }

    private void look(MaskedBatch batch, NDManager owner, Pass pass) {
        Outcome outcome = task.evaluate(model, batch, owner, pass);
        FloatBuffer logits = FloatBuffer.wrap(outcome.answers().get(0).toFloatArray());
        int vocabulary = card.tokenizer().size();
        int from = 0;
        for (MaskedText text : batch.texts()) {
            List<Integer> guesses = new ArrayList<>();
            List<Double> probabilities = new ArrayList<>();
            for (int token : text.hidden().stream().toArray()) {
                double[] row = Classification.probabilities(logits, from, vocabulary, false);
                from += vocabulary;
                guesses.add(best(row));
                probabilities.add(row[token]);
            }
            Told told = new Told(text, guesses, probabilities);
            hardest.add(told.surprise(), () -> passage(told));
            if (places.contains(next++)) {
                drawn.add(passage(told));
            }
        }
    }

    /** The likeliest word; special tokens are none. */
    private int best(double[] row) {
        int best = card.masks().words().get(0);
        for (int word : card.masks().words()) {
            best = row[word] > row[best] ? word : best;
        }
        return best;
    }

    private Passages.Passage passage(Told told) {
        return new Passages.Passage(
                ShownText.of(card.tokenizer().decodeWhole(told.text.seen())),
                text(told.text.hidden().stream().boxed().toList()),
                text(told.guesses),
                "probability of what stood there: "
                        + String.join(
                                ", ",
                                told.probabilities.stream()
                                        .map(p -> String.format(Locale.ROOT, "%.3f", p))
                                        .toList()),
                told.isRight() ? Verdict.RIGHT : Verdict.WRONG);
    }

    private String text(List<Integer> tokens) {
        return String.join(", ", tokens.stream().map(words::get).toList());
    }
}
