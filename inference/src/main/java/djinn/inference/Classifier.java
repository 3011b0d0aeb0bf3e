package djinn.inference;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import djinn.data.Pixels;
import djinn.data.TestTimeAugmentation;
import djinn.ops.Autograd;
import djinn.ops.DataException;
import djinn.ops.MemoryFormat;
import djinn.ops.Nearest;
import djinn.ops.PyTorch;
import djinn.zoo.ModelWeights;
import djinn.zoo.Models;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.Pass;
import djinn.zoo.weights.Preference;
import djinn.zoo.weights.StateDict;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** A trained classifier: images in, classes with probabilities out. */
public final class Classifier implements AutoCloseable {

    private final ModelCard card;
    private final NDManager manager;
    private final ArrayBlock model;
    private final ModelWeights.Loaded loaded;

    /**
     * A class and how likely it is.
     *
     * @param label the class's name
     * @param probability from 0 to 1
     */
    public record Score(String label, double probability) {}

    /** Takes a model over, with the manager it is initialised on. */
    public Classifier(ModelCard card, NDManager manager, ArrayBlock model) {
        this(card, manager, model, new ModelWeights.Loaded(List.of(), List.of()));
    }

    private Classifier(ModelCard card, NDManager manager, ArrayBlock model, ModelWeights.Loaded loaded) {
        this.card = card;
        this.manager = manager;
        this.model = model;
        this.loaded = loaded;
    }

    /**
     * Opens weights that a run saved.
     *
     * @param weights a safetensors file
     * @return the classifier, to be closed
     * @throws DataException if the file is missing, damaged, or not a classifier of Djinn's
     */
    public static Classifier open(Path weights) {
        if (!Files.exists(weights)) {
            throw new DataException(weights + ": there is no such run folder or file" + Nearest.suggestion(weights));
        }
        ModelCard card = ModelCard.find(weights)
                .orElseThrow(() -> new DataException(weights
                        + ": does not say which model, classes and preprocessing it belongs to; expected weights saved"
                        + " by djinn"));
        return open(weights, card);
    }

    /**
     * Opens weights under a card of one's own.
     *
     * @param weights a safetensors file or a PyTorch state dict
     * @param card which model, classes and preprocessing they belong to
     * @return the classifier, to be closed
     * @throws DataException if the file is missing, damaged, or does not fit the model
     */
    public static Classifier open(Path weights, ModelCard card) {
        return open(weights, card, Preference.EMA);
    }

    /**
     * Opens weights under a card of one's own.
     *
     * @param weights a safetensors file or a PyTorch state dict
     * @param card which model, classes and preprocessing they belong to
     * @param preference which weights are taken where there are averaged and plain ones
     * @return the classifier, to be closed
     * @throws DataException if the file is missing, damaged, or does not fit the model
     */
    public static Classifier open(Path weights, ModelCard card, Preference preference) {
        ArrayBlock model = card.newModel();
        NDManager manager = PyTorch.newManager();
        try {
            model.initialize(manager);
            ModelWeights.Loaded loaded =
                    ModelWeights.load(weights, Models.named(card.model()), model, ModelWeights.Use.PREDICT, preference);
            MemoryFormat.CHANNELS_LAST.convert(new NDList(StateDict.of(model).values()));
            return new Classifier(card, manager, model, loaded);
        } catch (RuntimeException e) {
            manager.close();
            throw e;
        }
    }

    /** Returns which model this is, its classes and its preprocessing. */
    public ModelCard card() {
        return card;
    }

    /** Returns the model, which belongs to the classifier. */
    public ArrayBlock model() {
        return model;
    }

    /** Returns what was taken off names, chosen and left out when the weights were loaded, a line each. */
    public List<String> notes() {
        return loaded.notes();
    }

    /** Returns the model's arrays by name, but for those that the file of the weights had not. */
    public Map<String, NDArray> state() {
        Map<String, NDArray> state = StateDict.of(model);
        loaded.untouched().forEach(state::remove);
        return state;
    }

    /**
     * Classifies images.
     *
     * @param images any size and channels
     * @return for each image all classes, the likeliest first
     */
    public List<List<Score>> classify(List<Pixels> images) {
        return classify(images, TestTimeAugmentation.NONE);
    }

    /**
     * Classifies images by the mean probabilities of several views of each.
     *
     * @param images any size and channels
     * @param tta which views
     * @return for each image all classes, the likeliest first
     */
    public List<List<Score>> classify(List<Pixels> images, TestTimeAugmentation tta) {
        int classes = card.classes().size();
        float[] probabilities = probabilities(images, tta);
        List<List<Score>> answers = new ArrayList<>();
        for (int n = 0; n < images.size(); n++) {
            int row = n * classes;
            answers.add(IntStream.range(0, classes)
                    .mapToObj(c -> new Score(card.classes().get(c), probabilities[row + c]))
                    .sorted(Comparator.comparingDouble(Score::probability).reversed())
                    .toList());
        }
        return answers;
    }

    /** Returns the mean probabilities over the views, (N, K) row by row. */
    public float[] probabilities(List<Pixels> images, TestTimeAugmentation tta) {
        List<List<Pixels>> views = images.stream()
                .map(image -> tta.views(image, card.preprocessing()))
                .toList();
        int count = views.get(0).size();
        Pass pass = new Pass(new ParameterStore(manager, false), false);
        try (NDManager owner = manager.newSubManager();
                Autograd.Scope off = Autograd.withoutGradients()) {
            NDArray sum = null;
            for (int v = 0; v < count; v++) {
                int view = v;
                List<Pixels> batch = views.stream().map(all -> all.get(view)).toList();
                NDArray probabilities = model.forward(batch(batch, owner), pass).softmax(1);
                sum = sum == null ? probabilities : sum.addi(probabilities);
            }
            return sum.divi(count).toFloatArray();
        }
    }

    /** Normalises views, which have the model's size. */
    private NDArray batch(List<Pixels> images, NDManager owner) {
        var shape = card.preprocessing();
        long values = (long) images.size() * shape.channels() * shape.height() * shape.width();
        ByteBuffer bytes =
                ByteBuffer.allocateDirect(Math.toIntExact(values * Float.BYTES)).order(ByteOrder.nativeOrder());
        FloatBuffer floats = bytes.asFloatBuffer();
        images.forEach(image -> shape.normalise(image, floats));
        Shape extents = new Shape(images.size(), shape.channels(), shape.height(), shape.width());
        return owner.create(bytes, extents, DataType.FLOAT32);
    }

    @Override
    public void close() {
        manager.close();
    }
}
