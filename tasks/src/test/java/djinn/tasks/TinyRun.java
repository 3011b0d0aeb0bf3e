package djinn.tasks;

import djinn.tasks.classification.ClassificationRecipe;
import djinn.training.TrainingEvent;
import djinn.training.TrainingEvent.Ending;
import djinn.training.recipe.Recipe;
import djinn.training.run.RunFolder;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import javax.imageio.ImageIO;

/** A run that takes a second: three classes of 8x8 images, bright in different thirds, under noise. */
public final class TinyRun {

    public static final int BATCHES = 8;
    public static final int EPOCHS = 3;

    private final Path folder;

    /** Makes the images: 30 to train on, 9 held out. */
    public TinyRun(Path folder) {
        this.folder = folder;
        SplittableRandom random = new SplittableRandom(1);
        for (String part : List.of("train", "val")) {
            for (int label = 0; label < 3; label++) {
                for (int i = 0; i < (part.equals("train") ? 10 : 3); i++) {
                    write(images().resolve(part).resolve("class" + label).resolve(i + ".png"), label, random);
                }
            }
        }
    }

    public Path images() {
        return folder.resolve("images");
    }

    public Path runs() {
        return folder.resolve("runs");
    }

    /** The recipe: every part of the state is in play. */
    public Path recipeFile() {
        return text("tiny.yaml", """
                seed: 3
                model: {name: nin_small}
                data:
                  source: image_folder
                  root: %s
                  size: 8
                  channels: 1
                  augment:
                    - {name: random_affine, degrees: 5, translate: 0.05}
                optimizer: {name: adamw, lr: 0.01}
                schedule: {name: cosine}
                train:
                  epochs: %d
                  batch_size: 4
                  accumulation_steps: 3
                  schedule_unit: step
                  clip_norm: 1
                  ema_decay: 0.9
                """.formatted(images(), EPOCHS));
    }

    public ClassificationRecipe recipe(String... overrides) {
        return Recipes.read(recipeFile(), List.of(overrides), ClassificationRecipe.class);
    }

    /** Trains in a new folder to the end. */
    public Path train(String name, String... overrides) {
        TrainingRun run = TrainingRun.start(recipe(overrides), runs(), name, List.of());
        run.fit();
        return run.folder().path();
    }

    /** Trains in a new folder, handing every event and the run to somebody who may stop or break it. */
    public Path train(String name, Recipe recipe, Disturbance disturbance) {
        TrainingRun[] run = new TrainingRun[1];
        run[0] = TrainingRun.start(recipe, runs(), name, List.of(event -> disturbance.on(event, run[0])));
        try {
            run[0].fit();
        } catch (Killed e) {
            // as wanted
        }
        return run[0].folder().path();
    }

    /** Goes on with a run to the end; returns its warnings. */
    public static List<String> resume(Path path, String... overrides) {
        List<String> warnings = new ArrayList<>();
        Consumer<TrainingEvent> listener = event -> {
            if (event instanceof TrainingEvent.Warned warned) {
                warnings.add(warned.message());
            }
        };
        RunFolder run = RunFolder.open(path);
        Ending ending = TrainingRun.resume(run, Recipes.of(run, List.of(overrides)), List.of(listener::accept))
                .fit();
        if (ending != Ending.COMPLETED) {
            throw new AssertionError("expected a completed run, got " + ending);
        }
        return warnings;
    }

    /** Something that happens to a run at an event. */
    public interface Disturbance {
        void on(TrainingEvent event, TrainingRun run);
    }

    /** Ends a run without any chance to tidy up in its own code. */
    public static final class Killed extends Error {
        private static final long serialVersionUID = 1L;
    }

    public Path text(String name, String content) {
        try {
            return Files.writeString(folder.resolve(name), content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void write(Path file, int label, SplittableRandom random) {
        BufferedImage image = new BufferedImage(8, 8, BufferedImage.TYPE_BYTE_GRAY);
        for (int y = 0; y < 8; y++) {
            for (int x = 0; x < 8; x++) {
                int light = y / 3 == label ? 180 : 30;
                image.getRaster().setSample(x, y, 0, light + random.nextInt(40));
            }
        }
        try {
            Files.createDirectories(file.getParent());
            ImageIO.write(image, "png", file.toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
