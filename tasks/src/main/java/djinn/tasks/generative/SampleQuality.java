package djinn.tasks.generative;

import djinn.data.Feed;
import djinn.data.ImageBatch;
import djinn.inference.ImageSampler;
import djinn.inference.Sampling;
import djinn.training.Figures;
import djinn.training.HeldOutPass;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.IntFunction;
import java.util.function.Supplier;

/**
 * How good the images are that a model makes, told whenever its held-out images are looked at: a classifier sees both. What
 * is made are the first images of the seed of the run's sheets, so that {@code djinn judge} of the same seed and number says
 * the same.
 */
public final class SampleQuality {

    private final Optional<ImageJudge> judge;
    private final OptionalInt images;

    private SampleQuality(Optional<ImageJudge> judge, OptionalInt images) {
        this.judge = judge;
        this.images = images;
    }

    /**
     * Opens the classifier.
     *
     * @param quality names it; empty if nobody judges
     * @throws djinn.ops.DataException as {@link ImageJudge#open}
     */
    public static SampleQuality of(Optional<Quality> quality) {
        return new SampleQuality(
                quality.map(Quality::classifier).map(Path::of).map(ImageJudge::open),
                quality.map(Quality::images).orElse(OptionalInt.empty()));
    }

    /**
     * Returns a task's figures with those of its made images.
     *
     * @param own the task's own, which have seen nothing yet
     * @return just these if nobody judges
     */
    Figures<ImageBatch> with(Figures<ImageBatch> own) {
        return judge.<Figures<ImageBatch>>map(of -> new JudgedFigures(own, of)).orElse(own);
    }

    /**
     * Makes images and has them judged, and real ones.
     *
     * @param sampler makes them; asked for where there is somebody who judges
     * @param which images of a number of them are made
     * @param real images that the model has not learned from
     * @param figures as {@link #with} gave them
     */
    void tell(
            Supplier<ImageSampler> sampler,
            IntFunction<Sampling> which,
            Feed<ImageBatch> real,
            Figures<ImageBatch> figures) {
        if (figures instanceof JudgedFigures judged) {
            QualityFigures quality = judged.quality();
            int[] seen = new int[1];
            HeldOutPass.over(real, (batch, owner, pass) -> {
                quality.addReal(batch.images(owner));
                seen[0] += batch.size();
            });
            int made = images.orElse(seen[0]);
            if (made > 0) {
                sampler.get().sample(which.apply(made), quality::addMade);
            }
        }
    }
}
