package djinn.zoo.detection;

import ai.djl.ndarray.NDArray;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.Pass;
import djinn.zoo.nn.Sequential;
import java.util.stream.Stream;

/**
 * Darknet-53's residual (Redmon and Farhadi 2018, table 1): a 1x1 and a 3x3 convolution, added to the input where there
 * is a shortcut. (N, in, H, W) to (N, out, H, W).
 *
 * <p>State: {@code cv1} and {@code cv2}.
 */
final class DarknetBottleneck extends ArrayBlock {

    private final DarknetConv cv1;
    private final DarknetConv cv2;
    private final boolean shortcut;

    /** A shortcut asks for as many channels out as in. */
    DarknetBottleneck(int in, int hidden, int out, boolean shortcut) {
        if (shortcut && in != out) {
            throw new IllegalArgumentException(
                    "expected as many channels out as in under a shortcut, got " + in + " and " + out);
        }
        cv1 = child("cv1", new DarknetConv(in, hidden, 1, 1));
        cv2 = child("cv2", new DarknetConv(hidden, out, 3, 1));
        this.shortcut = shortcut;
    }

    /** Several, one after another, each with a shortcut or none; the channels stay. */
    static Sequential repeated(int channels, int hidden, int times, boolean shortcut) {
        return Sequential.of(Stream.generate(() -> new DarknetBottleneck(channels, hidden, channels, shortcut))
                .limit(times)
                .toList());
    }

    @Override
    public NDArray forward(NDArray x, Pass pass) {
        NDArray y = cv2.forward(cv1.forward(x, pass), pass);
        return shortcut ? x.add(y) : y;
    }
}
