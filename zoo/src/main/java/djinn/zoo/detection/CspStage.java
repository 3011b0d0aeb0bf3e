package djinn.zoo.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.Pass;
import djinn.zoo.nn.Sequential;

/**
 * A cross-stage-partial stage with three convolutions (Wang et al. 2020, CSPNet; {@code C3} in YOLOv5): half of the
 * channels run through bottlenecks, the other half pass beside them. (N, in, H, W) to (N, out, H, W).
 *
 * <p>State: {@code cv1} before the bottlenecks, {@code cv2} beside them, {@code cv3} behind both, {@code m}.
 */
final class CspStage extends ArrayBlock {

    private final DarknetConv cv1;
    private final DarknetConv cv2;
    private final DarknetConv cv3;
    private final Sequential m;

    CspStage(int in, int out, int depth, boolean shortcut) {
        int half = out / 2;
        cv1 = child("cv1", new DarknetConv(in, half, 1, 1));
        cv2 = child("cv2", new DarknetConv(in, half, 1, 1));
        cv3 = child("cv3", new DarknetConv(2 * half, out, 1, 1));
        m = child("m", DarknetBottleneck.repeated(half, half, depth, shortcut));
    }

    @Override
    public NDArray forward(NDArray x, Pass pass) {
        NDArray worked = m.forward(cv1.forward(x, pass), pass); // (N, out/2, H, W)
        NDArray beside = cv2.forward(x, pass); // (N, out/2, H, W)
        return cv3.forward(NDArrays.concat(new NDList(worked, beside), 1), pass); // (N, out, H, W)
    }
}
