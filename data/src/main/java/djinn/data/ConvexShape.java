package djinn.data;

import djinn.ops.Box;
import java.util.ArrayList;
import java.util.List;

/** The corners of a convex shape, one after the other: of a moved box, and of what of it lies within an image. */
record ConvexShape(List<Geometry.Place> corners) {

    /** Which side of a line a place lies on: at least 0 within, and by how much. */
    private interface Side {
        double of(Geometry.Place place);
    }

    /** Copies the list. */
    ConvexShape {
        corners = List.copyOf(corners);
    }

    /** A box as it is seen after its image was moved. */
    static ConvexShape of(Box box, Geometry geometry) {
        Geometry there = geometry.inverse();
        double right = box.x() + box.width();
        double bottom = box.y() + box.height();
        return new ConvexShape(List.of(
                there.source(box.x(), box.y()),
                there.source(right, box.y()),
                there.source(right, bottom),
                there.source(box.x(), bottom)));
    }

    /** Returns the part within an image, edge by edge (Sutherland and Hodgman 1974); without corners if there is none. */
    ConvexShape within(int height, int width) {
        return cut(place -> place.x())
                .cut(place -> place.y())
                .cut(place -> width - place.x())
                .cut(place -> height - place.y());
    }

    private ConvexShape cut(Side side) {
        List<Geometry.Place> kept = new ArrayList<>();
        for (int i = 0; i < corners.size(); i++) {
            Geometry.Place from = corners.get(i);
            Geometry.Place to = corners.get((i + 1) % corners.size());
            double start = side.of(from);
            double end = side.of(to);
            if (start >= 0) {
                kept.add(from);
            }
            if ((start >= 0) != (end >= 0)) {
                double share = start / (start - end);
                kept.add(new Geometry.Place(
                        from.x() + (to.x() - from.x()) * share, from.y() + (to.y() - from.y()) * share));
            }
        }
        return new ConvexShape(kept);
    }

    /** Returns the area, at least 0. */
    double area() {
        double twice = 0;
        for (int i = 0; i < corners.size(); i++) {
            Geometry.Place one = corners.get(i);
            Geometry.Place next = corners.get((i + 1) % corners.size());
            twice += one.x() * next.y() - next.x() * one.y();
        }
        return Math.abs(twice) / 2;
    }

    /** Returns the smallest box around the corners, of which there must be some. */
    Box box() {
        return Box.ofCorners(
                corners.stream().mapToDouble(Geometry.Place::x).min().orElseThrow(),
                corners.stream().mapToDouble(Geometry.Place::y).min().orElseThrow(),
                corners.stream().mapToDouble(Geometry.Place::x).max().orElseThrow(),
                corners.stream().mapToDouble(Geometry.Place::y).max().orElseThrow());
    }
}
