package djinn.tasks.points;

import djinn.data.Pixels;
import djinn.training.exhibit.Cloud;
import djinn.training.exhibit.Exhibit;
import djinn.training.exhibit.Gallery;
import djinn.training.exhibit.Verdict;
import java.util.ArrayList;
import java.util.List;

/**
 * Real points and as many made ones.
 *
 * @param picture of both, with the critic's values behind them
 * @param real x and y of each, one point behind the other
 * @param made in the same way
 */
@SuppressWarnings("ArrayRecordComponent") // moved and not compared
record DrawnPoints(Pixels picture, float[] real, float[] made) {

    /**
     * Returns what is worth a look.
     *
     * @param pictures whether there is a picture, if at least 1
     * @param seed of the random numbers that points were made of
     */
    List<Exhibit> exhibits(int pictures, long seed) {
        List<Exhibit> all = new ArrayList<>();
        if (pictures > 0) {
            all.add(new Gallery(
                    "Points and critic",
                    "Real points are grey, made ones red; behind them is bluish what the critic takes for real, and yellowish"
                            + " what it takes for made",
                    List.of(new Gallery.Picture("samples", "", picture, Verdict.NONE))));
        }
        List<Cloud.Point> points = new ArrayList<>();
        add(points, real, "real");
        add(points, made, "made");
        all.add(new Cloud(
                "Points", "As many real points as the model makes of the random numbers of seed " + seed, points));
        return all;
    }

    private static void add(List<Cloud.Point> points, float[] values, String group) {
        for (int i = 0; i < values.length; i += 2) {
            points.add(new Cloud.Point(values[i], values[i + 1], group, ""));
        }
    }
}
