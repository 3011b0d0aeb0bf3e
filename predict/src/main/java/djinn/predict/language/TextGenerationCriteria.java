package djinn.predict.language;

import ai.djl.repository.zoo.Criteria;
import djinn.inference.ModelFile;
import djinn.inference.text.TextBlockFactory;
import djinn.ops.DataException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * A trained language model as DJL loads it: prompts to the texts that go on with them, which are those of a {@link
 * TextGenerator}, without the prompts.
 *
 * <p>Any number of threads may share DJL's model, each with a predictor of its own. Closing the model waits for the texts
 * under way.
 */
public final class TextGenerationCriteria {

    private TextGenerationCriteria() {}

    /**
     * Returns what DJL must be told to load a language model.
     *
     * @param model the folder of a run, or a safetensors, ONNX or TorchScript file of it
     * @param generation how texts are gone on with
     * @return criteria, ready for {@link Criteria#loadModel()}
     * @throws DataException if the file is missing or damaged, or holds no language model
     */
    public static Criteria<String, String> of(Path model, Generation generation) {
        ModelFile file = ModelFile.of(model, Optional.empty());
        // a wrong file is told of here and not by DJL
        LanguageModelCard.fromMetadata(file.metadata(), file.file());
        return TextBlockFactory.criteria(
                file, GeneratorBlockFactory.class, Map.of(GeneratorBlockFactory.GENERATION, generation));
    }
}
