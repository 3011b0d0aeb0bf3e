package djinn.inference;

import ai.djl.Model;
import ai.djl.modality.Classifications;
import ai.djl.modality.Input;
import ai.djl.modality.Output;
import ai.djl.modality.cv.Image;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.translate.Batchifier;
import ai.djl.translate.TranslateException;
import ai.djl.translate.Translator;
import ai.djl.translate.TranslatorContext;
import ai.djl.translate.TranslatorFactory;
import ai.djl.util.Pair;
import djinn.data.Pixels;
import djinn.data.Preprocessing;
import java.io.Serializable;
import java.lang.reflect.Type;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Lets DJL's predictors and DJL Serving treat images exactly as {@link ImageClassifier} does, on any engine.
 *
 * <p>What is done the model's card says: its properties, as {@link DjinnBlockFactory} and {@code serving.properties} set
 * them, or the metadata of an ONNX file. Takes DJL images and paths to {@link Classifications}, and DJL Serving's inputs,
 * the contents of an image file, to JSON.
 */
public final class DjinnTranslatorFactory implements TranslatorFactory, Serializable {

    /** The property that says whether the model answers probabilities, and not logits. */
    static final String PROBABILITIES = "djinn.probabilities";

    /** The property that says whether the model takes images of bytes. */
    static final String PIXELS = "djinn.pixels";

    private static final long serialVersionUID = 1L;

    @Override
    public Set<Pair<Type, Type>> getSupportedTypes() {
        Set<Pair<Type, Type>> types = new LinkedHashSet<>();
        types.add(new Pair<>(Image.class, Classifications.class));
        types.add(new Pair<>(Path.class, Classifications.class));
        types.add(new Pair<>(Input.class, Output.class));
        return types;
    }

    @Override
    @SuppressWarnings("unchecked")
    public <I, O> Translator<I, O> newInstance(Class<I> input, Class<O> output, Model model, Map<String, ?> arguments)
            throws TranslateException {
        if (!isSupported(input, output)) {
            throw new TranslateException(
                    "expected one of " + getSupportedTypes() + ", got " + input + " and " + output);
        }
        ModelCard card = card(model);
        boolean probabilities = Boolean.parseBoolean(model.getProperty(PROBABILITIES));
        boolean pixels = Boolean.parseBoolean(model.getProperty(PIXELS));
        return (Translator<I, O>)
                (input == Input.class
                        ? new Serving(card, probabilities, pixels)
                        : new ImageTranslator<>(card, probabilities, pixels));
    }

    private static ModelCard card(Model model) throws TranslateException {
        Map<String, String> metadata = new HashMap<>(model.getBlock().getCustomMetadata());
        for (String key : List.of("djinn.model", "djinn.classes", "djinn.preprocessing")) {
            String property = model.getProperty(key);
            if (property != null) {
                metadata.put(key, property);
            }
        }
        return ModelCard.fromMetadata(metadata, model.getModelPath())
                .orElseThrow(() -> new TranslateException(model.getModelPath()
                        + ": does not say which classes and preprocessing it has; expected a model saved by djinn"));
    }

    private abstract static class Preprocessed<I, O> implements Translator<I, O> {

        private final ModelCard card;
        private final boolean areProbabilities;
        private final boolean takesPixels;

        Preprocessed(ModelCard card, boolean areProbabilities, boolean takesPixels) {
            this.card = card;
            this.areProbabilities = areProbabilities;
            this.takesPixels = takesPixels;
        }

        abstract Object imageOf(I input) throws TranslateException;

        abstract O answer(Classifications classes);

        @Override
        public final Batchifier getBatchifier() {
            return Batchifier.STACK;
        }

        @Override
        public final NDList processInput(TranslatorContext ctx, I input) throws TranslateException {
            return arrays(ctx, List.of(input), one());
        }

        @Override
        public final NDList batchProcessInput(TranslatorContext ctx, List<I> inputs) throws TranslateException {
            return arrays(ctx, inputs, new Shape(inputs.size()).addAll(one()));
        }

        @Override
        public final O processOutput(TranslatorContext ctx, NDList list) {
            return answers(list, 1).get(0);
        }

        @Override
        public final List<O> batchProcessOutput(TranslatorContext ctx, NDList list) {
            return answers(list, Math.toIntExact(list.get(0).getShape().get(0)));
        }

        private Preprocessing images() {
            return card.preprocessing();
        }

        private Shape one() {
            Preprocessing images = images();
            return takesPixels
                    ? new Shape(images.height(), images.width(), images.channels())
                    : new Shape(images.channels(), images.height(), images.width());
        }

        /** One array of all images: stacking them is more than ONNX Runtime's arrays can do. */
        private NDList arrays(TranslatorContext ctx, List<I> inputs, Shape shape) throws TranslateException {
            int size = Math.toIntExact(shape.size());
            ByteBuffer bytes = ByteBuffer.allocate(takesPixels ? size : 0);
            FloatBuffer floats = FloatBuffer.allocate(takesPixels ? 0 : size);
            for (I input : inputs) {
                Pixels image = images().fit(DjlImages.read(imageOf(input), "the image", images().channels()));
                if (takesPixels) {
                    bytes.put(image.values());
                } else {
                    images().normalise(image, floats);
                }
            }
            return new NDList(
                    takesPixels
                            ? ctx.getNDManager().create(bytes.flip(), shape, DataType.UINT8)
                            : ctx.getNDManager().create(floats.flip(), shape, DataType.FLOAT32));
        }

        private List<O> answers(NDList list, int count) {
            List<String> classes = card.classes();
            FloatBuffer values = Tensor.of(list.get(0)).floats();
            List<O> answers = new ArrayList<>(count);
            for (int n = 0; n < count; n++) {
                double[] probabilities =
                        Classification.probabilities(values, n * classes.size(), classes.size(), areProbabilities);
                answers.add(answer(new Classifications(
                        classes, Arrays.stream(probabilities).boxed().toList())));
            }
            return answers;
        }
    }

    private static final class ImageTranslator<I> extends Preprocessed<I, Classifications> {

        ImageTranslator(ModelCard card, boolean areProbabilities, boolean takesPixels) {
            super(card, areProbabilities, takesPixels);
        }

        @Override
        Object imageOf(I input) {
            return input;
        }

        @Override
        Classifications answer(Classifications classes) {
            return classes;
        }
    }

    private static final class Serving extends Preprocessed<Input, Output> {

        Serving(ModelCard card, boolean areProbabilities, boolean takesPixels) {
            super(card, areProbabilities, takesPixels);
        }

        @Override
        Object imageOf(Input input) throws TranslateException {
            if (input.getData() == null) {
                throw new TranslateException("expected the contents of an image file, got nothing");
            }
            return input.getData().getAsBytes();
        }

        @Override
        Output answer(Classifications classes) {
            Output output = new Output();
            output.addProperty("Content-Type", "application/json");
            output.add(classes);
            return output;
        }
    }
}
