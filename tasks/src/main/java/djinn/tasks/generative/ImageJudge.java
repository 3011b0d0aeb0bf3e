package djinn.tasks.generative;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import djinn.data.Preprocessing;
import djinn.inference.LoadedModel;
import djinn.inference.ModelCard;
import djinn.inference.ModelFile;
import djinn.ops.DataException;
import djinn.ops.Resize;
import djinn.ops.Scalars;
import djinn.tasks.images.PooledFeatures;
import djinn.zoo.nn.Backbone;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;
import djinn.zoo.weights.Preference;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A trained classifier that images are shown to: by its features made images are compared with real ones, by its classes
 * it is told what kinds of them there are. Figures of one classifier alone compare with each other.
 */
public final class ImageJudge {

    private final LoadedModel<ModelCard> model;
    private final Backbone backbone;

    private ImageJudge(LoadedModel<ModelCard> model, Backbone backbone) {
        this.model = model;
        this.backbone = backbone;
    }

    /**
     * Opens a classifier.
     *
     * @param path the folder of its run, or its weights
     * @return the classifier; its weights stay as long as it is reachable
     * @throws DataException if it is missing, damaged, of another task, or a model without features
     */
    public static ImageJudge open(Path path) {
        ModelFile file = ModelFile.of(path, Optional.empty());
        file.requireTask(ModelCard.CLASSIFICATION, "a classifier that judges images");
        ModelCard card = ModelCard.required(file.metadata(), file.file());
        LoadedModel<ModelCard> model = LoadedModel.open(file.file(), card, Preference.EMA);
        NamedBlock block = model.block();
        if (block instanceof Backbone backbone) {
            return new ImageJudge(model, backbone);
        }
        model.close();
        throw new DataException(path + ": expected a classifier that tells its features, got a " + card.model()
                + "; take another, such as cifar_resnet20");
    }

    /** Returns the number of features of an image. */
    public int features() {
        List<Backbone.FeatureMap> maps = backbone.featureMaps();
        return maps.get(maps.size() - 1).channels();
    }

    /** Returns the names of the classes. */
    public List<String> classes() {
        return model.card().classes();
    }

    /**
     * Judges images, without recording gradients if none are recorded.
     *
     * @param images (N, C, H, W), -1 to 1, on any device
     * @return the features (N, F), the mean over each of the last feature maps, and the probabilities of classes (N, K)
     */
    public NDList judge(NDArray images) {
        Pass pass = new Pass(new ParameterStore(images.getManager(), false), false);
        NDList maps =
                backbone.forwardFeatures(prepared(images.toDevice(model.block().device(), false)), pass);
        NDArray last = maps.get(maps.size() - 1);
        NDArray probabilities = backbone.forwardHead(last, pass).softmax(-1);
        return new NDList(PooledFeatures.of(last), probabilities);
    }

    /** As the classifier's own images are: in size, channels and scale. */
    private NDArray prepared(NDArray images) {
        Preprocessing own = model.card().preprocessing();
        NDArray x = Scalars.div(images.add(1), 2);
        long channels = x.getShape().get(1);
        if (channels != own.channels()) {
            x = channels == 1 ? x.concat(x, 1).concat(x, 1) : x.mean(new int[] {1}, true);
        }
        if (x.getShape().get(2) != own.height() || x.getShape().get(3) != own.width()) {
            x = Resize.bilinearAntialiased(x, own.height(), own.width());
        }
        return x.sub(row(x, own.mean())).div(row(x, own.std()));
    }

    private static NDArray row(NDArray like, List<Double> values) {
        float[] floats = new float[values.size()];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = values.get(i).floatValue();
        }
        return like.getManager().create(floats, new Shape(1, floats.length, 1, 1));
    }
}
