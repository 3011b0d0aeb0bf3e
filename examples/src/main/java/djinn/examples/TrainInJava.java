package djinn.examples;

import djinn.tasks.Recipes;
import djinn.tasks.TrainingRun;
import djinn.training.TrainingEvent.EpochEnded;
import djinn.training.recipe.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Trains a small network on the digits that come with Djinn: {@code TrainInJava runs 20}. */
public final class TrainInJava {

    private TrainInJava() {}

    /**
     * Runs the example.
     *
     * @param args the folder of all runs, and how many epochs
     * @throws IOException if the recipe cannot be written
     */
    public static void main(String[] args) throws IOException {
        Path file = Files.writeString(Files.createTempFile("digits", ".yaml"), """
            model: {name: nin_small}
            data: {source: digits, size: 8, channels: 1}
            optimizer: {name: sgd, lr: 0.1, momentum: 0.9, nesterov: true, weight_decay: 5e-4}
            schedule: cosine
            train: {epochs: 20, batch_size: 64}
            """);
        Recipe recipe = Recipes.read(file, List.of("train.epochs=" + args[1]));
        TrainingRun run = TrainingRun.start(recipe, Path.of(args[0]), "digits", List.of(event -> {
            if (event instanceof EpochEnded epoch) {
                System.out.println("epoch " + (epoch.epoch() + 1) + " " + epoch.validation());
            }
        }));
        run.fit();
        System.out.println("the best weights are in " + run.folder().best());
    }
}
