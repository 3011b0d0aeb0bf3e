package djinn.predict.generative;

import ai.djl.ndarray.types.Shape;
import djinn.data.Pixels;
import djinn.inference.Tensor;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;

/** Images as models draw them. */
public final class DrawnImages {

    private DrawnImages() {}

    /**
     * Returns what models draw as pixels.
     *
     * @param images (N, C, H, W), float32; -1 is black and 1 white, what is beyond becomes the nearer of both
     * @return each image, its values the nearest bytes
     */
    public static List<Pixels> pixels(Tensor images) {
        Shape shape = images.shape();
        int channels = (int) shape.get(1);
        int area = (int) (shape.get(2) * shape.get(3));
        FloatBuffer values = images.floats();
        List<Pixels> pixels = new ArrayList<>();
        for (int n = 0; n < shape.get(0); n++) {
            byte[] bytes = new byte[channels * area];
            for (int c = 0; c < channels; c++) {
                for (int i = 0; i < area; i++) {
                    float value = values.get((n * channels + c) * area + i);
                    bytes[i * channels + c] = (byte) Math.max(0, Math.min(255, Math.round((value + 1) * 127.5f)));
                }
            }
            pixels.add(new Pixels((int) shape.get(2), (int) shape.get(3), channels, bytes));
        }
        return pixels;
    }
}
