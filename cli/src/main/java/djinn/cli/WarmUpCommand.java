package djinn.cli;

import ai.djl.ndarray.NDManager;
import djinn.data.Digits;
import djinn.inference.ImageClassifier;
import djinn.inference.ModelCard;
import djinn.ops.PyTorch;
import djinn.training.run.RunFolder;
import djinn.zoo.ModelEntry;
import djinn.zoo.Models;
import djinn.zoo.weights.Safetensors;
import djinn.zoo.weights.StateDict;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Loads the classes that most commands need, while the Java runtime writes down which: for the launcher's archive. */
@Command(name = "warm-up", hidden = true, description = "Load what most commands need; used when Djinn is built.")
final class WarmUpCommand implements Runnable {

    private static final String WEIGHTS = "weights.safetensors";
    private static final String RUN = "run";

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        execute("--help");
        execute("models", "--json");
        execute("models");
        try {
            Path folder = Files.createTempDirectory("djinn-warm-up");
            try {
                train(folder);
                predict(folder.resolve(WEIGHTS));
            } finally {
                new RunFolder(folder).remove();
            }
        } catch (IOException e) {
            // an archive of fewer classes is an archive too
        }
    }

    private void execute(Object... words) {
        spec.root().commandLine().execute(Stream.of(words).map(Object::toString).toArray(String[]::new));
    }

    /** A training of two batches, and what is asked of a run. */
    private void train(Path folder) {
        execute(
                "train",
                "nin_digits",
                "--runs",
                folder,
                "--name",
                RUN,
                "--set",
                "train.epochs=1",
                "--set",
                "train.limit_train_batches=2",
                "--set",
                "train.limit_val_batches=1");
        execute("val", folder.resolve(RUN));
        execute("report", folder.resolve(RUN));
        execute("runs", folder);
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
