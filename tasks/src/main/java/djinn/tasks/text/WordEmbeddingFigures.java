package djinn.tasks.text;

import ai.djl.ndarray.NDList;
import djinn.data.text.WordBatch;
import djinn.metrics.Mean;
import djinn.metrics.Metric;
import djinn.metrics.Unread;
import djinn.training.Figures;
import djinn.training.Outcome;
import java.util.List;
import java.util.Map;

/** What is told of vectors of words: {@code loss}, the mean over what was to be told from known words. */
public final class WordEmbeddingFigures implements Figures<WordBatch> {

    /** Losses left on the device at most. */
    private static final int MOST_UNREAD = 16;

    private final Unread unread = new Unread(MOST_UNREAD);
    private final Mean loss = new Mean();

    @Override
    public void add(WordBatch batch, Outcome outcome) {
        int rows = batch.rows();
        unread.add(new NDList(outcome.total()), total -> loss.add(total.head().getFloat(), rows));
    }

    @Override
    public Map<String, Metric> byName() {
        unread.read();
        return Map.of("loss", loss);
    }

    @Override
    public List<String> figures() {
        return List.of("loss");
    }

    @Override
    public void close() {
        unread.close();
    }
}
