import ai.djl.ndarray.NDManager;
import djinn.data.Augmentation;
import djinn.data.Batches;
import djinn.data.Dataset;
import djinn.data.Feed;
import djinn.data.ImageBatch;
import djinn.data.ImageFolder;
import djinn.data.ImageLoader;
import djinn.data.OnError;
import djinn.data.Preprocessing;
import djinn.data.RandomHorizontalFlip;
import djinn.data.RandomResizedCrop;
import djinn.data.Sampler;
import djinn.ops.NativeHeap;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Djinn's input pipeline, to be timed beside input.py: JPEG files to normalised (N, 3, 224, 224) batches.
 *
 * <p>java -cp 'cli/target/lib/*' docs/benchmarks/Input.java FOLDER {train|val}; FOLDER has one folder of images per class.
 */
final class Input {

    private static final int BATCH = 32;
    private static final int WORKERS = 2;
    private static final int WARM_UP = 3;
    private static final int EPOCHS = 5;

    public static void main(String[] args) {
        // as input.py has it: both cores belong to the workers
        System.setProperty("ai.djl.pytorch.num_threads", "1");
        // as every training does
        NativeHeap.keepFreedMemory();
        boolean train = args[1].equals("train");
        Path folder = Path.of(args[0]);
        Dataset images = ImageFolder.read(folder, .1, 0).train();
        Preprocessing preprocessing = new Preprocessing(
                224, 224, 3, List.of(.485, .456, .406), List.of(.229, .224, .225), Preprocessing.Fit.CROP, .875);
        List<Augmentation> augmentations = train
                ? List.of(new RandomResizedCrop(List.of(.08, 1.), List.of(3 / 4., 4 / 3.)), new RandomHorizontalFlip(.5))
                : List.of();
        // nothing is kept: every epoch decodes every file
        ImageLoader loader = new ImageLoader(images, preprocessing, augmentations, OnError.FAIL, 0);
        Sampler sampler = train ? Sampler.shuffled(images.size()) : Sampler.sequential(images.size());
        Feed<ImageBatch> feed = loader.feed(sampler, 1, BATCH, WORKERS);
        NDManager manager = NDManager.newBaseManager("PyTorch");
        double[] rates = new double[EPOCHS];
        for (int epoch = -WARM_UP; epoch < EPOCHS; epoch++) {
            long start = System.nanoTime();
            int count = 0;
            try (Batches<ImageBatch> batches = feed.batches(epoch + WARM_UP, 0)) {
                while (batches.hasNext()) {
                    try (ImageBatch batch = batches.next();
                            NDManager step = manager.newSubManager()) {
                        count += batch.images(step).getShape().get(0);
                    }
                }
            }
            if (epoch >= 0) {
                rates[epoch] = count / ((System.nanoTime() - start) / 1e9);
            }
        }
        Arrays.sort(rates);
        System.out.printf(Locale.ROOT, "{\"mode\":\"%s\",\"images_per_s\":%.1f}%n", args[1], rates[EPOCHS / 2]);
    }
}
