package djinn.predict.detection;

import ai.djl.ndarray.types.Shape;
import djinn.data.Geometry;
import djinn.data.Pixels;
import djinn.data.proposals.ProposalRule;
import djinn.inference.Codec;
import djinn.inference.ImageCodec;
import djinn.inference.ImageInput;
import djinn.inference.Tensor;
import djinn.ops.Box;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Proposes boxes of images, as they are, and hands them to the detector with the images: for detectors that look at given
 * regions.
 *
 * @param rule proposes
 * @param plain of the images
 */
record ProposingCodec(ProposalRule rule, ImageCodec<Detections> plain) implements Codec<ImageInput, Detections> {

    /**
     * Encodes images and regions.
     *
     * @throws IllegalArgumentException if an image was brought to the model's size already
     */
    @Override
    public Encoded<Detections> encode(List<? extends ImageInput> inputs, Room room) {
        List<ImageInput> images = new ArrayList<>();
        List<Pixels> originals = new ArrayList<>();
        for (ImageInput input : inputs) {
            Pixels image = input.pixels(plain.images().channels());
            originals.add(image);
            images.add(ImageInput.of(image, input.name()));
        }
        List<List<Box>> boxes = originals.parallelStream().map(this::boxes).toList();
        int rows = boxes.stream().mapToInt(List::size).sum();
        float[] regions = new float[5 * rows];
        int at = 0;
        for (int n = 0; n < boxes.size(); n++) {
            for (Box box : boxes.get(n)) {
                regions[at] = n;
                regions[at + 1] = (float) box.x();
                regions[at + 2] = (float) box.y();
                regions[at + 3] = (float) (box.x() + box.width());
                regions[at + 4] = (float) (box.y() + box.height());
                at += 5;
            }
        }
        Encoded<Detections> encoded = plain.encode(images, room);
        Tensor given = room.tensor(regions, new Shape(rows, 5));
        return new Encoded<>(List.of(encoded.tensors().get(0), given), encoded.decoding());
    }

    /** In pixels of the model's image. */
    private List<Box> boxes(Pixels image) {
        Geometry geometry = plain.images().geometry(image.height(), image.width());
        return rule.boxes(image).stream().map(geometry::target).toList();
    }

    /** None: it is not frozen. */
    @Override
    public Optional<Shape> usualShape() {
        return Optional.empty();
    }
}
