package djinn.ops;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes one list of boxes of several models' or views', using all of them instead of the best alone (Solovyev et al. 2021,
 * "Weighted boxes fusion", section 3).
 *
 * <p>Boxes of one class are taken by falling score, times the weight of their list. Each joins the cluster whose fused box it
 * overlaps most, if by more than the threshold, or starts one of its own. The fused box is the mean of the cluster's,
 * weighted by these scores; its score is their mean, times the number of boxes, at most that of lists, over the sum of the
 * weights: what few lists have is less sure. That is {@code conf_type='avg'} of the authors' program.
 *
 * @param iouThreshold overlap of a box with a fused one above which they are of one object, in [0, 1]
 * @param scoreThreshold boxes of a lower score are left out, in [0, 1]
 */
public record WeightedBoxesFusion(
        @Default("0.55") double iouThreshold, @Default("0") double scoreThreshold) {

    /** The authors' settings. */
    public static final WeightedBoxesFusion USUAL = new WeightedBoxesFusion(.55, 0);

    /** Checks the ranges. */
    public WeightedBoxesFusion {
        if (!(iouThreshold >= 0 && iouThreshold <= 1 && scoreThreshold >= 0 && scoreThreshold <= 1)) {
            throw new IllegalArgumentException(
                    "expected thresholds in [0, 1], got " + iouThreshold + " and " + scoreThreshold);
        }
    }

    /** Boxes of one object, and the sums that their mean is made of. */
    private static final class Cluster {

        private final double[] sums = new double[4];
        private final float[] fused = new float[4];
        private double scores;
        private int count;

        void add(SelectedBox box, double score) {
            double[] corners = {box.x1(), box.y1(), box.x2(), box.y2()};
            scores += score;
            count++;
            for (int i = 0; i < sums.length; i++) {
                sums[i] += score * corners[i];
                // boxes without a score weigh nothing: the first stands for them
                fused[i] = (float) (scores > 0 ? sums[i] / scores : count == 1 ? corners[i] : fused[i]);
            }
        }
    }

    /**
     * Fuses lists of the same weight.
     *
     * @param lists of one image, each of a model or a view
     * @return the fused boxes, by falling score
     * @throws IllegalArgumentException as {@link #fuse(List, List)}
     */
    public List<SelectedBox> fuse(List<List<SelectedBox>> lists) {
        return fuse(lists, lists.stream().map(list -> 1.).toList());
    }

    /**
     * Fuses lists.
     *
     * @param lists of one image, each of a model or a view
     * @param weights how much each list counts, above 0
     * @return the fused boxes, by falling score; of equal scores those come first that were begun first
     * @throws IllegalArgumentException if there is not one weight for each list, or one is not above 0
     */
    public List<SelectedBox> fuse(List<List<SelectedBox>> lists, List<Double> weights) {
        if (weights.size() != lists.size() || !weights.stream().allMatch(w -> w > 0 && Double.isFinite(w))) {
            throw new IllegalArgumentException("expected a finite weight above 0 for each of the " + lists.size()
                    + " lists of boxes, got " + weights);
        }
        record Weighted(SelectedBox box, double score) {}
        List<Weighted> all = new ArrayList<>();
        for (int i = 0; i < lists.size(); i++) {
            for (SelectedBox box : lists.get(i)) {
                if (box.score() >= scoreThreshold) {
                    all.add(new Weighted(box, box.score() * weights.get(i)));
                }
            }
        }
        all.sort(Comparator.comparingDouble(Weighted::score).reversed());
        Map<Integer, List<Cluster>> clusters = new LinkedHashMap<>();
        for (Weighted next : all) {
            List<Cluster> own = clusters.computeIfAbsent(next.box.label(), label -> new ArrayList<>());
            nearest(own, next.box).add(next.box, next.score);
        }
        double weight = weights.stream().mapToDouble(Double::doubleValue).sum();
        List<SelectedBox> fused = new ArrayList<>();
        clusters.forEach((label, own) -> own.forEach(cluster -> fused.add(new SelectedBox(
                label,
                (float) (cluster.scores / cluster.count * Math.min(lists.size(), cluster.count) / weight),
                cluster.fused[0],
                cluster.fused[1],
                cluster.fused[2],
                cluster.fused[3]))));
        fused.sort(Comparator.comparingDouble(SelectedBox::score).reversed());
        return List.copyOf(fused);
    }

    /** The cluster that a box is of, of equally near ones the first, or a new one at the end of the list. */
    private Cluster nearest(List<Cluster> clusters, SelectedBox box) {
        float[] corners = {box.x1(), box.y1(), box.x2(), box.y2()};
        double most = iouThreshold;
        Cluster nearest = null;
        for (Cluster cluster : clusters) {
            double iou = Boxes.iou(cluster.fused, 0, corners, 0);
            if (iou > most) {
                most = iou;
                nearest = cluster;
            }
        }
        if (nearest == null) {
            nearest = new Cluster();
            clusters.add(nearest);
        }
        return nearest;
    }
}
