package djinn.tasks.autoencoder;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import djinn.data.ImageBatch;
import djinn.data.Pixels;
import djinn.inference.Tensor;
import djinn.losses.Mse;
import djinn.losses.Reduction;
import djinn.ops.MemoryFormat;
import djinn.predict.generative.DrawnImages;
import djinn.tasks.exhibit.PlaneMap;
import djinn.tasks.exhibit.ShownPixels;
import djinn.tasks.exhibit.WorstList;
import djinn.tasks.generative.MadeImages;
import djinn.tasks.images.HeldOutImages;
import djinn.training.HeldOutPass;
import djinn.training.exhibit.Exhibit;
import djinn.training.exhibit.Gallery;
import djinn.training.exhibit.Verdict;
import djinn.zoo.generative.ConvVae;
import djinn.zoo.generative.ImageCoder;
import djinn.zoo.nn.Pass;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What of a trained autoencoder is worth a look: the worst reconstructions, and a map of its vectors. */
final class AutoencoderExhibits {

    private static final Mse EACH = new Mse(Reduction.NONE);

    /** Images of the map at most. */
    private static final int MAPPED = 1000;

    private final AutoencoderTask task;
    private final ImageCoder coder;
    private final MemoryFormat format;
    private final int pictures;
    private final HeldOutImages images;
    private final WorstList<Gallery.Picture> worst;
    private final PlaneMap map = new PlaneMap();
    private final int mapStep;

    /**
     * Exhibits of a model.
     *
     * @param task the model's
     * @param coder the network
     * @param format how it wants images in memory
     * @param pictures the most of a gallery
     */
    AutoencoderExhibits(AutoencoderTask task, ImageCoder coder, MemoryFormat format, int pictures) {
        this.task = task;
        this.coder = coder;
        this.format = format;
        this.pictures = pictures;
        images = task.images().heldOutImages();
        worst = new WorstList<>(pictures);
        mapStep = Math.max(1, (task.images().heldOutSize() + MAPPED - 1) / MAPPED);
    }

    /** Looks at all held-out images, once. */
    List<Exhibit> all() {
        HeldOutPass.over(task.heldOut(), this::look);
        List<Exhibit> all = new ArrayList<>();
        if (!worst.list().isEmpty()) {
            all.add(new Gallery(
                    "Worst reconstructions",
                    "Held-out images, each at the left of what is drawn of its vector, by the mean squared error of a"
                            + " value's brightness from 0 to 1, the greatest first",
                    worst.list()));
        }
        if (!map.isEmpty()) {
            all.add(map.cloud(
                    "Map of vectors",
                    "The vectors of "
                            + (mapStep == 1 ? "all held-out images" : "one of every " + mapStep + " held-out images")));
        }
        all.addAll(coder instanceof ConvVae ? MadeImages.of(task, coder, pictures) : MadeImages.learnt(task, pictures));
        return all;
    }

    private void look(ImageBatch batch, NDManager owner, Pass pass) {
        NDArray originals = batch.images(owner); // (N, C, H, W)
        NDArray learnt = format.of(originals);
        NDArray vectors = coder.encode(learnt, pass); // (N, L)
        NDArray drawn = coder.decoder().forward(vectors, pass); // (N, C, H, W)
        float[] errors = EACH.apply(ImageLikelihood.brightness(drawn), ImageLikelihood.brightness(originals))
                .reshape(batch.size(), -1)
                .mean(new int[] {1})
                .toFloatArray();
        List<Pixels> before = DrawnImages.pixels(Tensor.of(originals));
        List<Pixels> after = DrawnImages.pixels(Tensor.of(drawn));
        List<Integer> places = images.next(batch.size());
        float[] values = vectors.toFloatArray();
        int latent = values.length / batch.size();
        for (int n = 0; n < batch.size(); n++) {
            int image = n;
            String name = images.name(places.get(n));
            worst.add(
                    errors[n],
                    () -> new Gallery.Picture(
                            name,
                            String.format(Locale.ROOT, "squared error %.4f", errors[image]),
                            ShownPixels.beside(List.of(before.get(image), after.get(image))),
                            Verdict.NONE));
            if (places.get(n) % mapStep == 0) {
                float[] vector = new float[latent];
                System.arraycopy(values, n * latent, vector, 0, latent);
                map.add(vector, task.images().classes().get(batch.labels()[n]), name);
            }
        }
    }
}
