package djinn.zoo.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import djinn.ops.Autograd;
import djinn.ops.TorchScript;
import java.util.ArrayList;
import java.util.List;

/** Which regions are of which image of a batch: rows of all regions, image by image; of a sole image, all. */
final class ImageRows {

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def of_image(regions: Tensor, i: int) -> Tensor:
              return torch.flatten(torch.nonzero(torch.eq(torch.select(regions, 1, 0), i)))

            def pick(x: Tensor, rows: Tensor) -> Tensor:
              return torch.index_select(x, 0, rows)

            def in_order(x: Tensor, rows: Tensor) -> Tensor:
              return torch.index_select(x, 0, torch.argsort(rows))

            def padded(x: Tensor, more: int) -> Tensor:
              return torch.constant_pad_nd(torch.flatten(x, 1), [0, 0, 0, more])
            """);

    private final int images;
    private final long all;
    private final List<NDArray> rows = new ArrayList<>();

    /**
     * Sorts regions out, under no gradients.
     *
     * @param regions (R, 5)
     * @param images N
     */
    ImageRows(NDArray regions, int images) {
        this.images = images;
        all = regions.getShape().get(0);
        if (images == 1) {
            return;
        }
        try (Autograd.Scope off = Autograd.withoutGradients()) {
            for (int i = 0; i < images; i++) {
                rows.add(SCRIPT.call("of_image", regions, i)); // (R_i)
            }
        }
    }

    /** N. */
    int images() {
        return images;
    }

    /** R_i. */
    long count(int image) {
        return images == 1 ? all : rows.get(image).size();
    }

    /** What an image's regions have of (R, ...): (R_i, ...). */
    NDArray of(NDArray x, int image) {
        return images == 1 ? x : SCRIPT.call("pick", x, rows.get(image));
    }

    /** Puts together what the regions of each image that has any have, (R_i, ...), in the order of all: (R, ...). */
    NDArray together(NDList parts) {
        if (images == 1) {
            return parts.get(0);
        }
        NDArray order;
        try (Autograd.Scope off = Autograd.withoutGradients()) {
            order = NDArrays.concat(new NDList(rows));
        }
        return SCRIPT.call("in_order", NDArrays.concat(parts), order);
    }

    /**
     * Lays what regions have out by image.
     *
     * @param x (R, ...)
     * @return (N, A, ...): A is the largest R_i, and at least 1; images of fewer get zeros
     */
    NDArray byImage(NDArray x) {
        Shape row = x.getShape().slice(1);
        if (all == 0) {
            return x.getManager().zeros(new Shape(images, 1).addAll(row), x.getDataType());
        }
        if (images == 1) {
            return x.expandDims(0);
        }
        long most = rows.stream().mapToLong(NDArray::size).max().orElseThrow();
        NDList padded = new NDList();
        for (int i = 0; i < images; i++) {
            padded.add(SCRIPT.call("padded", of(x, i), most - count(i)));
        }
        return NDArrays.stack(padded).reshape(new Shape(images, most).addAll(row));
    }
}
