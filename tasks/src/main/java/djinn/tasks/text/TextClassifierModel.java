package djinn.tasks.text;

import djinn.ops.Default;
import djinn.zoo.language.TextScorer;
import java.util.LinkedHashMap;
import java.util.Map;

/** The network of a classifier of texts, as a recipe names it. */
public sealed interface TextClassifierModel {

    /**
     * Builds the network.
     *
     * @param vocabulary the number of tokens there are
     * @param classes K
     * @param longest the most tokens of a text
     */
    TextScorer build(int vocabulary, int classes, int longest);

    /** Returns the networks by their names. */
    static Map<String, Class<? extends Record>> table() {
        Map<String, Class<? extends Record>> table = new LinkedHashMap<>();
        table.put("bag_of_words", BagOfWords.class);
        return table;
    }

    /** Returns what recipes call it. */
    default String name() {
        return table().entrySet().stream()
                .filter(entry -> entry.getValue() == getClass())
                .map(Map.Entry::getKey)
                .findFirst()
                .orElseThrow();
    }

    /**
     * The mean of the vectors of a text's tokens, and a linear layer: the baseline, which knows no order.
     *
     * @param width the length of a token's vector
     * @param dropout the share of the mean's values dropped in training
     */
    record BagOfWords(
            @Default("64") int width, @Default("0") double dropout) implements TextClassifierModel {

        @Override
        public TextScorer build(int vocabulary, int classes, int longest) {
            return new djinn.zoo.language.BagOfWords(
                    new djinn.zoo.language.BagOfWords.Config(vocabulary, width, classes, dropout));
        }
    }
}
