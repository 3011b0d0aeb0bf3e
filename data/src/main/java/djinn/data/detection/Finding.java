package djinn.data.detection;

/**
 * Something about a data set that whoever made it should know.
 *
 * @param kind what it is
 * @param file the image, or the list where no image is meant
 * @param id of the annotation, the line or the image; empty where there is none
 * @param message a sentence for people, in one line
 */
public record Finding(Kind kind, String file, String id, String message) {

    /** Kinds of findings. */
    public enum Kind {
        /** A box that reaches over the edges of its image; only the part inside is used. */
        BOX_CLIPPED("clipped boxes that reach over the edges of their images"),
        /** A box without a part inside its image; it is left out. */
        BOX_OUTSIDE("left out boxes outside of their images"),
        /** A box without area; it is left out. */
        BOX_FLAT("left out boxes without area"),
        /** A box that ends before it begins; it is left out. */
        BOX_INVERTED("left out boxes that end before they begin"),
        /** An outline of fewer than three corners; it is left out, and its object keeps its box. */
        OUTLINE_SHORT("left out outlines of fewer than three corners"),
        /** A box smaller than is asked for; training goes without it. */
        BOX_SMALL("boxes smaller than wanted, with which training does without"),
        /** An image that cannot be read, or is of another size than its annotations say. */
        IMAGE_UNREADABLE("images that cannot be read"),
        /** An image of which no object is known. */
        IMAGE_EMPTY("images without objects"),
        /** The same file in two parts, or twice in one. */
        IMAGE_TWICE("images that are there twice"),
        /** A class of which a part has no object. */
        CLASS_MISSING("classes without objects");

        private final String words;

        Kind(String words) {
            this.words = words;
        }

        /** Returns what there is several of, in words that follow a count and a colon. */
        public String words() {
            return words;
        }
    }

    @Override
    public String toString() {
        return file + (id.isEmpty() ? "" : " (" + id + ")") + ": " + message;
    }
}
