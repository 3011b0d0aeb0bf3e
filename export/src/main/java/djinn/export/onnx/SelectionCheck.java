package djinn.export.onnx;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import djinn.export.trace.DynamicAxis;
import djinn.ops.BoxSelection;
import djinn.ops.DataException;
import djinn.ops.PyTorch;
import djinn.ops.SelectedBox;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Compares files that select boxes themselves with {@link BoxSelection}, on what the model answers without selection.
 *
 * <p>A detector tells next to nothing of random numbers by its usual least score, so that a comparison shows nothing:
 * {@link #telling} is the same selection with a score so low that boxes come out.
 */
public final class SelectionCheck implements AutoCloseable {

    /** The largest difference of a side, in pixels, that counts as the same. */
    private static final double PIXELS = 1e-3;

    private static final double SCORE = 1e-5;

    /** So many pairs of box and class of each image are to be above the least score. */
    private static final int TELLING = 200;

    private final NDManager manager;
    private final List<NDList> inputs;
    private final List<List<Image>> images;

    /** What is selected from: boxes (A, 4) and scores (A, K). */
    private static final class Image {

        private final float[] boxes;
        private final float[] scores;
        private final int classes;

        Image(float[] boxes, float[] scores, int classes) {
            this.boxes = boxes;
            this.scores = scores;
            this.classes = classes;
        }
    }

    private SelectionCheck(NDManager manager, List<NDList> inputs, List<List<Image>> images) {
        this.manager = manager;
        this.inputs = inputs;
        this.images = images;
    }

    /**
     * Runs a model without selection.
     *
     * @param raw an ONNX model that answers boxes (N, A, 4), or (N, A, K, 4), and scores (N, A, K)
     * @param examples input
     * @param axes whose sizes are open; none for a model of fixed sizes
     * @param randomToo whether it is run on random input besides
     * @return to be closed
     * @throws DataException if ONNX Runtime does not take it
     */
    public static SelectionCheck of(Path raw, NDList examples, List<DynamicAxis> axes, boolean randomToo) {
        NDManager manager = PyTorch.newManager();
        try (OnnxCheck model = OnnxCheck.open(raw)) {
            List<NDList> inputs = OnnxCheck.inputs(examples, axes, randomToo, manager);
            List<List<Image>> images = new ArrayList<>();
            for (NDList input : inputs) {
                NDList answers = model.answers(input, manager);
                images.add(images(answers.get(0), answers.get(1)));
            }
            return new SelectionCheck(manager, inputs, images);
        } catch (RuntimeException e) {
            manager.close();
            throw e;
        }
    }

    private static List<Image> images(NDArray boxes, NDArray scores) {
        Shape shape = scores.getShape();
        int count = Math.toIntExact(shape.get(0));
        int places = Math.toIntExact(shape.get(1));
        int classes = Math.toIntExact(shape.get(2));
        float[] allBoxes = boxes.toFloatArray();
        float[] allScores = scores.toFloatArray();
        int corners = allBoxes.length / count;
        List<Image> images = new ArrayList<>();
        for (int n = 0; n < count; n++) {
            images.add(new Image(
                    Arrays.copyOfRange(allBoxes, n * corners, (n + 1) * corners),
                    Arrays.copyOfRange(allScores, n * places * classes, (n + 1) * places * classes),
                    classes));
        }
        return images;
    }

    /**
     * Returns a selection with a least score by which boxes come out of every image, where scores are above 0 at all; the
     * same selection if they do so already.
     *
     * @param rule how boxes are selected
     */
    public BoxSelection telling(BoxSelection rule) {
        double least = rule.scoreThreshold();
        for (List<Image> batch : images) {
            for (Image image : batch) {
                float[] rising = image.scores.clone();
                Arrays.sort(rising);
                int at = Math.max(0, rising.length - TELLING);
                while (at < rising.length && !(rising[at] > 0)) {
                    at++;
                }
                least = at < rising.length ? Math.min(least, Math.nextDown(rising[at])) : least;
            }
        }
        return least < rule.scoreThreshold() ? rule.withScoreThreshold(least) : rule;
    }

    /**
     * Requires that a file selects as {@link BoxSelection#select} does: as many boxes of each image, of the same labels in
     * the same order, within a thousandth of a pixel, and zeros behind them.
     *
     * @param file an ONNX model, as {@link OnnxOptions#withSelection} describes it
     * @param rule how boxes are selected
     * @return how many boxes were compared
     * @throws DataException if it selects others
     */
    public int require(Path file, BoxSelection rule) {
        int compared = 0;
        try (OnnxCheck selecting = OnnxCheck.open(file)) {
            for (int i = 0; i < inputs.size(); i++) {
                Map<String, double[]> answers = new HashMap<>();
                selecting.run(inputs.get(i), (name, tensor) -> answers.put(name, OnnxCheck.numbers(tensor)));
                for (int n = 0; n < images.get(i).size(); n++) {
                    Image image = images.get(i).get(n);
                    List<SelectedBox> told = rule.select(image.boxes, image.scores, image.classes);
                    compared += told.size();
                    requireSame(file, n, found(answers, n, images.get(i).size()), told);
                }
            }
        }
        return compared;
    }

    /** What a file tells of an image: x1, y1, x2, y2, score and label of each. */
    private static List<double[]> found(Map<String, double[]> answers, int n, int images) {
        double[] boxes = answers.get("boxes");
        double[] scores = answers.get("scores");
        double[] labels = answers.get("labels");
        int most = scores.length / images;
        List<double[]> found = new ArrayList<>();
        for (int i = n * most; i < (n + 1) * most; i++) {
            double[] row = Arrays.copyOfRange(boxes, 4 * i, 4 * i + 6);
            row[4] = scores[i];
            row[5] = labels[i];
            if (i < n * most + answers.get("counts")[n] || Arrays.stream(row).anyMatch(value -> value != 0)) {
                found.add(row);
            }
        }
        return found;
    }

    private static void requireSame(Path file, int n, List<double[]> found, List<SelectedBox> told) {
        if (found.size() != told.size()) {
            throw new DataException(file + ": ONNX Runtime selects " + found.size() + " boxes of image " + n
                    + " of a batch, expected " + told.size());
        }
        for (int i = 0; i < told.size(); i++) {
            SelectedBox box = told.get(i);
            double[] wanted = {box.x1(), box.y1(), box.x2(), box.y2(), box.score(), box.label()};
            double[] got = found.get(i);
            boolean same = got[5] == wanted[5] && Math.abs(got[4] - wanted[4]) <= SCORE;
            for (int side = 0; side < 4; side++) {
                same &= Math.abs(got[side] - wanted[side]) <= PIXELS;
            }
            if (!same) {
                throw new DataException(String.format(
                        Locale.ROOT,
                        "%s: ONNX Runtime selects (x1, y1, x2, y2, score, label) %s as box %d of image %d of a batch,"
                                + " expected %s",
                        file,
                        Arrays.toString(got),
                        i,
                        n,
                        Arrays.toString(wanted)));
            }
        }
    }

    @Override
    public void close() {
        manager.close();
    }
}
