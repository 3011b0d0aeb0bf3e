package djinn.inference;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import djinn.data.Preprocessing;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;

/**
 * The tensor that a model of images takes.
 *
 * @param images what is done to every image
 * @param pixels whether the model takes bytes, (N, H, W, C), and normalises them itself; otherwise it takes normalised
 *     images, (N, C, H, W), float32
 */
record InputTensor(Preprocessing images, boolean pixels) {

    /** The values of one image. */
    int valuesOfOne() {
        return Math.multiplyExact(Math.multiplyExact(images.channels(), images.height()), images.width());
    }

    /** The bytes of one image. */
    int bytesOfOne() {
        return Math.multiplyExact(valuesOfOne(), pixels ? 1 : Float.BYTES);
    }

    /** The tensor of images that were written. */
    Tensor of(ByteBuffer bytes, int count) {
        return pixels
                ? new Tensor(
                        bytes, new Shape(count, images.height(), images.width(), images.channels()), DataType.UINT8)
                : new Tensor(
                        bytes, new Shape(count, images.channels(), images.height(), images.width()), DataType.FLOAT32);
    }

    /** Writes an image at a buffer's position, which moves past it. */
    void write(ImageClassifier.Prepared image, String name, ByteBuffer out) {
        if (!image.preprocessing().equals(images)) {
            throw new IllegalArgumentException("expected an image prepared by " + images + " as " + name
                    + ", got one by " + image.preprocessing());
        }
        if (pixels) {
            out.put(image.pixels().values());
        } else {
            FloatBuffer floats = out.asFloatBuffer();
            images.normalise(image.pixels(), floats);
            out.position(out.position() + floats.position() * Float.BYTES);
        }
    }

    /** Writes an array of one image that is preprocessed already. */
    void write(NDArray array, String name, ByteBuffer out) {
        FloatBuffer values = floats(array, name);
        if (values.capacity() != valuesOfOne()) {
            throw new IllegalArgumentException("expected one image as " + name + ", got " + array.getShape());
        }
        put(values, out);
    }

    /** Writes numbers at a buffer's position, which moves past them. */
    static void put(FloatBuffer values, ByteBuffer out) {
        int bytes = values.remaining() * Float.BYTES;
        out.asFloatBuffer().put(values);
        out.position(out.position() + bytes);
    }

    /** The values of an array of images that are preprocessed already. */
    FloatBuffer floats(NDArray array, String name) {
        if (pixels) {
            throw new IllegalArgumentException("expected an image as " + name + ", got an array: this file normalises"
                    + " images itself; give them as they are");
        }
        Shape one = new Shape(images.channels(), images.height(), images.width());
        Shape shape = array.getShape();
        boolean fits = shape.equals(one)
                || (shape.dimension() == 4 && shape.get(0) > 0 && shape.slice(1).equals(one));
        if (!fits || array.getDataType() != DataType.FLOAT32) {
            throw new IllegalArgumentException(
                    "expected a preprocessed float32 array of " + one + ", or of many such, got "
                            + array.getDataType() + " " + shape
                            + "; give images as they are (a Path, a BufferedImage) to have them preprocessed");
        }
        return Tensor.of(array).floats();
    }
}
