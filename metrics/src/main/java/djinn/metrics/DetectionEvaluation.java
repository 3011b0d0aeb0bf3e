package djinn.metrics;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A comparison of detections with ground truth, image by image.
 *
 * <p>Each image is matched as it comes and then forgotten but for a few numbers per detection, so memory grows with the
 * detections alone. Evaluations of disjoint sets of images merge to the evaluation of all of them, and the order of the
 * images never matters.
 */
public abstract sealed class DetectionEvaluation implements Metric permits CocoEvaluation, PascalVocEvaluation {

    private static final long LARGEST_EXACT = 1L << 53;

    private final int counts;
    private final Set<Long> images = new HashSet<>();
    private final SortedMap<Integer, Outcomes> categories = new TreeMap<>();

    /** An evaluation that keeps some counts of ground truth per category. */
    DetectionEvaluation(int counts) {
        this.counts = counts;
    }

    /**
     * Adds an image.
     *
     * @param imageId any number of at most 53 bits, each once
     * @param groundTruths all objects of the image
     * @param detections all that the model saw in it, in any order
     * @throws IllegalArgumentException if the image was added before, or a mask is missing or of another size
     */
    public final void add(long imageId, List<GroundTruth> groundTruths, List<Detection> detections) {
        if (Math.abs(imageId) > LARGEST_EXACT) {
            throw new IllegalArgumentException("expected an image number of at most 53 bits, got " + imageId);
        }
        check(groundTruths, detections);
        if (!images.add(imageId)) {
            throw new IllegalArgumentException(
                    "expected each image once, got image " + imageId + " again; a new epoch needs a new evaluation");
        }
        Map<Integer, List<GroundTruth>> truthsOf = new HashMap<>();
        Map<Integer, List<Detection>> detectionsOf = new HashMap<>();
        groundTruths.forEach(truth -> truthsOf.computeIfAbsent(truth.category(), c -> new ArrayList<>())
                .add(truth));
        detections.stream()
                .sorted(Comparator.comparingDouble(detection -> -(detection.score() + 0.0)))
                .forEach(detection -> detectionsOf
                        .computeIfAbsent(detection.category(), c -> new ArrayList<>())
                        .add(detection));
        Set<Integer> present = new TreeSet<>(truthsOf.keySet());
        present.addAll(detectionsOf.keySet());
        for (int category : present) {
            match(
                    imageId,
                    truthsOf.getOrDefault(category, List.of()),
                    detectionsOf.getOrDefault(category, List.of()),
                    outcomes(category));
        }
    }

    /** Returns the number of images added. */
    public final int images() {
        return images.size();
    }

    /**
     * Adds all images of another evaluation of the same kind.
     *
     * @param other of images that are not here
     * @throws IllegalArgumentException if an image is in both, or the other compares something else
     */
    public final void merge(DetectionEvaluation other) {
        merge(other.state());
    }

    @Override
    public final double[] state() {
        int length = 3 + images.size() + categories.size();
        for (Outcomes outcomes : categories.values()) {
            length = Math.addExact(length, outcomes.length());
        }
        double[] state = new double[length];
        int at = 0;
        state[at++] = kind();
        state[at++] = images.size();
        for (long image : images) {
            state[at++] = image;
        }
        state[at++] = categories.size();
        for (Map.Entry<Integer, Outcomes> category : categories.entrySet()) {
            state[at++] = category.getKey();
            at = category.getValue().write(state, at);
        }
        return state;
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalArgumentException if an image is in both, or the state is of an evaluation of something else
     */
    @Override
    public final void merge(double[] state) {
        if (state[0] != kind()) {
            throw new IllegalArgumentException("expected an evaluation of the same kind and settings (" + kind()
                    + "), got another (" + state[0] + ")");
        }
        int at = 2 + (int) state[1];
        for (int i = 2; i < at; i++) {
            if (images.contains((long) state[i])) {
                throw new IllegalArgumentException(
                        "expected evaluations of different images, got image " + (long) state[i] + " in both");
            }
        }
        for (int i = 2; i < at; i++) {
            images.add((long) state[i]);
        }
        int more = (int) state[at++];
        for (int i = 0; i < more; i++) {
            Outcomes outcomes = outcomes((int) state[at++]);
            at = outcomes.read(state, at);
        }
    }

    /** Returns the outcomes by category, in rising order. */
    final SortedMap<Integer, Outcomes> categories() {
        return categories;
    }

    /** A number that differs where evaluations must not be merged. */
    abstract double kind();

    /** Refuses what cannot be compared, before anything is kept. */
    abstract void check(List<GroundTruth> groundTruths, List<Detection> detections);

    /** Matches the detections of an image and a category, given by falling score, and records what became of them. */
    abstract void match(long image, List<GroundTruth> truths, List<Detection> detections, Outcomes outcomes);

    private Outcomes outcomes(int category) {
        return categories.computeIfAbsent(category, c -> new Outcomes(counts));
    }
}
