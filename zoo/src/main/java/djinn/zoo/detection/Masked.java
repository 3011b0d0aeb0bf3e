package djinn.zoo.detection;

import djinn.ops.BoxSelection;
import djinn.ops.MaskClasses;
import java.util.Set;

/**
 * A detector that tells the pixels of its objects too. These it looks at when boxes are selected, and so selects them
 * itself: as a block in evaluation it gives boxes (N, M, 4), scores (N, M), labels (N, M) and counts (N), int64, and masks
 * (N, M, S, S), of each box from its left upper corner to its right lower, in [0, 1]. Of images with fewer objects than others
 * the rest is zeros.
 */
public interface Masked {

    /** Returns how the pixels of the classes hang together. */
    MaskClasses masks();

    /**
     * Sets which boxes it tells from now on.
     *
     * @param rule how boxes are selected
     * @param labels those of the classes that are told; none for all
     */
    void tell(BoxSelection rule, Set<Integer> labels);
}
