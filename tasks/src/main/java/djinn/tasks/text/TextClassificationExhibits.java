package djinn.tasks.text;

import ai.djl.ndarray.NDManager;
import djinn.data.text.LabelledText;
import djinn.data.text.TextBatch;
import djinn.tasks.exhibit.Confusions;
import djinn.tasks.exhibit.JudgedExamples;
import djinn.tasks.exhibit.ShownText;
import djinn.training.HeldOutPass;
import djinn.training.Outcome;
import djinn.training.exhibit.Exhibit;
import djinn.training.exhibit.Passages;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** What of a trained classifier of texts is worth a look: confusions, mistakes, curves. */
final class TextClassificationExhibits {

    private final TextClassificationTask task;
    private final NamedBlock model;
    private final List<LabelledText> texts;
    private final List<String> classes;
    private final JudgedExamples judged;
    private int next;

    /**
     * Exhibits of a model.
     *
     * @param task the model's
     * @param model the network
     * @param texts those held out, in the order of their batches
     * @param most passages of one exhibit
     */
    TextClassificationExhibits(TextClassificationTask task, NamedBlock model, List<LabelledText> texts, int most) {
        this.task = task;
        this.model = model;
        this.texts = texts;
        classes = task.card().classes();
        int[] labels =
                texts.stream().mapToInt(text -> classes.indexOf(text.label())).toArray();
        judged = new JudgedExamples(classes, labels, task.examples(), most);
    }

    /** Looks at all held-out texts, once. */
    List<Exhibit> all() {
        List<Exhibit> all = new ArrayList<>();
        try (TextClassificationFigures figures = task.newFigures()) {
            HeldOutPass.over(task.heldOut(), (batch, owner, pass) -> look(batch, owner, pass, figures));
            all.addAll(Confusions.of(
                    figures.confusion(),
                    classes,
                    "Confusion",
                    "How many held-out texts of a class were taken for which"));
            all.add(Confusions.perClass(
                    task.perClass(figures).orElseThrow(), "Figures of every class, of held-out texts"));
        }
        add(all, "Most wrong", judged.worstNote(), judged.worst());
        add(all, "Drawn at random", judged.drawnNote(), judged.drawn());
        all.addAll(judged.curves());
        return all;
    }

    private void look(TextBatch batch, NDManager owner, Pass pass, TextClassificationFigures figures) {
        Outcome outcome = task.evaluate(model, batch, owner, pass);
        figures.add(batch, outcome);
        List<Integer> places =
                IntStream.range(next, next + batch.size()).boxed().toList();
        next += batch.size();
        judged.add(places, batch.labels(), outcome.answers().get(0).toFloatArray());
    }

    private void add(List<Exhibit> all, String title, String note, List<JudgedExamples.Judged> some) {
        if (!some.isEmpty()) {
            all.add(new Passages(title, note, some.stream().map(this::passage).toList()));
        }
    }

    private Passages.Passage passage(JudgedExamples.Judged one) {
        return new Passages.Passage(
                ShownText.of(texts.get(one.place()).text()),
                classes.get(one.label()),
                classes.get(one.predicted()),
                one.caption(),
                one.verdict());
    }
}
