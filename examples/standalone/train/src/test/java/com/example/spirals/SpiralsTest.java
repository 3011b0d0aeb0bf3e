package com.example.spirals;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import djinn.metrics.Metrics;
import djinn.ops.PyTorch;
import djinn.tasks.Recipes;
import djinn.tasks.TrainedRun;
import djinn.tasks.TrainingRun;
import djinn.training.recipe.Recipe;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpiralsTest {

    @TempDir
    Path folder;

    @Test
    void theSpiralsAreToldApart() {
        Recipe recipe = Recipes.read(Path.of("spirals.yaml"), List.of());
        TrainingRun run = TrainingRun.start(recipe, folder, "spirals", List.of());
        run.fit();
        try (TrainedRun trained = TrainedRun.open(run.folder(), List.of());
                Metrics measured = trained.validate()) {
            assertTrue(measured.values().get("accuracy") > 0.98, () -> measured.values().toString());
        }
    }

    /** Scores 2, 0.5 and -1 of targets 1, 1 and 1: nothing, a half and two are missing. */
    @Test
    void theLossIsTheSquareOfWhatIsMissing() {
        try (NDManager manager = PyTorch.newManager()) {
            float loss = new SquaredHinge(1)
                    .apply(manager.create(new float[] {2, 0.5f, -1}), manager.create(new float[] {1, 1, 1}))
                    .getFloat();
            assertEquals((0.25 + 4) / 3, loss, 1e-6);
        }
    }

    @Test
    void theSmallestMarginMerges() {
        SmallestMargin one = new SmallestMargin();
        one.add(0.5, 1);
        SmallestMargin other = new SmallestMargin();
        other.add(0.2, -1);
        one.merge(other.state());
        one.merge(new SmallestMargin().state());
        assertEquals(-0.2, one.value(), 1e-12);
    }
}
