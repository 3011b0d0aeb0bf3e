package djinn.data.text;

import java.util.ArrayList;
import java.util.List;

/**
 * What the documents of a text are: behind each a language model reads a token that ends it, and nothing that a model of
 * masked words looks at reaches over the end of one.
 */
public enum Documents {
    /** None: the text is one, and nothing ends. */
    NONE,
    /** Each line that is not blank, without its line feed. */
    LINES,
    /** Each file. */
    FILES;

    /**
     * Documents, and what they were cut of.
     *
     * @param texts the documents, in their order
     * @param apart how many characters stand between two of them: those that the token of the end stands for
     * @param blank lines that are none
     */
    record Cut(List<String> texts, int apart, int blank) {}

    /** Cuts the texts of files. */
    Cut cut(List<String> files) {
        if (this != LINES) {
            return new Cut(files, 0, 0);
        }
        List<String> lines = new ArrayList<>();
        int blank = 0;
        for (String line : String.join("", files).lines().toList()) {
            if (line.isBlank()) {
                blank++;
            } else {
                lines.add(line);
            }
        }
        return new Cut(lines, 1, blank);
    }
}
