package djinn.tasks.detection;

import djinn.data.BoxDrawing;
import djinn.metrics.ConfusionMatrix;
import djinn.metrics.Detection;
import djinn.metrics.DetectionConfusion;
import djinn.metrics.GroundTruth;
import djinn.tasks.exhibit.RandomPlaces;
import djinn.tasks.exhibit.WorstList;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * The images with the most mistakes in what a detector tells of them. From which score on it is best to tell is known only
 * after all of them: so there is a list for each of some scores, and of the images in none nothing is kept.
 */
final class MistakenImages {

    private static final double OVERLAP = 0.5;

    /** There is a list for each multiple of one part of so many, but for 0 and 1. */
    private static final int PARTS = 20;

    private final List<String> classes;
    private final Set<Integer> places;
    private final List<WorstList<Image>> worst;
    private final List<Image> drawn = new ArrayList<>();

    /**
     * Nothing seen yet.
     *
     * @param classes the names, by index
     * @param size how many images there are
     * @param most how many of the worst are kept, and how many are drawn
     */
    MistakenImages(List<String> classes, int size, int most) {
        this.classes = List.copyOf(classes);
        places = RandomPlaces.of(size, most);
        worst = IntStream.range(1, PARTS)
                .mapToObj(part -> new WorstList<Image>(most))
                .toList();
    }

    private static double score(int part) {
        return (double) part / PARTS;
    }

    /** Adds an image. */
    void add(int place, SeenImage seen) {
        Image image = new Image(place, seen);
        for (int part = 1; part < PARTS; part++) {
            worst.get(part - 1).add((double) image.mistakes(score(part)), () -> image);
        }
        if (places.contains(place)) {
            drawn.add(image);
        }
    }

    /** Returns the score nearest to one, of those that there are lists for. */
    double nearest(double score) {
        return score(part(score));
    }

    private static int part(double score) {
        return (int) Math.max(1, Math.min(PARTS - 1, Math.round(score * PARTS)));
    }

    /**
     * Returns the images with the most mistakes, these first.
     *
     * @param score from which boxes are told, of those that there are lists for
     */
    List<Image> worst(double score) {
        return worst.get(part(score) - 1).list();
    }

    /** Returns images drawn at random, always the same. */
    List<Image> drawn() {
        return List.copyOf(drawn);
    }

    /** An image and what is told of it. */
    final class Image {

        private final int place;
        private final SeenImage seen;
        private final DetectionConfusion confusion = new DetectionConfusion(classes.size(), OVERLAP);

        private Image(int place, SeenImage seen) {
            this.place = place;
            this.seen = seen;
            confusion.add(seen.truths(), seen.detections());
        }

        int place() {
            return place;
        }

        /** Returns how many mistakes there are in what is told from a score on. */
        long mistakes(double score) {
            return confusion.mistakes(score);
        }

        /** Returns what is told from a score on, and what is there in truth, which lies on top. */
        List<BoxDrawing.Labelled> boxes(double score) {
            List<BoxDrawing.Labelled> boxes = new ArrayList<>();
            for (GroundTruth truth : seen.truths()) {
                boxes.add(BoxDrawing.Labelled.dashed(truth.box()));
            }
            for (Detection detection : seen.detections()) {
                if (detection.score() >= score) {
                    boxes.add(new BoxDrawing.Labelled(
                            detection.box(),
                            detection.category(),
                            String.format(Locale.ROOT, "%s %.2f", classes.get(detection.category()), detection.score()),
                            detection.mask()));
                }
            }
            return boxes;
        }

        /** Returns the mistakes in what is told from a score on, in words. */
        String caption(double score) {
            ConfusionMatrix matrix = confusion.at(score);
            int background = classes.size();
            List<String> parts = new ArrayList<>();
            for (int label = 0; label <= background; label++) {
                for (int predicted = 0; predicted <= background; predicted++) {
                    long count = matrix.count(label, predicted);
                    if (label != predicted && count > 0) {
                        String what = predicted == background
                                ? classes.get(label) + " missed"
                                : label == background
                                        ? "false " + classes.get(predicted)
                                        : classes.get(label) + " taken for " + classes.get(predicted);
                        parts.add(count == 1 ? what : what + " x " + count);
                    }
                }
            }
            long objects =
                    seen.truths().stream().filter(truth -> !truth.crowd()).count();
            String of = objects + (objects == 1 ? " object" : " objects");
            return parts.isEmpty() ? of + ", no mistake" : of + ": " + String.join(", ", parts);
        }
    }
}
