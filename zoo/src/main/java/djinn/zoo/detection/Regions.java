package djinn.zoo.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;

/**
 * Which regions a detector of two stages looks at. In training some of those it proposes, and the objects themselves; where
 * regions come from elsewhere, these.
 */
@FunctionalInterface
public interface Regions {

    /** Those that are proposed. */
    Regions PROPOSED = (proposed, stage) -> proposed;

    /** Those that are proposed; none gets a mask, which comes when boxes are selected. */
    Regions WITHOUT_MASKS = new Regions() {
        @Override
        public NDArray chosen(NDArray proposed, int stage) {
            return proposed;
        }

        @Override
        public NDArray masked(NDArray regions) {
            return regions.getManager().zeros(new Shape(0, 5), regions.getDataType());
        }
    };

    /**
     * Chooses before a stage looks.
     *
     * @param proposed (R, 5): the index of the image in the batch, then x1, y1, x2, y2 in its pixels; image by image
     * @param stage 0 for the first that looks at regions, 1 for one that looks at what it has made of them ...
     * @return the like, (R', 5), without gradients
     */
    NDArray chosen(NDArray proposed, int stage);

    /**
     * Chooses of which regions a detector that tells masks tells them.
     *
     * @param regions (R, 5) that it looks at
     * @return some of them, (F, 5), without gradients; all unless it is said otherwise
     */
    default NDArray masked(NDArray regions) {
        return regions;
    }

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
        Regions first = this;
        return new Regions() {
            @Override
            public NDArray chosen(NDArray proposed, int stage) {
                return next.chosen(first.chosen(proposed, stage), stage);
            }

            @Override
            public NDArray masked(NDArray regions) {
                return next.masked(regions);
            }
        };
    }
}
