package djinn.training.exhibit;

import java.util.List;

/**
 * Texts and what the model made of them.
 *
 * @param title what it is called
 * @param note what it shows, and in what order
 * @param passages in the order they are shown
 */
public record Passages(String title, String note, List<Passage> passages) implements Exhibit {

    /**
     * A text.
     *
     * @param given what the model was asked; may be empty
     * @param expected what would be right; empty where nothing is
     * @param answered what the model said
     * @param caption a line about it, such as its score; may be empty
     * @param verdict whether the model was right
     */
    public record Passage(String given, String expected, String answered, String caption, Verdict verdict) {}

    /** Copies the list. */
    public Passages {
        passages = List.copyOf(passages);
    }
}
