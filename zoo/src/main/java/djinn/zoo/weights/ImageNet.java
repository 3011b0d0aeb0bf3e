package djinn.zoo.weights;

import java.util.List;

/**
 * The classes of ImageNet-1K (Russakovsky et al. 2015), in the order every public classifier has them.
 *
 * <p>The names are those of torchvision's weights (BSD-3-Clause).
 */
public final class ImageNet {

    private static final class Table {
        static final List<String> CLASSES = ClassNames.read("imagenet-1k.txt");
    }

    private ImageNet() {}

    /** Returns the 1,000 names by index. */
    public static List<String> classes() {
        return Table.CLASSES;
    }
}
