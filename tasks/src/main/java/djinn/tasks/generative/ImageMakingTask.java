package djinn.tasks.generative;

import djinn.data.Feed;
import djinn.data.ImageBatch;
import djinn.inference.ImageSampler;
import djinn.inference.Sampling;
import djinn.metrics.Metrics;
import djinn.training.Figures;
import djinn.training.Task;
import djinn.training.exhibit.Exhibit;
import djinn.zoo.nn.NamedBlock;
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

    /** Returns who judges what is made. */
    SampleQuality quality();

    /** Returns figures of all but the quality of what is made, that have seen nothing yet. */
    Figures<ImageBatch> ownFigures();

    /**
     * Returns what makes images of a model that may be in training.
     *
     * @param model all networks; stays the caller's
     * @return what need not be closed
     */
    ImageSampler sampler(NamedBlock model);

    /**
     * Returns which images of a number of them are made.
     *
     * @param count how many
     */
    default Sampling sampling(int count) {
        return Sampling.of(count, sheets().samples().seed());
    }

    /** Returns the names of the classes that the model is told of; none if it is not. */
    List<String> toldClasses();

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
    default Figures<ImageBatch> newFigures() {
        return quality().with(ownFigures());
    }

    @Override
    default void evaluated(NamedBlock model, Feed<ImageBatch> data, Figures<ImageBatch> figures) {
        quality().tell(() -> sampler(model), this::sampling, data, figures);
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

    /** Draws {@code samples/epoch-0001.png}: always of the same random numbers. */
    @Override
    default void afterEpoch(NamedBlock shown, int epoch, Path folder) {
        sheets().write(sampler(shown).sample(sampling(sheets().samples().count())), epoch, folder);
    }

    /** Puts the sheets into {@code samples.gif}. */
    @Override
    default void conclude(Metrics best, Path folder) {
        sheets().animate(folder);
    }

    @Override
    default List<Exhibit> exhibits(NamedBlock model, int pictures) {
        return MadeImages.of(this, model, pictures);
    }
}
