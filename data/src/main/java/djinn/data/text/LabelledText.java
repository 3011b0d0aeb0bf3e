package djinn.data.text;

/**
 * A text and the class it is of.
 *
 * @param text any
 * @param label the class's name
 * @param name what messages call it, such as {@code train.tsv:7}
 */
public record LabelledText(String text, String label, String name) {}
