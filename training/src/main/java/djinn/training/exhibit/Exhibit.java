package djinn.training.exhibit;

/** One thing of a trained model that is worth a look. */
public sealed interface Exhibit permits Cloud, Curves, Gallery, Matrix, Passages, Table {

    /** Returns what it is called. */
    String title();

    /** Returns what it shows and how it was come by, in a sentence or two; empty if the title says it. */
    String note();
}
