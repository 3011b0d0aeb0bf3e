package djinn.predict.segmentation;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import djinn.data.Geometry;
import djinn.data.LabelMap;
import djinn.data.MaskBatch;
import djinn.data.Pixels;
import djinn.data.Preprocessing;
import djinn.inference.Codec;
import djinn.inference.ImageInput;
import djinn.inference.ModelTraits;
import djinn.inference.Tensor;
import djinn.ops.DataException;
import djinn.ops.NotFiniteException;
import djinn.ops.PyTorch;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * From images to what a segmenter takes, and from its logits to answers in the images' own sizes.
 *
 * @param card what the model is and takes
 * @param traits what the card does not say
 */
record SegmentationCodec(SegmentationCard card, ModelTraits traits) implements Codec<ImageInput, Segmentation> {

    @Override
    public Encoded<Segmentation> encode(List<? extends ImageInput> inputs, Room room) {
        List<String> names = inputs.stream().map(ImageInput::name).toList();
        List<ImageInput.Fitted> images =
                inputs.stream().map(input -> input.fitted(card.preprocessing())).toList();
        try (NDManager manager = PyTorch.newManager()) {
            List<Pixels> pixels = images.stream().map(ImageInput.Fitted::pixels).toList();
            Tensor tensor = Tensor.of(normalised(card, pixels, manager));
            return new Encoded<>(List.of(tensor), outputs -> answers(outputs.get(0), images, names));
        }
    }

    @Override
    public Optional<Shape> usualShape() {
        Preprocessing images = card.preprocessing();
        return Optional.of(new Shape(1, images.channels(), images.height(), images.width()));
    }

    /**
     * Normalises images, to the same bits as in training and validation.
     *
     * @param card what the model takes
     * @param images of the model's size and channels
     * @param owner owns the array
     * @return (N, C, H, W), float32
     */
    static NDArray normalised(SegmentationCard card, List<Pixels> images, NDManager owner) {
        Preprocessing shape = card.preprocessing();
        LabelMap unknown = new LabelMap(shape.height(), shape.width(), new byte[shape.height() * shape.width()]);
        List<LabelMap> labels = images.stream().map(image -> unknown).toList();
        try (MaskBatch batch = MaskBatch.of(images, labels, shape, card.scaling())) {
            return batch.images(owner);
        }
    }

    private List<Segmentation> answers(Tensor logits, List<ImageInput.Fitted> images, List<String> names) {
        Shape expected = checked(logits, images.size());
        FloatBuffer all = logits.floats();
        List<Segmentation> answers = new ArrayList<>();
        for (int n = 0; n < images.size(); n++) {
            float[] own = new float[Math.toIntExact(expected.size() / images.size())];
            all.get(own);
            requireFinite(own, names.get(n));
            answers.add(answer(card, own, images.get(n).height(), images.get(n).width()));
        }
        return answers;
    }

    /**
     * Checks what the model answers.
     *
     * @param logits its output
     * @param images how many it was asked about
     * @return (N, K, H, W)
     * @throws DataException if it is something else
     */
    Shape checked(Tensor logits, int images) {
        Preprocessing shape = card.preprocessing();
        Shape expected = new Shape(images, card.classes().size(), shape.height(), shape.width());
        if (!logits.shape().equals(expected) || logits.type() != DataType.FLOAT32) {
            throw new DataException(traits.source() + ": answers " + logits.type() + " " + logits.shape()
                    + ", expected float32 " + expected + "; is this a segmenter of these classes?");
        }
        return expected;
    }

    static void requireFinite(float[] logits, String name) {
        for (float value : logits) {
            if (!Float.isFinite(value)) {
                throw new NotFiniteException(
                        name + ": the model's answer is NaN or infinite: no class can be told; look"
                                + " at the weights and the image");
            }
        }
    }

    /**
     * Makes an answer of logits.
     *
     * @param card what the model is
     * @param logits (K, H, W), row by row
     * @param height of the image
     * @param width of the image
     */
    static Segmentation answer(SegmentationCard card, float[] logits, int height, int width) {
        Geometry toImage = card.preprocessing().geometry(height, width).inverse();
        return new Segmentation(HighestLogits.of(logits, card.classes().size(), toImage), card.classes());
    }
}
