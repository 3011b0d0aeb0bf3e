package djinn.zoo.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.initializer.Initializer;
import djinn.ops.TorchScript;
import djinn.zoo.nn.Conv2d;
import djinn.zoo.nn.Initializers;
import djinn.zoo.nn.Window;

/** What convolutional heads share. */
final class Heads {

    /** The probability of an object that classifiers start with (Lin et al. 2017, "Focal loss", section 4.1). */
    private static final double PRIOR = .01;

    /** In pixels. */
    private static final double SMALLEST = 1e-2;

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def clip(boxes: Tensor, height: float, width: float) -> Tensor:
              xs = torch.clamp(torch.slice(boxes, -1, 0, 4, 2), 0., width)
              ys = torch.clamp(torch.slice(boxes, -1, 1, 4, 2), 0., height)
              return torch.flatten(torch.stack([xs, ys], -1), 2)

            def slice(x: Tensor, start: int, end: int) -> Tensor:
              return torch.slice(x, 0, start, end)

            def corners(regions: Tensor) -> Tensor:
              return torch.unsqueeze(torch.slice(regions, 1, 1, 5), 1)

            def scores(probabilities: Tensor, boxes: Tensor, smallest: float) -> Tensor:
              sides = torch.sub(torch.slice(boxes, -1, 2, 4), torch.slice(boxes, -1, 0, 2))
              area = torch.all(torch.ge(sides, smallest), -1)
              return torch.mul(torch.slice(probabilities, 1, 1), torch.type_as(area, boxes))
            """);

    private Heads() {}

    /** The bias whose sigmoid is the prior. */
    static float priorBias() {
        return (float) -Math.log((1 - PRIOR) / PRIOR);
    }

    /** A 3x3 convolution that starts small. */
    static Conv2d convolution(int in, int out, boolean bias, float biasStart) {
        Initializer start = (manager, shape, dataType) -> manager.full(shape, biasStart, dataType);
        return new Conv2d(in, out, Window.of(3).padding(1), 1, bias, Initializers.normal(.01f), start);
    }

    /** (N, A D, H, W) to (N, H W A, D): position by position, anchor by anchor. */
    static NDArray rows(NDArray x, int each) {
        Shape shape = x.getShape();
        long depth = shape.get(1) / each;
        return x.transpose(0, 2, 3, 1).reshape(-1, shape.get(2) * shape.get(3) * each, depth);
    }

    /** Some rows, one after the other. */
    static NDArray slice(NDArray x, long from, long to) {
        return SCRIPT.call("slice", x, from, to);
    }

    /** Anchors on the device of the heads. */
    static NDArray beside(NDList heads, NDArray anchors) {
        return anchors.toDevice(heads.get(0).getDevice(), false);
    }

    /** The boxes of regions (R, 5): (R, 1, 4). */
    static NDArray corners(NDArray regions) {
        return SCRIPT.call("corners", regions);
    }

    /**
     * The scores of regions' boxes: 0 where a side is below a hundredth pixel, as torchvision tells none of these.
     *
     * @param probabilities (R, K + 1), the background's first
     * @param boxes (R, K, 4), or (R, 1, 4) of all classes
     * @return (R, K)
     */
    static NDArray scores(NDArray probabilities, NDArray boxes) {
        return SCRIPT.call("scores", probabilities, boxes, SMALLEST);
    }

    /** Moves the corners of boxes (N, A, 4) into the image. */
    static NDArray clip(NDArray boxes, int height, int width) {
        return SCRIPT.call("clip", boxes, (double) height, (double) width);
    }
}
