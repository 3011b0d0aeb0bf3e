package djinn.data.text;

import java.util.ArrayList;
import java.util.List;

/**
 * Small sentences that need no file: statements, questions and commands, in small letters and without their
 * last mark, such as {@code the old dog can see a bird} and {@code can the old dog see a bird}.
 *
 * <p>Statements and questions have the same words in another order: who looks at words alone cannot tell them apart.
 */
public final class SentenceKinds {

    private static final List<String> WHO =
            List.of("the old dog", "a tall man", "the girl", "my brother", "every cook");
    private static final List<String> MAY = List.of("can", "will", "must", "should");
    private static final List<String> DOES = List.of("see", "carry", "paint", "find", "open", "forget");
    private static final List<String> WHAT = List.of("the door", "a red box", "two chairs", "the letter", "some bread");
    private static final List<String> WHERE = List.of("for", "with", "near", "before");

    private SentenceKinds() {}

    /** Returns the sentences, always the same ones in the same order; classes are statement, question and command. */
    public static List<LabelledText> texts() {
        List<LabelledText> texts = new ArrayList<>();
        for (String does : DOES) {
            for (String what : WHAT) {
                for (String who : WHO) {
                    for (int i = 0; i < MAY.size(); i++) {
                        add(texts, who + " " + MAY.get(i) + " " + does + " " + what, "statement");
                        add(texts, MAY.get(i) + " " + who + " " + does + " " + what, "question");
                        add(texts, does + " " + what + " " + WHERE.get(i) + " " + who, "command");
                    }
                }
            }
        }
        return texts;
    }

    private static void add(List<LabelledText> texts, String text, String label) {
        texts.add(new LabelledText(text, label, "sentence " + (texts.size() + 1)));
    }
}
