import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import djinn.data.Batches;
import djinn.data.Feed;
import djinn.data.Mosaic;
import djinn.data.OnError;
import djinn.data.Preprocessing;
import djinn.data.Sampler;
import djinn.data.Scene;
import djinn.data.SceneBatch;
import djinn.data.SceneMixing;
import djinn.data.Source;
import djinn.data.detection.AnnotatedImage;
import djinn.data.detection.CocoJson;
import djinn.data.detection.SceneLoader;
import djinn.ops.NativeHeap;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Djinn's input of detectors, to be timed beside mosaics.py: JPEG files with boxes to letterboxes of 640x640 in normalised
 * batches of 16, and, as "mosaic", those put together by fours.
 *
 * <p>taskset -c 0 java -XX:+UseSerialGC -cp 'cli/target/lib/*' docs/benchmarks/Mosaics.java IMAGES COCO_JSON
 * {letterbox|mosaic} [EPOCHS]; the files of the list are in the folder IMAGES.
 */
final class Mosaics {

    private static final int SIDE = 640;
    private static final int BATCH = 16;
    private static final int WARM_UP = 3;

    public static void main(String[] args) {
        System.setProperty("ai.djl.pytorch.num_threads", "1");
        // as every training does
        NativeHeap.keepFreedMemory();
        int epochs = args.length > 3 ? Integer.parseInt(args[3]) : 5;
        Source<Scene> images = CocoJson.read(Path.of(args[1]), Path.of(args[0]))
                .scenes(new AnnotatedImage.Wanted(3, false, false, 0, 0));
        Preprocessing shape = new Preprocessing(
                SIDE,
                SIDE,
                3,
                List.of(.485, .456, .406),
                List.of(.229, .224, .225),
                Preprocessing.Fit.LETTERBOX,
                1);
        List<SceneMixing> mixings = args[2].equals("mosaic") ? List.of(new Mosaic(List.of(.5, 1.), 1)) : List.of();
        // nothing is kept: every epoch decodes every file
        SceneLoader loader = new SceneLoader(images, shape, 32, List.of(), mixings, List.of(), OnError.FAIL, 0);
        Feed<SceneBatch> feed = loader.feed(Sampler.shuffled(images.size()), 1, BATCH, 1);
        NDManager manager = NDManager.newBaseManager("PyTorch");
        double[] rates = new double[epochs];
        long boxes = 0;
        for (int epoch = -WARM_UP; epoch < epochs; epoch++) {
            long start = System.nanoTime();
            int count = 0;
            boxes = 0;
            try (Batches<SceneBatch> batches = feed.batches(epoch + WARM_UP, 0)) {
                while (batches.hasNext()) {
                    try (SceneBatch batch = batches.next();
                            NDManager step = manager.newSubManager()) {
                        NDArray x = batch.images(step);
                        require(x.getShape().equals(new Shape(batch.size(), 3, SIDE, SIDE)), x.getShape());
                        count += batch.size();
                        for (int i = 0; i < batch.size(); i++) {
                            float[] corners = batch.boxes(i, step).toFloatArray();
                            long[] labels = batch.labels(i, step).toLongArray();
                            for (float corner : corners) {
                                require(corner > -.001 && corner < SIDE + .001, corner);
                            }
                            boxes += labels.length;
                        }
                    }
                }
            }
            if (epoch >= 0) {
                rates[epoch] = count / ((System.nanoTime() - start) / 1e9);
            }
        }
        Arrays.sort(rates);
        System.out.printf(
                Locale.ROOT,
                "{\"mode\":\"%s\",\"boxes_per_image\":%.2f,\"images_per_s\":%.1f}%n",
                args[2],
                (double) boxes / images.size(),
                rates[epochs / 2]);
    }

    private static void require(boolean holds, Object found) {
        if (!holds) {
            throw new IllegalStateException("expected images of 640 by 640 and boxes within, got " + found);
        }
    }
}
