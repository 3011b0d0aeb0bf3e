import djinn.metrics.CocoEvaluation;
import djinn.metrics.Detection;
import djinn.metrics.GroundTruth;
import djinn.ops.Box;
import djinn.ops.NonMaximumSuppression;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * NMS and COCO's figures, to be timed beside box_figures.py, on the files that it makes.
 *
 * <p>java -cp 'cli/target/lib/*' docs/benchmarks/BoxFigures.java {nms|coco} FOLDER
 */
final class BoxFigures {

    private static final int TRUTH = 8;
    private static final int FOUND = 7;

    /** An image's objects and what was found in it. */
    private record Image(List<GroundTruth> truths, List<Detection> found) {}

    public static void main(String[] args) throws IOException {
        Path folder = Path.of(args[1]);
        if (args[0].equals("nms")) {
            for (String kind : List.of("apart", "crowded")) {
                nms(kind, read(folder.resolve(kind + ".bin")));
            }
        } else {
            coco(folder);
        }
    }

    private static void nms(String kind, ByteBuffer bytes) {
        int n = bytes.remaining() / 20;
        float[] boxes = new float[4 * n];
        float[] scores = new float[n];
        for (int i = 0; i < 5 * n; i++) {
            if (i % 5 < 4) {
                boxes[i / 5 * 4 + i % 5] = bytes.getFloat();
            } else {
                scores[i / 5] = bytes.getFloat();
            }
        }
        double[] ms = new double[30];
        int[] kept = timed(() -> NonMaximumSuppression.nms(boxes, scores, .5), 30, ms);
        System.out.printf(
                Locale.ROOT,
                "{\"kind\": \"%s\", \"boxes\": %d, \"kept\": %d, \"sum\": %d, \"median_ms\": %.3f}%n",
                kind,
                n,
                kept.length,
                IntStream.of(kept).asLongStream().sum(),
                ms[ms.length / 2]);
    }

    private static void coco(Path folder) throws IOException {
        ByteBuffer truths = read(folder.resolve("truths.bin"));
        ByteBuffer found = read(folder.resolve("found.bin"));
        List<Image> images = new ArrayList<>();
        for (double[] row : rows(truths, TRUTH)) {
            int image = (int) row[0] - 1;
            while (images.size() <= image) {
                images.add(new Image(new ArrayList<>(), new ArrayList<>()));
            }
            images.get(image)
                    .truths()
                    .add(new GroundTruth((int) row[1], box(row), row[6], row[7] != 0, Optional.empty()));
        }
        int detections = 0;
        for (double[] row : rows(found, FOUND)) {
            images.get((int) row[0] - 1).found().add(Detection.of((int) row[1], box(row), row[6]));
            detections++;
        }
        double[] ms = new double[3];
        List<Double> figures = timed(
                () -> {
                    CocoEvaluation evaluation = new CocoEvaluation(CocoEvaluation.SizeRange.BOXES);
                    for (int i = 0; i < images.size(); i++) {
                        evaluation.add(i + 1, images.get(i).truths(), images.get(i).found());
                    }
                    return List.copyOf(evaluation.figures().byName().values());
                },
                0,
                ms);
        System.out.printf(
                Locale.ROOT,
                "{\"images\": %d, \"detections\": %d, \"median_ms\": %.1f, \"figures\": [%s]}%n",
                images.size(),
                detections,
                ms[ms.length / 2],
                figures.stream()
                        .map(figure -> String.format(Locale.ROOT, "%.9f", figure))
                        .collect(Collectors.joining(", ")));
    }

    private static Box box(double[] row) {
        return new Box(row[2], row[3], row[4], row[5]);
    }

    private static List<double[]> rows(ByteBuffer bytes, int columns) {
        List<double[]> rows = new ArrayList<>();
        while (bytes.hasRemaining()) {
            double[] row = new double[columns];
            for (int i = 0; i < columns; i++) {
                row[i] = bytes.getDouble();
            }
            rows.add(row);
        }
        return rows;
    }

    private static ByteBuffer read(Path file) throws IOException {
        return ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static <T> T timed(Supplier<T> step, int warmUp, double[] ms) {
        T answer = null;
        for (int i = -warmUp; i < ms.length; i++) {
            long begun = System.nanoTime();
            answer = step.get();
            if (i >= 0) {
                ms[i] = (System.nanoTime() - begun) / 1e6;
            }
        }
        Arrays.sort(ms);
        return answer;
    }
}
