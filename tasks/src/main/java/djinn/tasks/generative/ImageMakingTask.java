package djinn.tasks.generative;

import djinn.data.Feed;
import djinn.data.ImageBatch;
import djinn.metrics.Metrics;
import djinn.training.Task;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A task that learns to make images from those of one source, and shows after each epoch what it makes. */
public interface ImageMakingTask extends Task<ImageBatch> {

    /** Returns what is learned from. */
    GenerativeImages images();

    /** Returns the sheets that {@link #afterEpoch} writes. */
    SampleSheets sheets();

    @Override
    default Feed<ImageBatch> training() {
        return images().training();
    }

    @Override
    default Feed<ImageBatch> heldOut() {
        return images().heldOut();
    }

    @Override
    default Optional<Feed<ImageBatch>> test() {
        return images().test();
    }

    @Override
    default String dataFingerprint() {
        return images().fingerprint();
    }

    @Override
    default Map<String, String> skipped() {
        return images().skipped();
    }

    @Override
    default String examples() {
        return "images";
    }

    @Override
    default List<String> summary() {
        return images().summary();
    }

    /** Puts the sheets into {@code samples.gif}. */
    @Override
    default void conclude(Metrics best, Path folder) {
        sheets().animate(folder);
    }
}
