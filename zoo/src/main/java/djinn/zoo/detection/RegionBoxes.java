package djinn.zoo.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import djinn.ops.BoxCoder;
import djinn.ops.TorchScript;
import java.util.stream.IntStream;

/** From what a second stage says of regions to boxes of images, by torchvision's rules. */
final class RegionBoxes {

    /** torchvision tells no box with a side below, in pixels. */
    private static final double SMALLEST = 1e-2;

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def corners(regions: Tensor) -> Tensor:
              return torch.unsqueeze(torch.slice(regions, 1, 1, 5), 1)

            def scores(logits: Tensor, boxes: Tensor, smallest: float) -> Tensor:
              sides = torch.sub(torch.slice(boxes, -1, 2, 4), torch.slice(boxes, -1, 0, 2))
              area = torch.all(torch.ge(sides, smallest), -1)
              return torch.mul(torch.slice(torch.softmax(logits, -1), 1, 1), torch.type_as(area, logits))

            def put(x: Tensor, places: Tensor, rows: int) -> Tensor:
              empty = torch.zeros_like(torch.select(x, 0, 0))
              all = torch.repeat(torch.reshape(empty, [1, -1]), [rows, 1])
              return torch.index_copy(all, 0, places, torch.flatten(x, 1))
            """);

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
        return coder.decode(codes.reshape(rows, codes.getShape().get(1) / 4, 4), SCRIPT.call("corners", regions));
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
        long classes = logits.getShape().get(1) - 1;
        if (regions.getShape().get(0) == 0) {
            return new Decoded(
                    logits.getManager().zeros(new Shape(images, 1, classes, 4), logits.getDataType()),
                    logits.getManager().zeros(new Shape(images, 1, classes), logits.getDataType()));
        }
        NDArray boxes = Heads.clip(moved, height, width); // (R, K, 4)
        NDArray scores = SCRIPT.call("scores", logits, boxes, SMALLEST); // (R, K)
        if (images == 1) {
            return new Decoded(boxes.expandDims(0), scores.expandDims(0));
        }
        long[] owners = regions.get(":, 0").toType(DataType.INT64, false).toLongArray();
        int[] counts = new int[images];
        long[] rowOf = new long[owners.length];
        for (int i = 0; i < owners.length; i++) {
            rowOf[i] = counts[(int) owners[i]]++;
        }
        int most = IntStream.of(counts).max().orElseThrow();
        for (int i = 0; i < owners.length; i++) {
            rowOf[i] += owners[i] * most;
        }
        NDArray places = logits.getManager().create(rowOf).toDevice(logits.getDevice(), false); // (R)
        long rows = (long) images * most;
        return new Decoded(
                SCRIPT.call("put", boxes, places, rows).reshape(images, most, classes, 4),
                SCRIPT.call("put", scores, places, rows).reshape(images, most, classes));
    }
}
