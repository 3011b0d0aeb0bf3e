package djinn.metrics;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * What objects are taken for, with the background as a class of its own behind the others: an object that is not found is
 * taken for background, and a detection where there is no object is background taken for something.
 *
 * <p>In each image the detections, by falling score and of whatever class, take the free object that they overlap most, if
 * by the least IoU. What becomes of one does not depend on those of lower scores, so that the matrix can be had for any
 * score; state and memory grow with the detections. Detections that lie in a crowd and took no object count not at all, nor
 * do crowds.
 */
public final class DetectionConfusion implements Metric {

    private static final int DETECTIONS = 100;
    private static final int COLUMNS = 3;

    private final int classes;
    private final double iou;
    private final long[] objects;
    private final List<Told> told = new ArrayList<>();

    /** A detection: its class, and that of the object it took, K for none. */
    private record Told(double score, int predicted, int label) {}

    /**
     * A confusion of nothing.
     *
     * @param classes K
     * @param iou the least overlap, above 0 and at most 1
     * @throws IllegalArgumentException if K is below 1 or the overlap out of its range
     */
    public DetectionConfusion(int classes, double iou) {
        Inputs.atLeast("K", 1, classes);
        if (!(iou > 0 && iou <= 1)) {
            throw new IllegalArgumentException("expected an IoU above 0 and at most 1, got " + iou);
        }
        this.classes = classes;
        this.iou = iou;
        this.objects = new long[classes];
    }

    /**
     * Adds an image.
     *
     * @param truths all its objects
     * @param detections all that the model saw in it, of which the best 100 count
     * @throws IllegalArgumentException if a category is not from 0 to below K
     */
    public void add(List<GroundTruth> truths, List<Detection> detections) {
        for (GroundTruth truth : truths) {
            require(truth.category());
            objects[truth.category()] += truth.crowd() ? 0 : 1;
        }
        boolean[] taken = new boolean[truths.size()];
        detections.stream()
                .sorted(Comparator.comparingDouble(detection -> -detection.score()))
                .limit(DETECTIONS)
                .forEach(detection -> add(truths, detection, taken));
    }

    private void add(List<GroundTruth> truths, Detection detection, boolean[] taken) {
        require(detection.category());
        int taking = -1;
        double most = iou;
        boolean isInCrowd = false;
        for (int i = 0; i < truths.size(); i++) {
            GroundTruth truth = truths.get(i);
            if (truth.crowd()) {
                isInCrowd |= truth.category() == detection.category()
                        && detection.box().inside(truth.box()) >= iou;
                continue;
            }
            double overlap = detection.box().iou(truth.box());
            if (!taken[i] && overlap >= most && (taking < 0 || overlap > most)) {
                taking = i;
                most = overlap;
            }
        }
        if (taking >= 0) {
            taken[taking] = true;
            told.add(new Told(
                    detection.score(), detection.category(), truths.get(taking).category()));
        } else if (!isInCrowd) {
            told.add(new Told(detection.score(), detection.category(), classes));
        }
    }

    private void require(int category) {
        if (category < 0 || category >= classes) {
            throw new IllegalArgumentException("expected categories from 0 to " + (classes - 1) + ", got " + category);
        }
    }

    /**
     * Returns the confusion of what is told from a score on.
     *
     * @param score the least
     * @return of K + 1 classes, the background last; background taken for background is not counted
     */
    public ConfusionMatrix at(double score) {
        ConfusionMatrix matrix = new ConfusionMatrix(classes + 1);
        long[] missed = objects.clone();
        for (Told one : told) {
            if (one.score >= score) {
                matrix.add(new int[] {one.predicted}, new int[] {one.label});
                if (one.label < classes) {
                    missed[one.label]--;
                }
            }
        }
        for (int label = 0; label < classes; label++) {
            for (long i = 0; i < missed[label]; i++) {
                matrix.add(new int[] {classes}, new int[] {label});
            }
        }
        return matrix;
    }

    /**
     * Returns how many mistakes there are in what is told from a score on: objects that were taken for another class or not
     * found, and detections where there is no object; all that the {@linkplain #at matrix} has beside its diagonal.
     *
     * @param score the least
     */
    public long mistakes(double score) {
        long mistakes = 0;
        for (long count : objects) {
            mistakes += count;
        }
        for (Told one : told) {
            if (one.score >= score) {
                // an object that is found as what it is was no mistake; one taken for another is still one
                mistakes += one.label == classes ? 1 : one.label == one.predicted ? -1 : 0;
            }
        }
        return mistakes;
    }

    /** Returns the share of the objects that were found as what they are, at whatever score; NaN without objects. */
    @Override
    public double value() {
        long all = 0;
        for (long count : objects) {
            all += count;
        }
        long right = told.stream().filter(one -> one.predicted == one.label).count();
        return (double) right / all;
    }

    @Override
    public double[] state() {
        double[] state = new double[2 + classes + COLUMNS * told.size()];
        state[0] = classes;
        state[1] = iou;
        for (int c = 0; c < classes; c++) {
            state[2 + c] = objects[c];
        }
        int at = 2 + classes;
        for (Told one : told) {
            state[at++] = one.score;
            state[at++] = one.predicted;
            state[at++] = one.label;
        }
        return state;
    }

    @Override
    public void merge(double[] state) {
        if (state.length < 2 + classes
                || state[0] != classes
                || state[1] != iou
                || (state.length - 2 - classes) % COLUMNS != 0) {
            throw new IllegalArgumentException("expected the state of a confusion of " + classes
                    + " classes at an overlap of " + iou + ", got another");
        }
        for (int c = 0; c < classes; c++) {
            objects[c] += (long) state[2 + c];
        }
        for (int at = 2 + classes; at < state.length; at += COLUMNS) {
            told.add(new Told(state[at], (int) state[at + 1], (int) state[at + 2]));
        }
    }
}
