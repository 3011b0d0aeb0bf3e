package djinn.inference.text;

import java.util.List;

/**
 * A model that answers texts with texts, such as a translator.
 *
 * <p>Any number of threads may ask. Closing it waits for the calls under way.
 */
public interface TextAnswers extends AutoCloseable {

    /**
     * Answers texts.
     *
     * @param texts any number
     * @return an answer for each, in order
     */
    List<String> of(List<String> texts);

    @Override
    void close();
}
