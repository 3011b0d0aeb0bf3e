package djinn.inference;

import ai.djl.modality.cv.Image;
import ai.djl.ndarray.NDList;
import ai.djl.translate.NoBatchifyTranslator;
import ai.djl.translate.TranslatorContext;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.function.Function;

/**
 * DJL's images to what a model takes, and what it makes of them to DJL's answers, one image at a time.
 *
 * @param codec of the model
 * @param answer makes DJL's of the codec's
 * @param <A> what the codec answers
 * @param <O> what DJL has in its place
 */
record CodecTranslator<A, O>(Codec<ImageInput, A> codec, Function<A, O> answer)
        implements NoBatchifyTranslator<Image, O> {

    private static final String DECODING = "decoding";

    @Override
    public NDList processInput(TranslatorContext ctx, Image input) {
        Codec.Encoded<A> encoded = codec.encode(
                List.of(ImageInput.of(input, "the image")),
                size -> ByteBuffer.allocateDirect(size).order(ByteOrder.nativeOrder()));
        ctx.setAttachment(DECODING, encoded.decoding());
        NDList arrays = new NDList();
        encoded.tensors().forEach(tensor -> arrays.add(tensor.toArray(ctx.getNDManager())));
        return arrays;
    }

    @Override
    @SuppressWarnings("unchecked")
    public O processOutput(TranslatorContext ctx, NDList list) {
        Function<List<Tensor>, List<A>> decoding = (Function<List<Tensor>, List<A>>) ctx.getAttachment(DECODING);
        return answer.apply(
                decoding.apply(list.stream().map(Tensor::of).toList()).get(0));
    }
}
