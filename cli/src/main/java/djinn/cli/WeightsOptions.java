package djinn.cli;

import djinn.ops.DataException;
import djinn.training.Classifier;
import djinn.training.ModelCard;
import djinn.training.data.Preprocessing;
import djinn.zoo.Models;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import picocli.CommandLine.Option;

/** Weights given by their file: which model, classes and preprocessing they belong to, unless the file itself says so. */
final class WeightsOptions {

    @Option(names = "--model", description = "The architecture the weights belong to; 'djinn models' lists them.")
    private String model;

    @Option(names = "--weights", paramLabel = "FILE", description = "A safetensors file or a PyTorch state dict.")
    private Path weights;

    @Option(names = "--classes", paramLabel = "FILE", description = "The classes' names, one per line.")
    private Path classes;

    @Option(names = "--size", description = "Height and width the model gets; its own if left out.")
    private Integer size;

    @Option(names = "--crop", description = "The share of the resized image that is cut out, such as 0.875.")
    private Double crop;

    @Option(names = "--mean", split = ",", description = "Taken off each channel, of values from 0 to 1.")
    private List<Double> mean;

    @Option(names = "--std", split = ",", description = "Divides each channel.")
    private List<Double> std;

    boolean given() {
        return weights != null;
    }

    boolean incomplete() {
        return weights == null && (model != null || classes != null);
    }

    /** Opens the weights; the classes are asked for only if neither a file nor the weights name them. */
    Classifier open(Supplier<List<String>> otherClasses) {
        Optional<ModelCard> own = ModelCard.find(weights);
        if (model == null && own.isEmpty()) {
            throw new DataException(
                    weights + ": does not say which model it belongs to; expected weights saved by djinn, or --model");
        }
        ModelCard card = own.map(found -> model == null ? found : found.requireModel(model, weights))
                .orElseGet(() ->
                        ModelCard.usual(Models.named(model), classes == null ? otherClasses.get() : lines(classes)));
        List<String> names = classes == null ? card.classes() : lines(classes);
        return Classifier.open(weights, new ModelCard(card.model(), names, preprocessing(card.preprocessing())));
    }

    private Preprocessing preprocessing(Preprocessing usual) {
        return new Preprocessing(
                size == null ? usual.height() : size,
                size == null ? usual.width() : size,
                usual.channels(),
                mean == null ? usual.mean() : mean,
                std == null ? usual.std() : std,
                usual.fit(),
                crop == null ? usual.cropFraction() : crop);
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file).stream()
                    .map(String::strip)
                    .filter(line -> !line.isEmpty())
                    .toList();
        } catch (IOException e) {
            throw new DataException(file + ": cannot be read as a list of classes: " + e.getMessage(), e);
        }
    }
}
