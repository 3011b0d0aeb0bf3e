package djinn.inference;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import djinn.ops.DataException;
import djinn.ops.MemoryFormat;
import djinn.ops.Nearest;
import djinn.ops.PyTorch;
import djinn.zoo.ModelEntry;
import djinn.zoo.ModelWeights;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.weights.Preference;
import djinn.zoo.weights.StateDict;
import djinn.zoo.weights.WeightFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A block with the weights of a file in it, on the PyTorch engine: what is validated, exported and predicted with.
 *
 * @param <C> what says which model it is
 */
public final class LoadedModel<C extends Card> implements AutoCloseable {

    private final String source;
    private final C card;
    private final NDManager manager;
    private final NamedBlock block;
    private final ModelWeights.Loaded loaded;

    private LoadedModel(String source, C card, NDManager manager, NamedBlock block, ModelWeights.Loaded loaded) {
        this.source = source;
        this.card = card;
        this.manager = manager;
        this.block = block;
        this.loaded = loaded;
    }

    /**
     * Loads weights.
     *
     * @param <C> what says which model it is
     * @param weights a safetensors file or a PyTorch state dict
     * @param card which model they belong to
     * @param preference which weights are taken where there are averaged and plain ones
     * @return the model, to be closed
     * @throws DataException if the file is missing or damaged, or does not fit the model
     */
    public static <C extends Card> LoadedModel<C> open(Path weights, C card, Preference preference) {
        requireExists(weights);
        try (NDManager reading = PyTorch.newManager()) {
            return open(WeightFile.read(weights, reading, preference), card);
        }
    }

    /** Puts weights that are read into a model. */
    static <C extends Card> LoadedModel<C> open(WeightFile weights, C card) {
        NDManager manager = PyTorch.newManager();
        try {
            NamedBlock block = card.newModel();
            block.initialize(manager);
            return new LoadedModel<>(weights.file().toString(), card, manager, block, load(weights, card, block));
        } catch (RuntimeException e) {
            manager.close();
            throw e;
        }
    }

    /**
     * Loads weights into a block whose arrays somebody else owns, and which is only asked.
     *
     * @param manager owns the arrays
     * @param weights a safetensors file or a PyTorch state dict
     * @param card which model they belong to
     * @param preference which weights are taken where there are averaged and plain ones
     * @return the block
     * @throws DataException if the file is missing or damaged, or does not fit the model
     */
    public static NamedBlock into(NDManager manager, Path weights, Card card, Preference preference) {
        NamedBlock block = card.newModel();
        block.initialize(manager);
        try (NDManager reading = PyTorch.newManager()) {
            load(WeightFile.read(weights, reading, preference), card, block);
        }
        BlockBackend.freeze(block);
        return block;
    }

    /**
     * Takes a block over that has its weights already.
     *
     * @param <C> what says which model it is
     * @param card which model it is
     * @param manager owns the block's arrays; closed with the model
     * @param block an initialised block
     */
    public static <C extends Card> LoadedModel<C> of(C card, NDManager manager, NamedBlock block) {
        return of(card, manager, block, "the model", List.of());
    }

    /**
     * Takes a block over that has its weights already.
     *
     * @param <C> what says which model it is
     * @param card which model it is
     * @param manager owns the block's arrays; closed with the model
     * @param block an initialised block
     * @param source where the weights came from, for messages
     * @param notes what was done to load them, a line each
     */
    public static <C extends Card> LoadedModel<C> of(
            C card, NDManager manager, NamedBlock block, String source, List<String> notes) {
        return new LoadedModel<>(source, card, manager, block, new ModelWeights.Loaded(notes, List.of()));
    }

    /** Puts weights into an initialised block: those of the zoo may have other names, of others not. */
    private static ModelWeights.Loaded load(WeightFile weights, Card card, NamedBlock block) {
        Optional<ModelEntry> entry = card.entry();
        if (entry.isPresent()) {
            return ModelWeights.load(weights, entry.get(), block, ModelWeights.Use.PREDICT);
        }
        StateDict.load(block, weights.arrays(), weights.file().toString());
        return new ModelWeights.Loaded(weights.notes(), List.of());
    }

    /**
     * Refuses a file that is not there.
     *
     * @throws DataException if it is not; the message has the nearest name
     */
    public static void requireExists(Path weights) {
        if (!Files.exists(weights)) {
            throw new DataException(weights + ": there is no such run folder or file" + Nearest.suggestion(weights));
        }
    }

    /** Returns which model this is. */
    public C card() {
        return card;
    }

    /** Returns where the weights came from, for messages. */
    public String source() {
        return source;
    }

    /** Returns the block, which belongs to this. */
    public NamedBlock block() {
        return block;
    }

    /** Returns what was taken off names, chosen and left out when the weights were loaded, a line each. */
    public List<String> notes() {
        return loaded.notes();
    }

    /** Returns the block's arrays by name, but for those that the file of the weights had not. */
    public Map<String, NDArray> state() {
        Map<String, NDArray> state = StateDict.of(block);
        loaded.untouched().forEach(state::remove);
        return state;
    }

    /**
     * Lays the weights out as convolutions on batches of images take them most quickly.
     *
     * @return this model
     */
    public LoadedModel<C> channelsLast() {
        MemoryFormat.CHANNELS_LAST.convert(new NDList(StateDict.of(block).values()));
        return this;
    }

    /** Frees the weights. */
    @Override
    public void close() {
        manager.close();
    }
}
