package djinn.tasks.exhibit;

import djinn.data.Interpolation;
import djinn.data.LabelMap;
import djinn.data.PictureRows;
import djinn.data.Pixels;
import djinn.data.Preprocessing;
import djinn.data.Resampling;
import djinn.inference.Tensor;
import java.awt.image.BufferedImage;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;

/** Pictures as they are shown: of no side longer than 640 pixels. */
public final class ShownPixels {

    /** The longer side of a picture at most. */
    public static final int LARGEST = 640;

    /** What {@link PictureRows} puts around each picture. */
    private static final int GAP = 4;

    private static final int HALF = part(2);

    private ShownPixels() {}

    /** The longer side of one of several pictures in one. */
    private static int part(int of) {
        return (LARGEST - GAP) / of - GAP;
    }

    /** Returns an image, made smaller where its longer side is beyond what is shown. */
    public static Pixels of(Pixels image) {
        return within(image, LARGEST);
    }

    private static Pixels within(Pixels image, int most) {
        int longer = Math.max(image.height(), image.width());
        return longer <= most
                ? image
                : Resampling.resize(
                        image,
                        scaled(image.height(), most, longer),
                        scaled(image.width(), most, longer),
                        Interpolation.BILINEAR);
    }

    private static int scaled(int side, int most, int longer) {
        return (int) Math.max(1, Math.round((double) side * most / longer));
    }

    /** Returns an image as it stands beside another of its size in one picture. */
    static Pixels half(Pixels image) {
        return within(image, HALF);
    }

    /** Returns a label map in the size that {@link #half} gives its image. */
    static LabelMap half(LabelMap labels) {
        int longer = Math.max(labels.height(), labels.width());
        return longer <= HALF
                ? labels
                : labels.resized(scaled(labels.height(), HALF, longer), scaled(labels.width(), HALF, longer));
    }

    /**
     * Puts images into one picture, from left to right.
     *
     * @param images grey or RGB, at least one
     * @return RGB, all on white
     */
    public static Pixels beside(List<Pixels> images) {
        // three channels, for grey pictures are taken for linear and would come out too bright
        return besideEach(images.stream()
                .map(image -> within(image, part(images.size())).withChannels(3).toBufferedImage())
                .toList());
    }

    static Pixels besideEach(List<BufferedImage> pictures) {
        return Pixels.of(PictureRows.of(List.of(pictures)), 3);
    }

    /**
     * Undoes a normalisation.
     *
     * @param images (N, C, H, W), float32
     * @param preprocessing that they went through
     * @return each image, its values the nearest bytes
     */
    public static List<Pixels> denormalised(Tensor images, Preprocessing preprocessing) {
        int count = (int) images.shape().get(0);
        int channels = (int) images.shape().get(1);
        int height = (int) images.shape().get(2);
        int width = (int) images.shape().get(3);
        FloatBuffer values = images.floats();
        List<Pixels> all = new ArrayList<>();
        for (int n = 0; n < count; n++) {
            byte[] bytes = new byte[height * width * channels];
            for (int c = 0; c < channels; c++) {
                double mean = preprocessing.mean().get(c);
                double std = preprocessing.std().get(c);
                for (int i = 0; i < height * width; i++) {
                    double brightness = values.get((n * channels + c) * height * width + i) * std + mean;
                    bytes[i * channels + c] = (byte) Math.max(0, Math.min(255, Math.round(255 * brightness)));
                }
            }
            all.add(new Pixels(height, width, channels, bytes));
        }
        return all;
    }
}
