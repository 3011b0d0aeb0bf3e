package djinn.tasks.generative;

import ai.djl.ndarray.NDManager;
import djinn.data.Batches;
import djinn.data.ImageBatch;
import djinn.data.Pixels;
import djinn.inference.Sampling;
import djinn.inference.Tensor;
import djinn.ops.PyTorch;
import djinn.predict.generative.ClassChoice;
import djinn.predict.generative.DrawnImages;
import djinn.tasks.exhibit.ShownPixels;
import djinn.training.exhibit.Exhibit;
import djinn.training.exhibit.Gallery;
import djinn.training.exhibit.Verdict;
import djinn.zoo.nn.NamedBlock;
import java.util.ArrayList;
import java.util.List;

/** What models that make images show: what they make, beside what they learnt from. */
public final class MadeImages {

    private MadeImages() {}

    /**
     * Returns made images, and images to learn from.
     *
     * @param task the model's
     * @param model all networks
     * @param most of either
     */
    public static List<Exhibit> of(ImageMakingTask task, NamedBlock model, int most) {
        if (most < 1) {
            return List.of();
        }
        Sampling sampling = task.sampling(most);
        List<Exhibit> all = new ArrayList<>();
        all.add(samples(task.sampler(model).sample(sampling), sampling, task.toldClasses()));
        all.addAll(learnt(task, most));
        return all;
    }

    private static Gallery samples(List<Pixels> images, Sampling sampling, List<String> classes) {
        ClassChoice choice = new ClassChoice(classes, sampling);
        List<Gallery.Picture> pictures = new ArrayList<>();
        for (Pixels image : images) {
            int place = pictures.size();
            pictures.add(new Gallery.Picture(
                    "sample " + (place + 1),
                    classes.isEmpty() ? "" : classes.get(choice.at(place)),
                    ShownPixels.of(image),
                    Verdict.NONE));
        }
        String steps =
                sampling.steps().isPresent() ? ", each in " + sampling.steps().getAsInt() + " steps" : "";
        return new Gallery(
                "Samples",
                "What the model makes of the random numbers of seed " + sampling.seed() + steps
                        + (classes.isEmpty() ? "" : ", of all classes in turn"),
                pictures);
    }

    /**
     * Returns the first images of the first epoch, as a model of the task learns from them.
     *
     * @param task its training
     * @param most how many
     * @return none if none of the first batch can be read
     */
    public static List<Exhibit> learnt(ImageMakingTask task, int most) {
        List<String> classes = task.images().classes();
        List<Gallery.Picture> pictures = new ArrayList<>();
        try (NDManager owner = PyTorch.newManager();
                Batches<ImageBatch> batches = task.training().batches(0, 0);
                ImageBatch batch = batches.next()) {
            if (batch.size() > 0) {
                for (Pixels image : DrawnImages.pixels(Tensor.of(batch.images(owner)))) {
                    int place = pictures.size();
                    if (place < most) {
                        pictures.add(new Gallery.Picture(
                                "training image " + (place + 1),
                                classes.size() > 1 ? classes.get(batch.labels()[place]) : "",
                                ShownPixels.of(image),
                                Verdict.NONE));
                    }
                }
            }
        }
        return pictures.isEmpty()
                ? List.of()
                : List.of(new Gallery("Training images", "The first images of the first epoch", pictures));
    }
}
