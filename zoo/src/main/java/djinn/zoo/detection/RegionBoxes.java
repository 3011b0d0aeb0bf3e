package djinn.zoo.detection;

import ai.djl.ndarray.NDArray;
import djinn.ops.BoxCoder;
import djinn.ops.BoxSelection;

/** From what a second stage says of regions to boxes of images, by torchvision's rules. */
final class RegionBoxes {

    /** Which boxes torchvision's detectors of two stages tell. */
    static final BoxSelection SELECTION = new BoxSelection(.05, Integer.MAX_VALUE, .5, 100);

    private RegionBoxes() {}

    /**
     * Moves regions by the codes of each class.
     *
     * @param regions (R, 5)
     * @param codes (R, 4 (K + 1)), in the weights of the coder
     * @return (R, K + 1, 4), the background's first; they may reach beyond the image
     */
    static NDArray decode(NDArray regions, NDArray codes, BoxCoder coder) {
        long rows = regions.getShape().get(0);
        return coder.decode(codes.reshape(rows, codes.getShape().get(1) / 4, 4), Heads.corners(regions));
    }

    /**
     * Puts what was found image by image; those with fewer regions than others get some of score 0.
     *
     * @param regions (R, 5)
     * @param logits (R, K + 1), the background's first
     * @param moved (R, K, 4), boxes of each class without the background
     * @param images N
     * @param height H of the images
     * @param width W of the images
     * @return boxes (N, A, K, 4) within the images, and scores (N, A, K)
     */
    static Decoded byImage(NDArray regions, NDArray logits, NDArray moved, int images, int height, int width) {
        NDArray boxes = Heads.clip(moved, height, width); // (R, K, 4)
        NDArray scores = Heads.scores(logits.softmax(1), boxes); // (R, K)
        ImageRows rows = new ImageRows(regions, images);
        return new Decoded(rows.byImage(boxes), rows.byImage(scores));
    }
}
