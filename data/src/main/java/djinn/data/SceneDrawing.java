package djinn.data;

import djinn.ops.Box;
import java.awt.image.BufferedImage;
import java.util.Collections;
import java.util.List;

/** Images with boxes and masks as pictures of a size at which labels can be read. */
public final class SceneDrawing {

    private static final int MOST_NAMED = 20;

    private SceneDrawing() {}

    /**
     * Draws boxes and masks; the picture is brought to the wanted size before the boxes, so that lines and letters stay as they are.
     *
     * @param image grey or RGB
     * @param boxes in pixels of the image; of more than 20 none is named
     * @param least the longer side of the picture at least: smaller images are enlarged by whole numbers
     * @param most the longer side of the picture at most
     * @return an RGB picture
     */
    public static BufferedImage of(Pixels image, List<BoxDrawing.Labelled> boxes, int least, int most) {
        int longer = Math.max(image.height(), image.width());
        double factor = longer < least ? Math.ceil((double) least / longer) : Math.min(1, (double) most / longer);
        int height = Math.max(1, (int) Math.rint(image.height() * factor));
        int width = Math.max(1, (int) Math.rint(image.width() * factor));
        Preprocessing resized = new Preprocessing(
                height,
                width,
                3,
                Collections.nCopies(3, 0.0),
                Collections.nCopies(3, 1.0),
                Preprocessing.Fit.STRETCH,
                1,
                factor > 1 ? Interpolation.NEAREST : Interpolation.BILINEAR);
        double across = (double) width / image.width();
        double down = (double) height / image.height();
        return BoxDrawing.of(
                resized.fit(BoxDrawing.masked(image, boxes)),
                boxes.stream()
                        .map(box -> box.at(
                                new Box(
                                        box.box().x() * across,
                                        box.box().y() * down,
                                        box.box().width() * across,
                                        box.box().height() * down),
                                boxes.size() > MOST_NAMED ? "" : box.text()))
                        .toList());
    }

    /**
     * Draws an image with its objects: boxes, and masks where they are known.
     *
     * @param scene the image
     * @param classes the names of its objects
     * @param least the longer side of the picture at least
     * @param most the longer side of the picture at most
     * @return an RGB picture
     */
    public static BufferedImage of(Scene scene, List<String> classes, int least, int most) {
        List<ImageObject> objects = scene.objects().objects();
        return of(
                scene.image(),
                objects.stream()
                        .map(object -> new BoxDrawing.Labelled(
                                object.box(), object.label(), classes.get(object.label()), object.mask()))
                        .toList(),
                least,
                most);
    }
}
