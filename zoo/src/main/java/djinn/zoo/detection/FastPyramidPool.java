package djinn.zoo.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.MaxPool2d;
import djinn.zoo.nn.Pass;
import djinn.zoo.nn.Window;

/**
 * Spatial pyramid pooling by one small pooling done three times ({@code SPPF} in YOLOv5): the maxima over windows of 5, 9
 * and 13 beside the map itself, as SPP has them (He et al. 2014). (N, in, H, W) to (N, out, H, W).
 *
 * <p>State: {@code cv1} and {@code cv2}.
 */
final class FastPyramidPool extends ArrayBlock {

    private final DarknetConv cv1;
    private final DarknetConv cv2;
    private final MaxPool2d pool;

    FastPyramidPool(int in, int out) {
        cv1 = child("cv1", new DarknetConv(in, in / 2, 1, 1));
        cv2 = child("cv2", new DarknetConv(in / 2 * 4, out, 1, 1));
        pool = new MaxPool2d(Window.of(5).padding(2), false);
    }

    @Override
    public NDArray forward(NDArray x, Pass pass) {
        NDArray narrow = cv1.forward(x, pass); // (N, in/2, H, W)
        NDArray over5 = pool.forward(narrow, pass);
        NDArray over9 = pool.forward(over5, pass);
        NDArray over13 = pool.forward(over9, pass);
        return cv2.forward(NDArrays.concat(new NDList(narrow, over5, over9, over13), 1), pass); // (N, out, H, W)
    }
}
