package djinn.inference;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import djinn.data.Pixels;
import djinn.data.Preprocessing;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;

/**
 * Images to the tensor that a model of images takes, whatever it answers.
 *
 * @param <A> what is answered
 * @param images what is done to every image
 * @param takesPixels whether the model takes bytes, (N, H, W, C), and normalises them itself; otherwise it takes
 *     normalised images, (N, C, H, W), float32
 * @param decoding of the model's outputs, and of what is known of the images, to an answer for each
 */
public record ImageCodec<A>(
        Preprocessing images, boolean takesPixels, BiFunction<List<Tensor>, List<Asked>, List<A>> decoding)
        implements Codec<ImageInput, A> {

    /**
     * An image that was asked about.
     *
     * @param name what messages call it
     * @param height its own rows; the model's of one that was preprocessed already
     * @param width its own columns; the model's of one that was preprocessed already
     */
    public record Asked(String name, int height, int width) {}

    @Override
    public Encoded<A> encode(List<? extends ImageInput> inputs, Room room) {
        int bytesOfOne = Math.multiplyExact(valuesOfOne(), takesPixels ? 1 : Float.BYTES);
        ByteBuffer bytes = room.bytes(Math.multiplyExact(inputs.size(), bytesOfOne));
        List<Asked> asked = new ArrayList<>();
        for (ImageInput input : inputs) {
            asked.add(write(input, bytes));
        }
        Tensor tensor = new Tensor(
                bytes.flip(),
                new Shape(inputs.size()).addAll(shapeOfOne()),
                takesPixels ? DataType.UINT8 : DataType.FLOAT32);
        return new Encoded<>(List.of(tensor), outputs -> decoding.apply(outputs, asked));
    }

    @Override
    public Optional<Shape> usualShape() {
        return Optional.of(new Shape(1).addAll(shapeOfOne()));
    }

    private Shape shapeOfOne() {
        return takesPixels
                ? new Shape(images.height(), images.width(), images.channels())
                : new Shape(images.channels(), images.height(), images.width());
    }

    /** The values of one image. */
    int valuesOfOne() {
        return Math.multiplyExact(Math.multiplyExact(images.channels(), images.height()), images.width());
    }

    /** Writes an image at a buffer's position, which moves past it. */
    private Asked write(ImageInput input, ByteBuffer out) {
        Tensor array = input.tensor();
        if (array != null) {
            FloatBuffer values = floats(array, input.name());
            if (values.capacity() != valuesOfOne()) {
                throw new IllegalArgumentException("expected one image as " + input.name() + ", got " + array.shape());
            }
            FloatBuffer floats = out.asFloatBuffer().put(values);
            out.position(out.position() + floats.position() * Float.BYTES);
            return new Asked(input.name(), images.height(), images.width());
        }
        ImageInput.Fitted fitted = input.fitted(images);
        Pixels pixels = fitted.pixels();
        if (takesPixels) {
            out.put(pixels.values());
        } else {
            FloatBuffer floats = out.asFloatBuffer();
            images.normalise(pixels, floats);
            out.position(out.position() + floats.position() * Float.BYTES);
        }
        return new Asked(input.name(), fitted.height(), fitted.width());
    }

    /** The values of an array of images that are preprocessed already. */
    private FloatBuffer floats(Tensor array, String name) {
        Shape one = new Shape(images.channels(), images.height(), images.width());
        Shape shape = array.shape();
        if (takesPixels) {
            throw new IllegalArgumentException("expected an image as " + name + ", got an array: this file normalises"
                    + " images itself; give them as they are");
        }
        boolean fits = shape.equals(one)
                || (shape.dimension() == 4 && shape.get(0) > 0 && shape.slice(1).equals(one));
        if (!fits || array.type() != DataType.FLOAT32) {
            throw new IllegalArgumentException(
                    "expected a preprocessed float32 array of " + one + ", or of many such, got "
                            + array.type() + " " + shape
                            + "; give images as they are (a Path, a BufferedImage) to have them preprocessed");
        }
        return array.floats();
    }
}
