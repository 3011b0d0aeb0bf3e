package djinn.data.detection;

import djinn.data.Finding;
import djinn.data.detection.AnnotatedImage.Extent;
import djinn.ops.Box;
import java.util.List;
import java.util.Optional;

/**
 * Looks at boxes as they come from a file, leaves out those that cannot be used, cuts those that reach over the edges,
 * and writes down which.
 *
 * @param findings added to
 */
record BoxCheck(List<Finding> findings) {

    /** What a box may reach over an edge, as a share of the image, and nothing is said of it. */
    private static final double ROUNDING = 1e-4;

    /**
     * Looks at one.
     *
     * @param image what messages call its image
     * @param id what messages call the box
     * @param extent the size of the image in the unit of the corners, if it is known
     * @return the part inside the image, or empty if it is left out
     */
    Optional<Box> box(String image, String id, double x1, double y1, double x2, double y2, Optional<Extent> extent) {
        String corners = "(" + x1 + ", " + y1 + ") to (" + x2 + ", " + y2 + ")";
        if (!(Double.isFinite(x1) && Double.isFinite(y1) && Double.isFinite(x2) && Double.isFinite(y2))) {
            return leftOut(Finding.Kind.BOX_FLAT, image, id, "expected a finite box, got " + corners);
        }
        if (x2 < x1 || y2 < y1) {
            return leftOut(Finding.Kind.BOX_INVERTED, image, id, "the box from " + corners + " ends before it begins");
        }
        if (x2 == x1 || y2 == y1) {
            return leftOut(Finding.Kind.BOX_FLAT, image, id, "the box from " + corners + " has no area");
        }
        if (extent.isEmpty()) {
            return Optional.of(Box.ofCorners(x1, y1, x2, y2));
        }
        int height = extent.get().height();
        int width = extent.get().width();
        double left = Math.max(0, x1);
        double top = Math.max(0, y1);
        double right = Math.min(width, x2);
        double bottom = Math.min(height, y2);
        String size = height + "x" + width + " (height x width)";
        if (right <= left || bottom <= top) {
            return leftOut(
                    Finding.Kind.BOX_OUTSIDE, image, id, "the box from " + corners + " is outside of the " + size);
        }
        double beyond = Math.max(Math.max(left - x1, x2 - right) / width, Math.max(top - y1, y2 - bottom) / height);
        if (beyond > ROUNDING) {
            findings.add(new Finding(
                    Finding.Kind.BOX_CLIPPED,
                    image,
                    id,
                    "the box from " + corners + " reaches over the edges of the " + size));
        }
        return Optional.of(Box.ofCorners(left, top, right, bottom));
    }

    private Optional<Box> leftOut(Finding.Kind kind, String image, String id, String message) {
        findings.add(new Finding(kind, image, id, message));
        return Optional.empty();
    }
}
