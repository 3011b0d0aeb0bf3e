package djinn.data;

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
        BOX_CLIPPED("clipped boxes that reach over the edges of their images", false),
        /** A box without a part inside its image; it is left out. */
        BOX_OUTSIDE("left out boxes outside of their images", true),
        /** A box without area; it is left out. */
        BOX_FLAT("left out boxes without area", true),
        /** A box that ends before it begins; it is left out. */
        BOX_INVERTED("left out boxes that end before they begin", true),
        /** An outline of fewer than three corners; it is left out, and its object keeps its box. */
        OUTLINE_SHORT("left out outlines of fewer than three corners", false),
        /** A box smaller than is asked for; training goes without it. */
        BOX_SMALL("boxes smaller than wanted, with which training does without", false),
        /** An object of an image that is not in the list; training does not start with it. */
        IMAGE_UNKNOWN("objects of images that are not in the list", true),
        /** An object of a class that is not in the list; training does not start with it. */
        CLASS_UNKNOWN("objects of classes that are not in the list", true),
        /**
         * An image that cannot be read, is of another size than its annotations say or than the image it belongs to, or whose mask
         * does not fit it.
         */
        IMAGE_UNREADABLE("images that cannot be read", true),
        /** A mask of another size than its image; training does not start with it. */
        MASK_MISFIT("masks of another size than their images", true),
        /** An object without a mask where pixels have classes; training does not start with it. */
        MASK_MISSING("objects without masks", true),
        /** An image of which no object is known. */
        IMAGE_EMPTY("images without objects", false),
        /** The same image twice in one part. */
        IMAGE_TWICE("images that are there twice", false),
        /** The same image in two parts: what is measured on it says nothing of new images. */
        IMAGE_SHARED("images that are in two parts", true),
        /** A class of which a part has nothing. */
        CLASS_MISSING("classes without objects", false);

        private final String words;
        private final boolean isFault;

        Kind(String words, boolean isFault) {
            this.words = words;
            this.isFault = isFault;
        }

        /** Returns what there is several of, in words that follow a count and a colon. */
        public String words() {
            return words;
        }

        /** Returns whether it costs images or objects, or makes figures better than they are: something to mend. */
        public boolean isFault() {
            return isFault;
        }
    }

    @Override
    public String toString() {
        return file + (id.isEmpty() ? "" : " (" + id + ")") + ": " + message;
    }
}
