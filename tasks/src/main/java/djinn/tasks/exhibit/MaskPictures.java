package djinn.tasks.exhibit;

import djinn.data.LabelColours;
import djinn.data.LabelMap;
import djinn.data.Pixels;
import java.util.List;

/** Images with the classes of their pixels over them. */
public final class MaskPictures {

    private static final double STRENGTH = 0.6;

    private MaskPictures() {}

    /**
     * Draws an image twice, side by side.
     *
     * @param image grey or RGB
     * @param left the classes at the left, of the image's size
     * @param right those at the right
     * @return RGB
     */
    public static Pixels beside(Pixels image, LabelMap left, LabelMap right) {
        Pixels half = ShownPixels.half(image);
        return ShownPixels.besideEach(List.of(
                LabelColours.overlay(half, ShownPixels.half(left), STRENGTH),
                LabelColours.overlay(half, ShownPixels.half(right), STRENGTH)));
    }

    /**
     * Draws an image as it is, and at its right with the classes over it.
     *
     * @param image grey or RGB
     * @param labels of the image's size
     * @return RGB
     */
    public static Pixels of(Pixels image, LabelMap labels) {
        Pixels half = ShownPixels.half(image);
        return ShownPixels.besideEach(List.of(
                half.withChannels(3).toBufferedImage(),
                LabelColours.overlay(half, ShownPixels.half(labels), STRENGTH)));
    }
}
