package djinn.zoo.detection;

import ai.djl.ndarray.NDArray;

/**
 * Which regions a detector of two stages looks at. In training some of those it proposes, and the objects themselves; where
 * regions come from elsewhere, these.
 */
@FunctionalInterface
public interface Regions {

    /** Those that are proposed. */
    Regions PROPOSED = (proposed, stage) -> proposed;

    /**
     * Chooses before a stage looks.
     *
     * @param proposed (R, 5): the index of the image in the batch, then x1, y1, x2, y2 in its pixels; image by image
     * @param stage 0 for the first that looks at regions, 1 for one that looks at what it has made of them ...
     * @return the like, (R', 5), without gradients
     */
    NDArray chosen(NDArray proposed, int stage);

    /**
     * Others than those that are proposed.
     *
     * @param regions (R, 5), as {@link #chosen} gives them
     */
    static Regions given(NDArray regions) {
        return (proposed, stage) -> regions;
    }

    /** Returns those that another chooses among these. */
    default Regions then(Regions next) {
        return (proposed, stage) -> next.chosen(chosen(proposed, stage), stage);
    }
}
