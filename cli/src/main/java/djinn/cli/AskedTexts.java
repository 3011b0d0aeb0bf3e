package djinn.cli;

import djinn.inference.Answer;
import djinn.inference.Predictor;
import djinn.ops.DataException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Asks a model about texts, a batch at a time. A text that cannot be answered is told of and leaves the others be.
 *
 * @param model answers
 * @param batch texts computed together
 */
record AskedTexts(Predictor<String, ? extends Answer> model, int batch) {

    /**
     * Asks about all texts.
     *
     * @param texts as they come
     * @param errors is told of texts without an answer
     * @return whether all have one
     */
    boolean ask(Iterator<String> texts, AskedImages.Listener listener, Consumer<String> errors) {
        boolean whole = true;
        while (texts.hasNext()) {
            List<String> next = new ArrayList<>();
            while (next.size() < batch && texts.hasNext()) {
                next.add(texts.next());
            }
            whole &= answer(next, listener, errors);
            if (!listener.goesOn()) {
                return whole;
            }
        }
        return whole;
    }

    private boolean answer(List<String> texts, AskedImages.Listener listener, Consumer<String> errors) {
        try {
            List<? extends Answer> answers = model.predictAll(texts);
            for (int i = 0; i < answers.size(); i++) {
                listener.answered(texts.get(i), Optional.empty(), answers.get(i));
            }
            return true;
        } catch (DataException e) {
            if (texts.size() == 1) {
                errors.accept("error: " + e.getMessage());
                return false;
            }
            // not all of a batch need be such
            texts.forEach(text -> answer(List.of(text), listener, errors));
            return false;
        }
    }
}
