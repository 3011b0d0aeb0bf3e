package djinn.inference;

import djinn.data.Preprocessing;
import java.util.List;

/** The card of a model that is asked about images, and tells of them what it has classes for. */
public interface ImageCard extends Card {

    /** Returns the names of the classes, by index. */
    List<String> classes();

    /** Returns what is done to every image. */
    Preprocessing preprocessing();
}
