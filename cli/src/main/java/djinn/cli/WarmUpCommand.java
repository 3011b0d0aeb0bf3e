package djinn.cli;

import ai.djl.ndarray.NDManager;
import djinn.data.Digits;
import djinn.inference.ImageClassifier;
import djinn.inference.ModelCard;
import djinn.ops.PyTorch;
import djinn.zoo.ModelEntry;
import djinn.zoo.Models;
import djinn.zoo.weights.Safetensors;
import djinn.zoo.weights.StateDict;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Loads the classes that most commands need, while the Java runtime writes down which: for the launcher's archive. */
@Command(name = "warm-up", hidden = true, description = "Load what most commands need; used when Djinn is built.")
final class WarmUpCommand implements Runnable {

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        spec.root().commandLine().execute("models", "--json");
        spec.root().commandLine().execute("models");
        try {
            Path weights = Files.createTempFile("djinn-warm-up", ".safetensors");
            try {
                predict(weights);
            } finally {
                Files.delete(weights);
            }
        } catch (IOException e) {
            // an archive of fewer classes is an archive too
        }
    }

    private static void predict(Path weights) throws IOException {
        ModelEntry entry = Models.named("nin_small");
        ModelCard card = ModelCard.usual(entry, Digits.splits().classes());
        try (NDManager manager = PyTorch.newManager()) {
            var model = card.newModel();
            model.initialize(manager);
            Safetensors.write(weights, StateDict.of(model), card.toMetadata());
        }
        ByteArrayOutputStream photo = new ByteArrayOutputStream();
        ImageIO.write(Digits.splits().validation().image(0, entry.channels()).toBufferedImage(), "jpg", photo);
        try (ImageClassifier classifier =
                ImageClassifier.open(weights, ImageClassifier.Settings.usual().withFrozen(false))) {
            classifier.predict(photo.toByteArray());
        }
    }
}
