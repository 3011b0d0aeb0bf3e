package djinn.data.detection;

import djinn.data.ImageObject;
import djinn.data.ImageObjects;
import djinn.ops.Box;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What objects there are, how large they are, and where.
 *
 * @param images how many were looked at
 * @param empty how many of them have no object
 * @param classes by index
 * @param places of all objects
 */
public record LabelStatistics(int images, int empty, List<OfClass> classes, List<Place> places) {

    /** Copies the lists. */
    public LabelStatistics {
        classes = List.copyOf(classes);
        places = List.copyOf(places);
    }

    /**
     * What there is of a class.
     *
     * @param name of the class
     * @param images in how many there is one
     * @param objects how many
     * @param width the mean of the boxes, in pixels; NaN without objects
     * @param height the mean of the boxes, in pixels; NaN without objects
     */
    public record OfClass(String name, int images, int objects, double width, double height) {}

    /**
     * Where an object is.
     *
     * @param label its class
     * @param x of its centre, as a share of the image's width
     * @param y of its centre, as a share of the image's height
     * @param width of its box, in pixels
     * @param height of its box, in pixels
     */
    public record Place(int label, double x, double y, double width, double height) {}

    /**
     * Looks at images.
     *
     * @param names of the classes
     * @param images the objects of each image; crowds are not counted
     */
    public static LabelStatistics of(List<String> names, List<ImageObjects> images) {
        int[] objects = new int[names.size()];
        int[] having = new int[names.size()];
        double[] widths = new double[names.size()];
        double[] heights = new double[names.size()];
        List<Place> places = new ArrayList<>();
        int empty = 0;
        for (ImageObjects image : images) {
            Set<Integer> seen = new HashSet<>();
            for (ImageObject object : image.objects()) {
                if (object.isCrowd()) {
                    continue;
                }
                Box box = object.box();
                int label = object.label();
                seen.add(label);
                objects[label]++;
                widths[label] += box.width();
                heights[label] += box.height();
                places.add(new Place(
                        label,
                        (box.x() + box.width() / 2) / image.width(),
                        (box.y() + box.height() / 2) / image.height(),
                        box.width(),
                        box.height()));
            }
            seen.forEach(label -> having[label]++);
            empty += seen.isEmpty() ? 1 : 0;
        }
        List<OfClass> classes = new ArrayList<>();
        for (int c = 0; c < objects.length; c++) {
            classes.add(
                    new OfClass(names.get(c), having[c], objects[c], widths[c] / objects[c], heights[c] / objects[c]));
        }
        return new LabelStatistics(images.size(), empty, classes, places);
    }
}
