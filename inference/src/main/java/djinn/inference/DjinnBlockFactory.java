package djinn.inference;

import ai.djl.Model;
import ai.djl.nn.Block;
import ai.djl.nn.BlockFactory;
import djinn.ops.DataException;
import djinn.zoo.weights.Preference;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Makes the block of a run's weights for DJL, its values already in it: DJL's own way of loading them goes by position,
 * not by name. Named as {@code blockFactory} in {@code serving.properties}, beside {@code option.hasParameter=false}.
 */
public final class DjinnBlockFactory implements BlockFactory {

    private static final long serialVersionUID = 1L;

    /** The argument that names the file of the weights, if it is not {@code best.safetensors}. */
    static final String WEIGHTS = "weights";

    /** The argument that names the class of the {@link Answering} which reads the card, if it is no classifier's. */
    static final String ANSWERING = "answering";

    /**
     * Makes the block.
     *
     * @param model owns its parameters, and gets the model's card as properties
     * @param modelPath a folder with weights saved by Djinn
     * @param arguments {@code weights} may name the file, {@code answering} how models of the task answer
     * @throws DataException if the file is missing, damaged, or does not say what it is
     * @throws IllegalArgumentException if there is no such way to answer
     */
    @Override
    public Block newBlock(Model model, Path modelPath, Map<String, ?> arguments) {
        Object name = arguments.get(WEIGHTS);
        Path weights = modelPath.resolve(name == null ? "best.safetensors" : name.toString());
        Object answering = arguments.get(ANSWERING);
        Card card = answering == null ? classifier(weights) : card(answering.toString(), weights);
        card.toMetadata().forEach(model::setProperty);
        return LoadedModel.into(model.getNDManager(), weights, card, Preference.EMA);
    }

    private static ModelCard classifier(Path weights) {
        return ModelCard.find(weights)
                .orElseThrow(() -> new DataException(
                        weights + ": does not say which model it belongs to; expected weights saved by djinn"));
    }

    private static Card card(String answering, Path weights) {
        ModelFile file = ModelFile.of(weights, Optional.of(Engine.PYTORCH));
        try {
            return Class.forName(answering)
                    .asSubclass(Answering.class)
                    .getConstructor()
                    .newInstance()
                    .card(file.metadata(), weights);
        } catch (ReflectiveOperationException | ClassCastException e) {
            throw new IllegalArgumentException(
                    "expected the name of a class that says how models answer as " + ANSWERING + ", got " + answering,
                    e);
        }
    }
}
