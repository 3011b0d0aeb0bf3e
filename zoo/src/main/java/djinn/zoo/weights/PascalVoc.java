package djinn.zoo.weights;

import java.util.List;

/** The classes of PASCAL VOC (Everingham et al. 2010) with the background before them, as public segmenters have them. */
public final class PascalVoc {

    private static final class Table {
        static final List<String> CLASSES = ClassNames.read("voc-21.txt");
    }

    private PascalVoc() {}

    /** Returns the 21 names by index. */
    public static List<String> classes() {
        return Table.CLASSES;
    }
}
