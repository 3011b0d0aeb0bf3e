package djinn.data;

import djinn.ops.Box;
import djinn.ops.RunLengthMask;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A mask whose runs are laid out as pixels, column by column. */
final class MovableMask {

    private final RunLengthMask mask;
    private final boolean[] pixels;

    MovableMask(RunLengthMask mask) {
        this.mask = mask;
        this.pixels = new boolean[mask.height() * mask.width()];
        int position = 0;
        boolean foreground = false;
        for (int run : mask.counts()) {
            Arrays.fill(pixels, position, position + run, foreground);
            position += run;
            foreground = !foreground;
        }
    }

    /** Returns the mask after its image was moved: every pixel is what its centre comes from, as of a label map. */
    RunLengthMask moved(Geometry geometry) {
        int height = geometry.height();
        Box there = geometry.target(mask.box());
        int left = clamped(Math.floor(there.x()), geometry.width());
        int right = clamped(Math.ceil(there.x() + there.width()), geometry.width());
        int top = clamped(Math.floor(there.y()), height);
        int bottom = clamped(Math.ceil(there.y() + there.height()), height);
        List<Integer> runs = new ArrayList<>();
        int begun = 0;
        for (int x = left; x < right; x++) {
            boolean foreground = false;
            for (int y = top; y <= bottom; y++) {
                boolean next = y < bottom && isForeground(geometry, x + 0.5, y + 0.5);
                if (next != foreground) {
                    int position = x * height + y;
                    runs.add(position - begun);
                    begun = position;
                    foreground = next;
                }
            }
        }
        runs.add(height * geometry.width() - begun);
        return RunLengthMask.ofCounts(height, geometry.width(), runs);
    }

    private boolean isForeground(Geometry geometry, double x, double y) {
        double fromX = geometry.xx() * x + geometry.xy() * y + geometry.x0();
        double fromY = geometry.yx() * x + geometry.yy() * y + geometry.y0();
        boolean inside = fromX >= 0 && fromX < mask.width() && fromY >= 0 && fromY < mask.height();
        int column = (int) fromX;
        int row = (int) fromY;
        return inside && pixels[column * mask.height() + row];
    }

    /** Returns the share of the mask's pixels whose centres are within the image after it was moved; 0 of none. */
    double share(Geometry geometry) {
        Geometry there = geometry.inverse();
        Box around = mask.box();
        long seen = 0;
        for (int x = (int) around.x(); x < around.x() + around.width(); x++) {
            for (int y = (int) around.y(); y < around.y() + around.height(); y++) {
                boolean foreground = pixels[x * mask.height() + y];
                seen += foreground && isWithin(there.source(x + 0.5, y + 0.5), geometry) ? 1 : 0;
            }
        }
        return mask.area() == 0 ? 0 : (double) seen / mask.area();
    }

    private static boolean isWithin(Geometry.Place place, Geometry geometry) {
        return place.x() >= 0 && place.x() < geometry.width() && place.y() >= 0 && place.y() < geometry.height();
    }

    private static int clamped(double place, int most) {
        return (int) Math.max(0, Math.min(most, place));
    }
}
