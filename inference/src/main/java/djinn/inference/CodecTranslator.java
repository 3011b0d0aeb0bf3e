package djinn.inference;

import ai.djl.ndarray.NDList;
import ai.djl.translate.NoBatchifyTranslator;
import ai.djl.translate.TranslatorContext;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.function.Function;

/**
 * What DJL is asked about to what a model takes, and what it makes of that to DJL's answers, one at a time.
 *
 * @param codec of the model
 * @param input makes the codec's input of DJL's
 * @param answer makes DJL's of the codec's
 * @param <I> what DJL is asked about
 * @param <C> what the codec is
 * @param <A> what the codec answers
 * @param <O> what DJL has in its place
 */
record CodecTranslator<I, C, A, O>(Codec<C, A> codec, Function<I, C> input, Function<A, O> answer)
        implements NoBatchifyTranslator<I, O> {

    private static final String DECODING = "decoding";

    @Override
    public NDList processInput(TranslatorContext ctx, I asked) {
        Codec.Encoded<A> encoded = codec.encode(
                List.of(input.apply(asked)),
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
