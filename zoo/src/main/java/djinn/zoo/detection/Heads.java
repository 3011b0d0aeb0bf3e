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

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def clip(boxes: Tensor, height: float, width: float) -> Tensor:
              xs = torch.clamp(torch.slice(boxes, -1, 0, 4, 2), 0., width)
              ys = torch.clamp(torch.slice(boxes, -1, 1, 4, 2), 0., height)
              return torch.flatten(torch.stack([xs, ys], -1), 2)

            def slice(x: Tensor, start: int, end: int) -> Tensor:
              return torch.slice(x, 0, start, end)
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

    /** Moves the corners of boxes (N, A, 4) into the image. */
    static NDArray clip(NDArray boxes, int height, int width) {
        return SCRIPT.call("clip", boxes, (double) height, (double) width);
    }
}
