package djinn.predict.autoencoder;

import ai.djl.ndarray.types.Shape;
import djinn.data.Pixels;
import djinn.inference.Codec;
import djinn.predict.generative.DrawnImages;
import djinn.predict.generative.RandomVectors;
import java.util.List;

/** From vectors to images. */
record VectorCodec(int latent) implements Codec<float[], Pixels> {

    @Override
    public Encoded<Pixels> encode(List<? extends float[]> inputs, Room room) {
        for (float[] vector : inputs) {
            if (vector.length != latent) {
                throw new IllegalArgumentException(
                        "expected vectors of " + latent + " values, got one of " + vector.length);
            }
        }
        Shape shape = new Shape(inputs.size(), latent);
        return new Encoded<>(
                List.of(room.tensor(RandomVectors.joined(inputs), shape)),
                outputs -> DrawnImages.pixels(outputs.get(0)));
    }
}
