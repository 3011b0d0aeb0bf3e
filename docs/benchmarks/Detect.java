import djinn.inference.ModelFile;
import djinn.predict.detection.ObjectChoice;
import djinn.predict.detection.ObjectDetector;
import djinn.predict.segmentation.ImageSegmenter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * A photo to boxes, or to classes of pixels, to be timed beside boxes_and_masks.py MODEL infer.
 *
 * <p>java -cp 'cli/target/lib/*' docs/benchmarks/Detect.java MODEL PHOTO [SCORE]; MODEL is a run of
 * Djinn's, or a file of one; objects of scores above SCORE are told (0.05).
 */
final class Detect {

    private static final int WARM_UP = 10;
    private static final int STEPS = 15;

    public static void main(String[] args) {
        Path model = Path.of(args[0]);
        Path photo = Path.of(args[1]);
        double least = args.length > 2 ? Double.parseDouble(args[2]) : 0.05;
        if (ModelFile.of(model, Optional.empty()).task().equals("detection")) {
            try (ObjectDetector detector = ObjectDetector.open(model, ObjectChoice.USUAL.withLeastScore(least))) {
                time(() -> detector.detect(photo).objects().size());
            }
        } else {
            try (ImageSegmenter segmenter = ImageSegmenter.open(model)) {
                time(() -> segmenter.segment(photo).labels().height());
            }
        }
    }

    private static void time(Runnable ask) {
        double[] times = new double[STEPS];
        for (int i = -WARM_UP; i < STEPS; i++) {
            long begun = System.nanoTime();
            ask.run();
            if (i >= 0) {
                times[i] = (System.nanoTime() - begun) / 1e6;
            }
        }
        Arrays.sort(times);
        System.out.printf(Locale.ROOT, "{\"median_ms\": %.2f}%n", times[STEPS / 2]);
    }
}
