package djinn.zoo.nn;

import ai.djl.ndarray.types.Shape;

/**
 * The window a 2-D convolution or pooling slides over its input; pairs are (vertical, horizontal).
 *
 * @param kernel the window's extents
 * @param stride the steps between windows
 * @param padding zeros on both sides
 * @param dilation the distances between kernel elements
 */
public record Window(Shape kernel, Shape stride, Shape padding, Shape dilation) {

    /** Checks that all are pairs, the kernel, stride and dilation at least 1, the padding at least 0. */
    public Window {
        requirePair("kernel", kernel, 1);
        requirePair("stride", stride, 1);
        requirePair("padding", padding, 0);
        requirePair("dilation", dilation, 1);
    }

    /** A square window of stride 1 without padding. */
    public static Window of(int kernel) {
        return of(kernel, kernel);
    }

    /** A window of stride 1 without padding. */
    public static Window of(int height, int width) {
        return new Window(new Shape(height, width), new Shape(1, 1), new Shape(0, 0), new Shape(1, 1));
    }

    /** The window with another stride, the same in both directions. */
    public Window stride(int both) {
        return new Window(kernel, new Shape(both, both), padding, dilation);
    }

    /** The window with another padding, the same in both directions. */
    public Window padding(int both) {
        return padding(both, both);
    }

    /** The window with another padding. */
    public Window padding(int vertical, int horizontal) {
        return new Window(kernel, stride, new Shape(vertical, horizontal), dilation);
    }

    /** The window with another dilation, the same in both directions. */
    public Window dilation(int both) {
        return new Window(kernel, stride, padding, new Shape(both, both));
    }

    private static void requirePair(String name, Shape pair, long least) {
        if (pair.dimension() != 2 || pair.get(0) < least || pair.get(1) < least) {
            throw new IllegalArgumentException(
                    "expected " + name + " as a pair of at least " + least + ", got " + pair);
        }
    }
}
