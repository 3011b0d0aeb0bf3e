package djinn.predict.autoregressive;

import ai.djl.ndarray.NDArray;
import djinn.ops.TorchScript;

/**
 * The levels that values of images are brought to: byte b, 0 to 255, is of the level {@code floor(b count / 256)}, so that
 * all levels are of equally many bytes (or nearly, where 256 is no multiple of the count); 2 levels part at 128.
 *
 * <p>A model sees level q as {@code 2 q / (count - 1) - 1}, from -1 to 1; an image shows it as the byte nearest to {@code
 * 255 q / (count - 1)}.
 *
 * @param count how many there are, 2 to 256
 */
public record PixelLevels(int count) {

    private static final int BYTES = 256;

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def of(images: Tensor, count: int) -> Tensor:
              bytes = torch.round(torch.mul(torch.add(images, 1.), 127.5))
              levels = torch.floor(torch.div(torch.mul(bytes, count), 256.))
              return torch.to(torch.clamp(levels, 0, torch.sub(count, 1)), 4)

            def drawn(images: Tensor, uniform: Tensor) -> Tensor:
              return torch.to(torch.lt(uniform, torch.div(torch.add(images, 1.), 2.)), 4)

            def values(levels: Tensor, greatest: int) -> Tensor:
              return torch.sub(torch.div(torch.mul(torch.to(levels, 6), 2.), greatest), 1.)
            """);

    /** Checks the range. */
    public PixelLevels {
        if (count < 2 || count > BYTES) {
            throw new IllegalArgumentException("expected levels from 2 (black and white) to 256, got " + count);
        }
    }

    /**
     * Returns the levels of images.
     *
     * @param images float32 within -1 to 1, where -1 is the byte 0 and 1 the byte 255
     * @return int64, of the same shape
     */
    public NDArray of(NDArray images) {
        return SCRIPT.call("of", images, count);
    }

    /**
     * Draws images in black and white: a value is white as often as it is bright.
     *
     * @param images float32 within -1 (never white) to 1 (always)
     * @param uniform numbers from 0 to below 1, of the same shape
     * @return int64, 0 or 1, of the same shape
     */
    public static NDArray drawn(NDArray images, NDArray uniform) {
        return SCRIPT.call("drawn", images, uniform);
    }

    /**
     * Returns what a model sees of levels.
     *
     * @param levels whole numbers from 0 to below the count
     * @return float32 within -1 to 1, of the same shape
     */
    public NDArray values(NDArray levels) {
        return SCRIPT.call("values", levels, count - 1);
    }

    /** Returns what a model sees of a level. */
    float value(int level) {
        return (float) (2. * level / (count - 1) - 1);
    }

    /** Returns the byte that shows a level. */
    byte shown(int level) {
        return (byte) Math.round(255. * level / (count - 1));
    }
}
