package djinn.inference;

import ai.djl.modality.Classifications;
import ai.djl.modality.cv.Image;
import ai.djl.repository.zoo.Criteria;
import djinn.ops.AtomicFile;
import djinn.ops.DataException;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * Djinn's models as DJL loads them: by {@link Criteria}, and in DJL Serving.
 *
 * <p>The answers are those of an {@link ImageClassifier} that is not frozen, to the last bit. Djinn's jars must be on the
 * class path of whoever loads such a model; for ONNX files, {@code ai.djl.onnxruntime:onnxruntime-engine} too.
 */
public final class DjlServing {

    private static final String PROPERTIES = "serving.properties";

    private DjlServing() {}

    /**
     * Returns what DJL must be told to load the weights of a run.
     *
     * @param run its folder
     * @return criteria, ready for {@link Criteria#loadModel()}
     * @throws DataException if it is no run
     */
    public static Criteria<Image, Classifications> criteria(Path run) {
        Path weights = ModelFile.of(run, Optional.of(Engine.PYTORCH)).file();
        return criteria(weights, Image.class, Classifications.class)
                .optTranslatorFactory(new DjinnTranslatorFactory())
                .build();
    }

    /**
     * Returns what DJL must be told to load weights of any task.
     *
     * @param weights a safetensors file that Djinn wrote
     * @param answering reads its card; has a constructor without arguments
     * @param codec between images and what the model takes and makes
     * @param type what DJL answers
     * @param answer makes it of the codec's answers
     * @param <A> what the codec answers
     * @param <O> what DJL answers
     * @return criteria, ready for {@link Criteria#loadModel()}
     */
    public static <A, O> Criteria<Image, O> criteria(
            Path weights,
            Class<? extends Answering> answering,
            Codec<ImageInput, A> codec,
            Class<O> type,
            Function<A, O> answer) {
        CodecTranslator<Image, ImageInput, A, O> translator =
                new CodecTranslator<>(codec, image -> ImageInput.of(image, "the image"), answer);
        return criteria(weights, Image.class, type)
                .optArgument(DjinnBlockFactory.ANSWERING, answering.getName())
                .optTranslator(translator)
                .build();
    }

    /**
     * Returns what DJL must be told to load weights that answer texts.
     *
     * @param weights a safetensors file that Djinn wrote
     * @param answering reads its card; has a constructor without arguments
     * @param codec between texts and what the model takes and makes
     * @param type what DJL answers
     * @param answer makes it of the codec's answers
     * @param <A> what the codec answers
     * @param <O> what DJL answers
     * @return criteria, ready for {@link Criteria#loadModel()}
     */
    public static <A, O> Criteria<String, O> textCriteria(
            Path weights,
            Class<? extends Answering> answering,
            Codec<String, A> codec,
            Class<O> type,
            Function<A, O> answer) {
        return criteria(weights, String.class, type)
                .optArgument(DjinnBlockFactory.ANSWERING, answering.getName())
                .optTranslator(new CodecTranslator<>(codec, text -> text, answer))
                .build();
    }

    private static <I, O> Criteria.Builder<I, O> criteria(Path weights, Class<I> asked, Class<O> type) {
        Path file = weights.toAbsolutePath();
        return Criteria.builder()
                .setTypes(asked, type)
                .optModelPath(file.getParent())
                .optEngine("PyTorch")
                .optArgument("blockFactory", DjinnBlockFactory.class.getName())
                .optArgument(DjinnBlockFactory.WEIGHTS, file.getFileName().toString())
                .optOption("hasParameter", "false");
    }

    /**
     * Makes a folder that DJL Serving serves: the model and {@code serving.properties}.
     *
     * <p>From code, {@code Criteria.builder().setTypes(Image.class, Classifications.class).optModelPath(folder)
     * .optTranslatorFactory(new DjinnTranslatorFactory())} loads it.
     *
     * @param model the folder of a run, weights saved by Djinn, or an ONNX or TorchScript file that Djinn wrote
     * @param folder made if need be; may be the folder the model is in
     * @throws DataException if the model is missing, damaged or does not say what it is, or writing fails
     */
    public static void write(Path model, Path folder) {
        ModelFile file = ModelFile.of(model, Optional.empty());
        ModelCard card = file.classifierCard()
                .orElseThrow(() -> new DataException(
                        file.file() + ": does not say which model it belongs to; expected a file saved by djinn"));
        write(file, card, folder);
    }

    /**
     * Makes a folder that DJL Serving serves from a foreign ONNX file.
     *
     * @param onnx the file; what it needs beside it is copied too
     * @param card its classes and preprocessing
     * @param folder made if need be
     * @throws DataException if the file is missing or damaged, or writing fails
     */
    public static void write(Path onnx, ModelCard card, Path folder) {
        write(ModelFile.of(onnx, Optional.of(Engine.ONNX)), card, folder);
    }

    private static void write(ModelFile model, ModelCard card, Path folder) {
        Map<String, String> properties = new TreeMap<>();
        properties.put("translatorFactory", DjinnTranslatorFactory.class.getName());
        String name = model.file().getFileName().toString();
        try {
            Files.createDirectories(folder);
            copy(model.file(), folder.resolve(name));
            if (model.script()) {
                properties.put("engine", "PyTorch");
                properties.put("option.modelName", name);
                properties.putAll(card.toMetadata());
            } else if (model.engine() == Engine.PYTORCH) {
                properties.put("engine", "PyTorch");
                properties.put("blockFactory", DjinnBlockFactory.class.getName());
                properties.put(DjinnBlockFactory.WEIGHTS, name);
                properties.put("option.hasParameter", "false");
            } else {
                OnnxFile onnx = model.onnx();
                properties.put(DjinnTranslatorFactory.PROBABILITIES, Boolean.toString(onnx.probabilities()));
                properties.put(DjinnTranslatorFactory.PIXELS, Boolean.toString(onnx.pixels()));
                for (String external : onnx.external()) {
                    Path target = folder.resolve(external);
                    Files.createDirectories(target.toAbsolutePath().getParent());
                    copy(model.file().resolveSibling(external), target);
                }
                properties.put("engine", "OnnxRuntime");
                properties.put("option.modelName", name);
                properties.putAll(card.toMetadata());
            }
        } catch (IOException e) {
            throw new DataException("cannot write " + folder + ": " + AtomicFile.reason(e), e);
        }
        AtomicFile.writeText(folder.resolve(PROPERTIES), text(properties));
    }

    private static void copy(Path from, Path to) throws IOException {
        if (!Files.exists(to) || !Files.isSameFile(from, to)) {
            Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private static String text(Map<String, String> entries) throws DataException {
        StringBuilder lines = new StringBuilder();
        entries.forEach((key, value) -> {
            Properties one = new Properties();
            one.setProperty(key, value);
            StringWriter escaped = new StringWriter();
            try {
                one.store(escaped, null);
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
            // without the comment of the day it was written
            escaped.toString()
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .forEach(line -> lines.append(line).append('\n'));
        });
        return lines.toString();
    }
}
