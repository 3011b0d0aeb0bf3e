package djinn.tasks.translation;

import ai.djl.ndarray.NDManager;
import djinn.data.text.PairBatch;
import djinn.data.text.SentencePair;
import djinn.metrics.ChrF;
import djinn.tasks.exhibit.RandomPlaces;
import djinn.tasks.exhibit.ShownText;
import djinn.tasks.exhibit.WorstList;
import djinn.training.HeldOutPass;
import djinn.training.Outcome;
import djinn.training.exhibit.Exhibit;
import djinn.training.exhibit.Passages;
import djinn.training.exhibit.Verdict;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** What of a trained translator is worth a look: held-out sentences and what it makes of them, worst, best and any. */
final class TranslationExhibits {

    private final TranslationTask task;
    private final NamedBlock model;
    private final String how;
    private final Set<Integer> places;
    private final WorstList<Passages.Passage> worst;
    private final WorstList<Passages.Passage> best;
    private final List<Passages.Passage> drawn = new ArrayList<>();
    private int next;

    /**
     * Exhibits of a model.
     *
     * @param task the model's
     * @param model the network
     * @param beams how many translations a search goes on with
     * @param size how many pairs are held out
     * @param most passages of one exhibit
     */
    TranslationExhibits(TranslationTask task, NamedBlock model, int beams, int size, int most) {
        this.task = task;
        this.model = model;
        how = (beams == 1 ? " of a greedy search" : " of a search with " + beams + " beams")
                + ", scored by the sentence's chrF2, from 0 to 100";
        places = RandomPlaces.of(size, most);
        worst = new WorstList<>(most);
        best = new WorstList<>(most);
    }

    /** Looks at all held-out pairs, once. */
    List<Exhibit> all() {
        try (TranslationFigures figures = task.newFigures()) {
            HeldOutPass.over(task.heldOut(), (batch, owner, pass) -> look(batch, owner, pass, figures));
        }
        List<Exhibit> all = new ArrayList<>();
        add(
                all,
                "Worst translations",
                "Held-out sentences whose translations are the least like what is expected,",
                worst.list());
        add(all, "Drawn at random", "Held-out sentences drawn at random, always the same, and translations", drawn);
        add(
                all,
                "Best translations",
                "Held-out sentences whose translations are the most like what is expected,",
                best.list());
        return all;
    }

    private void look(PairBatch batch, NDManager owner, Pass pass, TranslationFigures figures) {
        Outcome outcome = task.evaluate(model, batch, owner, pass);
        List<String> translations = figures.translations(batch, outcome);
        for (int n = 0; n < translations.size(); n++) {
            SentencePair pair = batch.pairs().get(n).text();
            String translation = translations.get(n);
            ChrF score = new ChrF();
            score.add(translation, List.of(pair.target()));
            double value = score.value();
            worst.add(-value, () -> passage(pair, translation, value));
            best.add(value, () -> passage(pair, translation, value));
            if (places.contains(next++)) {
                drawn.add(passage(pair, translation, value));
            }
        }
    }

    /** Another translation than the one expected may be right as well. */
    private static Passages.Passage passage(SentencePair pair, String translation, double score) {
        return new Passages.Passage(
                ShownText.of(pair.source()),
                ShownText.of(pair.target()),
                ShownText.of(translation),
                String.format(Locale.ROOT, "chrF2 %.1f", score),
                translation.equals(pair.target()) ? Verdict.RIGHT : Verdict.NONE);
    }

    private void add(List<Exhibit> all, String title, String note, List<Passages.Passage> some) {
        if (!some.isEmpty()) {
            all.add(new Passages(title, note + how, some));
        }
    }
}
