package djinn.data;

import java.util.List;

/**
 * Where a scene comes from: its image as it was read, and the way from there.
 *
 * @param id the number of the image in its data, as COCO's figures want it
 * @param name what messages call the image
 * @param geometry from the image as it was read, the right way up, to the scene's own; its {@code source} takes boxes of
 *     the scene back to the image; deformations aside
 * @param objects those of the image as it was read, where they are known
 */
public record SceneOrigin(long id, String name, Geometry geometry, List<ImageObject> objects) {

    /** Copies the list. */
    public SceneOrigin {
        objects = List.copyOf(objects);
    }

    static SceneOrigin unknown(Pixels image) {
        return new SceneOrigin(0, "", Geometry.none(image.height(), image.width()), List.of());
    }

    SceneOrigin then(List<Geometry> moves) {
        Geometry whole = moves.stream().reduce(geometry, Geometry::then);
        return new SceneOrigin(id, name, whole, objects);
    }
}
