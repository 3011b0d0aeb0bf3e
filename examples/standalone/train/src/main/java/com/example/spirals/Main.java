package com.example.spirals;

import djinn.tasks.Recipes;
import djinn.tasks.TrainingRun;
import djinn.training.TrainingEvent.Ended;
import djinn.training.TrainingEvent.EpochEnded;
import java.nio.file.Path;
import java.util.List;

/** Trains: {@code Main spirals.yaml runs}. */
public final class Main {

    private Main() {}

    /**
     * Runs the program.
     *
     * @param args the recipe, and the folder of all runs
     */
    public static void main(String[] args) {
        TrainingRun run = TrainingRun.start(
                Recipes.read(Path.of(args[0]), List.of()), Path.of(args[1]), "spirals", List.of(event -> {
                    if (event instanceof EpochEnded epoch) {
                        System.out.println("epoch " + (epoch.epoch() + 1) + " " + epoch.validation());
                    } else if (event instanceof Ended ended) {
                        System.out.println("best " + ended.validation().values());
                    }
                }));
        run.fit();
        System.out.println("weights in " + run.folder().best());
    }
}
