package djinn.inference.text;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.translate.Batchifier;
import ai.djl.translate.TranslateException;
import ai.djl.translate.Translator;
import ai.djl.translate.TranslatorContext;
import ai.djl.translate.TranslatorFactory;
import ai.djl.util.Pair;
import java.io.Serializable;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;

/**
 * Lets DJL's predictors ask the blocks of a {@link TextBlockFactory}: texts to texts. Those of one call of {@code
 * batchPredict} are answered together.
 */
public final class TextTranslatorFactory implements TranslatorFactory, Serializable {

    private static final long serialVersionUID = 1L;

    @Override
    public Set<Pair<Type, Type>> getSupportedTypes() {
        return Set.of(new Pair<>(String.class, String.class));
    }

    @Override
    @SuppressWarnings("unchecked")
    public <I, O> Translator<I, O> newInstance(Class<I> input, Class<O> output, Model model, Map<String, ?> arguments)
            throws TranslateException {
        if (!isSupported(input, output)) {
            throw new TranslateException(
                    "expected String and String, got " + input.getName() + " and " + output.getName());
        }
        return (Translator<I, O>) new Texts();
    }

    /** Texts to their bytes, and back. */
    private static final class Texts implements Translator<String, String> {

        @Override
        public NDList processInput(TranslatorContext ctx, String text) {
            return new NDList(TextBlock.array(text, ctx.getNDManager()));
        }

        @Override
        public String processOutput(TranslatorContext ctx, NDList answer) {
            return TextBlock.text(answer.singletonOrThrow());
        }

        @Override
        public Batchifier getBatchifier() {
            return new SideBySide();
        }
    }

    /** Arrays of any lengths, one beside the other: a batch of texts is not stacked. */
    private static final class SideBySide implements Batchifier {

        private static final long serialVersionUID = 1L;

        @Override
        public NDList batchify(NDList[] inputs) {
            return new NDList(
                    Arrays.stream(inputs).map(NDList::singletonOrThrow).toArray(NDArray[]::new));
        }

        @Override
        public NDList[] unbatchify(NDList inputs) {
            return inputs.stream().map(NDList::new).toArray(NDList[]::new);
        }
    }
}
