package djinn.tasks;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import djinn.data.ImageBatch;
import djinn.tasks.classification.ClassificationRecipe;
import djinn.training.Outcome;
import djinn.training.Profile;
import djinn.training.Profile.Spent;
import djinn.training.Stopwatch.Part;
import djinn.training.Trainer;
import djinn.training.TrainingEvent;
import djinn.training.TrainingListener;
import djinn.training.Turn;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where the time of a training goes. */
class ProfileTest {

    private static final Percentage FIVE = Percentage.withPercentage(5);
    private static final Set<Part> OF_A_STEP = EnumSet.of(
            Part.DATA, Part.FORWARD, Part.FIGURES, Part.BACKWARD, Part.OPTIMIZER, Part.AFTER_STEP, Part.LISTENERS);

    @TempDir
    private Path folder;

    private TinyRun tiny;

    @BeforeEach
    void makeData() {
        tiny = new TinyRun(folder);
    }

    private static Map<Part, Spent> parts(Profile profile) {
        return profile.parts().stream().collect(Collectors.toMap(Spent::part, Function.identity()));
    }

    private static double seconds(Profile profile, Set<Part> some) {
        return profile.parts().stream()
                .filter(spent -> some.contains(spent.part()))
                .mapToDouble(Spent::seconds)
                .sum();
    }

    private static double since(long start) {
        return (System.nanoTime() - start) / 1e9;
    }

    @Test
    void thePartsAreAllOfATraining() throws IOException {
        TrainingRun run = TrainingRun.start(tiny.recipe(), tiny.runs(), "measured", List.of());
        Profile profile = run.measure();
        long start = System.nanoTime();
        run.fit();
        double around = since(start);
        assertThat(seconds(profile, EnumSet.allOf(Part.class))).isCloseTo(around, FIVE);
        assertThat(profile.seconds()).isCloseTo(seconds(profile, EnumSet.allOf(Part.class)), FIVE);
        Map<Part, Spent> parts = parts(profile);
        int batches = TinyRun.BATCHES * TinyRun.EPOCHS;
        assertThat(parts.get(Part.DATA).calls()).isEqualTo(batches);
        assertThat(parts.get(Part.FORWARD).calls()).isEqualTo(batches);
        assertThat(parts.get(Part.BACKWARD).calls()).isEqualTo(batches);
        // three batches a step, and a last one of two
        assertThat(parts.get(Part.OPTIMIZER).calls()).isEqualTo(9);
        assertThat(parts.get(Part.VALIDATION).calls()).isEqualTo(TinyRun.EPOCHS + 1);
        List<String> table = Files.readAllLines(run.folder().file("profile.csv"));
        assertThat(table.get(0)).isEqualTo("part,calls,seconds,mean_ms,share");
        assertThat(table).hasSize(profile.parts().size() + 2).anyMatch(line -> line.startsWith("forward,24,"));
        assertThat(table.get(table.size() - 1)).startsWith("in all,,").endsWith(",100.0 %");
    }

    /** Each copy's forward pass is a part of its own; the backward passes run at once. */
    @Test
    void aTrainingOnTwoDevicesIsMeasuredWhole() {
        ClassificationRecipe recipe = tiny.recipe("train.epochs=1", "train.device=cpu", "train.devices=2");
        TrainingRun run = TrainingRun.start(recipe, tiny.runs(), "two", List.of());
        Profile profile = run.measure();
        run.fit();
        Map<Part, Spent> parts = parts(profile);
        // the last batch is of two images, too few to be shared
        assertThat(parts.get(Part.FORWARD).calls()).isEqualTo(2 * TinyRun.BATCHES - 1);
        assertThat(parts.get(Part.BACKWARD).calls()).isEqualTo(TinyRun.BATCHES);
        assertThat(profile.seconds()).isCloseTo(seconds(profile, EnumSet.allOf(Part.class)), FIVE);
    }

    /** Between two batches everything is a step's: the trainer's own clock and the profile's are looked at there. */
    @Test
    void thePartsOfAStepAddUpToItsTime() {
        Profile profile = new Profile();
        double[] wall = new double[1];
        double[] summed = new double[1];
        long[] started = new long[1];
        double[] before = new double[1];
        TrainingListener clock = event -> {
            if (event instanceof TrainingEvent.BatchEnded batch && batch.epoch() == 1) {
                if (batch.batch() == 1) {
                    started[0] = System.nanoTime();
                    before[0] = seconds(profile, OF_A_STEP);
                } else if (batch.batch() == batch.batches()) {
                    wall[0] = since(started[0]);
                    summed[0] = seconds(profile, OF_A_STEP) - before[0];
                }
            }
        };
        ClassificationRecipe recipe = tiny.recipe("train.batch_size=1", "train.accumulation_steps=1");
        Trainer trainer = new Trainer(recipe.newTask(), recipe, folder.resolve("steps"), List.of(clock));
        trainer.measure(profile);
        trainer.fit();
        assertThat(wall[0]).isPositive();
        assertThat(summed[0]).isCloseTo(wall[0], FIVE);
    }

    @Test
    void timeIsTheirsWhoSpendIt() {
        ClassificationRecipe recipe = tiny.recipe("train.epochs=1");
        DelegatingTask slow = new DelegatingTask(recipe.newTask()) {
            @Override
            public List<Turn<ImageBatch>> turns() {
                Turn<ImageBatch> turn = super.turns().get(0);
                return List.of(Turn.sole((model, batch, owner, pass) -> {
                    sleep(30);
                    return turn.forward().run(model, batch, owner, pass);
                }));
            }

            @Override
            public Outcome evaluate(NamedBlock model, ImageBatch batch, NDManager owner, Pass pass) {
                sleep(80);
                return super.evaluate(model, batch, owner, pass);
            }

            @Override
            public void afterEpoch(NamedBlock shown, int epoch, Path run) {
                sleep(110);
            }

            @Override
            public void afterStep(NamedBlock model, long step) {
                sleep(40);
            }
        };
        TrainingListener listener = event -> {
            if (event instanceof TrainingEvent.BatchEnded) {
                sleep(20);
            }
        };
        Profile profile = new Profile();
        Trainer trainer = new Trainer(slow, recipe, folder.resolve("slow"), List.of(listener));
        trainer.measure(profile);
        trainer.fit();
        Map<Part, Spent> parts = parts(profile);
        assertThat(parts.get(Part.FORWARD).seconds()).isGreaterThan(8 * 0.03);
        assertThat(parts.get(Part.LISTENERS).seconds()).isGreaterThan(8 * 0.02);
        assertThat(parts.get(Part.AFTER_STEP).seconds()).isGreaterThan(3 * 0.04);
        // nine held-out images in three batches, twice
        assertThat(parts.get(Part.VALIDATION).seconds()).isGreaterThan(6 * 0.08);
        assertThat(parts.get(Part.AFTER_EPOCH).seconds()).isGreaterThan(0.11);
    }

    private static void sleep(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
