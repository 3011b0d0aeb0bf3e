package djinn.inference.text;

import ai.djl.Model;
import ai.djl.nn.Block;
import ai.djl.nn.BlockFactory;
import ai.djl.repository.zoo.Criteria;
import djinn.inference.ModelFile;
import djinn.ops.PyTorch;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * Makes blocks for DJL that answer texts with texts, the whole search or drawing inside: named as DJL's argument {@code
 * blockFactory}, beside the option {@code hasParameter=false} and a {@link TextTranslatorFactory}.
 *
 * <p>What is opened lives until DJL's model is closed, on the device that DJL's model is on.
 */
public abstract class TextBlockFactory implements BlockFactory {

    private static final long serialVersionUID = 1L;

    private static final String FILE = "weights";

    /**
     * Opens what answers.
     *
     * @param file the model's
     * @param arguments DJL's, among them what {@link #criteria} was given
     * @return what answers, to be closed
     * @throws djinn.ops.DataException if the file is damaged, or holds another kind of model
     * @throws IllegalArgumentException if an argument is missing, or of another kind than is expected
     */
    protected abstract TextAnswers open(ModelFile file, Map<String, ?> arguments);

    /**
     * Makes the block.
     *
     * @param model owns what is opened
     * @param modelPath the folder of a run, or one that has the file
     * @param arguments {@code weights} may name the file, within the folder
     * @throws djinn.ops.DataException if there is no such file, or it is damaged, or holds another kind of model
     */
    @Override
    public final Block newBlock(Model model, Path modelPath, Map<String, ?> arguments) {
        Object name = arguments.get(FILE);
        ModelFile file = ModelFile.of(name == null ? modelPath : modelPath.resolve(name.toString()), Optional.empty());
        try (PyTorch.Scope there = PyTorch.on(model.getNDManager().getDevice())) {
            TextAnswers answers = open(file, arguments);
            model.getNDManager().attachInternal(UUID.randomUUID().toString(), answers);
            return new TextBlock(answers);
        }
    }

    /**
     * Returns what DJL must be told to load a model.
     *
     * @param file the model's
     * @param factory opens it; has a constructor without arguments
     * @param arguments what it is told
     * @return criteria, ready for {@link Criteria#loadModel()}
     */
    public static Criteria<String, String> criteria(
            ModelFile file, Class<? extends TextBlockFactory> factory, Map<String, ?> arguments) {
        Path path = file.file().toAbsolutePath();
        Criteria.Builder<String, String> builder = Criteria.builder()
                .setTypes(String.class, String.class)
                .optModelPath(path.getParent())
                .optEngine("PyTorch")
                .optArgument("blockFactory", factory.getName())
                .optArgument(FILE, path.getFileName().toString())
                .optOption("hasParameter", "false")
                .optTranslatorFactory(new TextTranslatorFactory());
        arguments.forEach(builder::optArgument);
        return builder.build();
    }
}
