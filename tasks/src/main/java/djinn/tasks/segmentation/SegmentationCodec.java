package djinn.tasks.segmentation;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import djinn.data.Geometry;
import djinn.data.LabelMap;
import djinn.data.MaskBatch;
import djinn.data.Pixels;
import djinn.data.Preprocessing;
import djinn.ops.MemoryFormat;
import java.util.List;

/**
 * From an image to what a segmenter takes, and from its logits to an answer in the image's own size.
 *
 * @param card what the model is and takes
 */
record SegmentationCodec(SegmentationCard card) {

    /**
     * Makes the model's input of an image, to the same bits as in training and validation.
     *
     * @param image of any size and channels
     * @param owner owns the array
     * @return (1, C, H, W), float32
     */
    NDArray input(Pixels image, NDManager owner) {
        Preprocessing shape = card.preprocessing();
        LabelMap unknown = new LabelMap(shape.height(), shape.width(), new byte[shape.height() * shape.width()]);
        try (MaskBatch batch = MaskBatch.of(List.of(shape.fit(image)), List.of(unknown), shape, card.scaling())) {
            return MemoryFormat.CHANNELS_LAST.of(batch.images(owner));
        }
    }

    /**
     * Makes an answer of logits.
     *
     * @param logits (K, H, W), row by row
     * @param height of the image
     * @param width of the image
     */
    Segmentation answer(float[] logits, int height, int width) {
        Geometry toImage = card.preprocessing().geometry(height, width).inverse();
        return new Segmentation(highest(logits, card.classes().size(), toImage), card.classes());
    }

    /**
     * Brings logits to an image's own size, interpolated linearly, and takes the highest.
     *
     * @param logits (K, H, W) at the model's size
     * @param classes K
     * @param geometry from the model's size to the image's
     */
    static LabelMap highest(float[] logits, int classes, Geometry geometry) {
        int height = geometry.fromHeight();
        int width = geometry.fromWidth();
        byte[] labels = new byte[Math.multiplyExact(geometry.height(), geometry.width())];
        int at = 0;
        for (int y = 0; y < geometry.height(); y++) {
            for (int x = 0; x < geometry.width(); x++) {
                double fromX = geometry.xx() * (x + 0.5) + geometry.xy() * (y + 0.5) + geometry.x0();
                double fromY = geometry.yx() * (x + 0.5) + geometry.yy() * (y + 0.5) + geometry.y0();
                if (!(fromX >= 0 && fromX < width && fromY >= 0 && fromY < height)) {
                    labels[at++] = (byte) LabelMap.IGNORED;
                    continue;
                }
                double floorX = Math.floor(fromX - 0.5);
                double floorY = Math.floor(fromY - 0.5);
                double right = fromX - 0.5 - floorX;
                double below = fromY - 0.5 - floorY;
                int left = (int) Math.max(0, floorX);
                int end = (int) Math.min(width - 1, floorX + 1);
                int top = ((int) Math.max(0, floorY)) * width;
                int bottom = ((int) Math.min(height - 1, floorY + 1)) * width;
                int best = 0;
                double highest = Double.NEGATIVE_INFINITY;
                for (int k = 0; k < classes; k++) {
                    int plane = k * height * width;
                    double upper = mix(logits[plane + top + left], logits[plane + top + end], right);
                    double lower = mix(logits[plane + bottom + left], logits[plane + bottom + end], right);
                    double value = mix(upper, lower, below);
                    if (value > highest) {
                        highest = value;
                        best = k;
                    }
                }
                labels[at++] = (byte) best;
            }
        }
        return new LabelMap(geometry.height(), geometry.width(), labels);
    }

    private static double mix(double first, double second, double share) {
        return first + (second - first) * share;
    }
}
