package djinn.predict.detection;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import djinn.inference.Codec;
import djinn.inference.ImageCodec;
import djinn.inference.ImageInput;
import djinn.inference.Tensor;
import djinn.ops.BoxSelection;
import djinn.ops.SelectedBox;
import djinn.ops.WeightedBoxesFusion;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Looks at images and at their mirror images, and puts the boxes of both together by weighted boxes fusion: a box that one
 * of the two shows alone is half as sure.
 *
 * <p>Of each look boxes of scores above half the threshold are taken, and fused ones above the threshold are told; of a file
 * that selects boxes itself those that it tells.
 *
 * @param reading what is told
 * @param plain of one look
 * @param source where the model came from, for messages
 */
record MirroredCodec(DetectionReading reading, ImageCodec<Detections> plain, String source)
        implements Codec<ImageInput, Detections> {

    @Override
    public Encoded<Detections> encode(List<? extends ImageInput> inputs, Room room) {
        return plain.encode(inputs, room);
    }

    @Override
    public Optional<Shape> usualShape() {
        return plain.usualShape();
    }

    @Override
    public List<Detections> answer(List<? extends ImageInput> inputs, Room room, UnaryOperator<List<Tensor>> model) {
        BoxSelection told = reading.selection();
        DetectionReading wide = new DetectionReading(
                reading.card(), told.withScoreThreshold(told.scoreThreshold() / 2), reading.labels());
        List<ImageCodec.Asked> asked = new ArrayList<>();
        ImageCodec<List<SelectedBox>> looks =
                new ImageCodec<>(plain.images(), plain.takesPixels(), (outputs, images) -> {
                    asked.addAll(images);
                    return wide.boxes(outputs, images, source);
                });
        Encoded<List<SelectedBox>> once = looks.encode(inputs, room);
        Tensor images = once.tensors().get(0);
        List<List<SelectedBox>> straight = once.decoding().apply(model.apply(List.of(images)));
        List<List<SelectedBox>> turned = wide.boxes(model.apply(List.of(mirrored(images, room))), asked, source);
        WeightedBoxesFusion fusion = new WeightedBoxesFusion(WeightedBoxesFusion.USUAL.iouThreshold(), 0);
        List<List<SelectedBox>> fused = new ArrayList<>();
        for (int n = 0; n < asked.size(); n++) {
            fused.add(fusion
                    .fuse(List.of(
                            straight.get(n),
                            turned.get(n).stream().map(this::back).toList()))
                    .stream()
                    .filter(box -> box.score() > told.scoreThreshold())
                    .limit(told.most())
                    .toList());
        }
        return reading.answers(fused, asked);
    }

    /** A box of a mirror image, in the image. */
    private SelectedBox back(SelectedBox box) {
        float width = plain.images().width();
        return new SelectedBox(box.label(), box.score(), width - box.x2(), box.y1(), width - box.x1(), box.y2());
    }

    /** The images the other way round: (N, C, H, W), or of bytes (N, H, W, C). */
    private Tensor mirrored(Tensor images, Codec.Room room) {
        int width = plain.images().width();
        int bytesOfOne = plain.takesPixels() ? plain.images().channels() : DataType.FLOAT32.getNumOfBytes();
        ByteBuffer from = images.bytes().duplicate();
        byte[] all = new byte[from.remaining()];
        from.get(all);
        byte[] turned = new byte[all.length];
        int row = width * bytesOfOne;
        for (int at = 0; at < all.length; at += bytesOfOne) {
            int x = at % row / bytesOfOne;
            System.arraycopy(all, at, turned, at / row * row + (width - 1 - x) * bytesOfOne, bytesOfOne);
        }
        ByteBuffer bytes = room.bytes(turned.length);
        bytes.put(turned).flip();
        return new Tensor(bytes, images.shape(), images.type());
    }
}
