package djinn.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import djinn.config.RecipeException;
import djinn.ops.PyTorch;
import djinn.tasks.TinyRun.Killed;
import djinn.tasks.classification.ClassificationRecipe;
import djinn.training.TrainingEvent;
import djinn.training.recipe.Recipe;
import djinn.training.schedule.Exponential;
import djinn.training.schedule.MultiStep;
import djinn.training.schedule.Plateau;
import djinn.training.schedule.Warmup;
import djinn.zoo.weights.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Schedules, parameter groups, penalties and clipping, from the recipe to the weights. */
class TrainingSettingsTest {

    /** Three steps of this rate. */
    private static final double LR = 1e-3;

    @TempDir
    private static Path folder;

    private static TinyRun tiny;
    private static Path weights;

    /** Makes weights of which none is zero. */
    @BeforeAll
    static void makeData() {
        tiny = new TinyRun(folder);
        weights = folder.resolve("start.safetensors");
        Path fresh = tiny.train("fresh", "train.epochs=1", "train.ema_decay=null");
        try (NDManager manager = PyTorch.newManager();
                Safetensors trained = Safetensors.open(fresh.resolve("best.safetensors"))) {
            Map<String, NDArray> arrays = new LinkedHashMap<>(trained.readAll(manager));
            arrays.replaceAll((name, array) -> name.endsWith("bias") ? array.add(.5f) : array);
            Safetensors.write(weights, arrays, trained.metadata());
        }
    }

    @Test
    void schedulesNestAndComeBackFromYaml() {
        ClassificationRecipe recipe =
                tiny.recipe("schedule={name: warmup, warmup: 3, then: {name: exponential, gamma: 0.9}}");
        assertThat(recipe.schedule()).isEqualTo(new Warmup(3, .01, new Exponential(.9)));
        ClassificationRecipe plateau =
                tiny.recipe("schedule={name: warmup, warmup: 3, then: {name: plateau, mode: max}}");
        assertThat(((Plateau) ((Warmup) plateau.schedule()).then()).patience()).isEqualTo(10);
        ClassificationRecipe caffe = tiny.recipe("schedule={name: multistep, milestones: [2, 4]}");
        assertThat(caffe.schedule()).isEqualTo(new MultiStep(List.of(2L, 4L), .1));
        for (Recipe written : List.of(recipe, plateau, caffe)) {
            assertThat(Recipes.read(tiny.text("written.yaml", Recipes.toYaml(written)), List.of()))
                    .isEqualTo(written);
        }
    }

    @Test
    void aPlateauIsRememberedByACheckpoint() throws IOException {
        // three steps an epoch, the last of them after two thirds of the rise
        // nothing is ever a hundred times better: the rate is halved after each validation but the first
        String[] settings = {
            "schedule={name: warmup, warmup: 1, start_factor: 0.5, then:"
                    + " {name: plateau, patience: 0, factor: 0.5, threshold: 0.99}}",
            "train.schedule_unit=epoch",
            "train.epochs=4"
        };
        Path straight = tiny.train("straight", settings);
        List<String> rates = Files.readAllLines(straight.resolve("results.csv")).stream()
                .skip(1)
                .map(row -> row.split(",", -1)[2])
                .toList();
        assertThat(rates.stream().map(Double::parseDouble)).containsExactly(.01 * (.5 + .5 * 2 / 3), .01, .005, .0025);

        Path killed = tiny.train("killed", tiny.recipe(settings), (event, training) -> {
            if (event instanceof TrainingEvent.BatchEnded batch && batch.epoch() == 3) {
                throw new Killed();
            }
        });
        TinyRun.resume(killed);
        assertThat(killed.resolve("last/checkpoint.safetensors"))
                .hasSameBinaryContentAs(straight.resolve("last/checkpoint.safetensors"));
    }

    @Test
    void aFigureThatThereIsNotIsRefusedAtOnce() {
        assertThatThrownBy(() -> tiny.train("unknown", "schedule={name: plateau, metric: val_loss}"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no figure 'val_loss'", "loss, accuracy");
    }

    @Test
    void normsAndBiasesAreExemptFromDecayWhereAsked() throws IOException {
        // a decay that takes half of a weight off at each step, and gradients of next to nothing
        String[] settings = {"optimizer={name: sgd, lr: 1e-3, weight_decay: 500}", "train.clip_value=1e-12"};
        moves(settings)
                .forEach((name, move) -> assertThat(move.share()).as(name).isBetween(.874, .876));
        moves(with(settings, "train.decay_exempt=norms_and_biases")).forEach((name, move) -> {
            double expected = move.dimensions > 1 ? .875 : 0;
            assertThat(move.share()).as(name).isBetween(expected - 1e-3, expected + 1e-3);
        });
        moves(with(settings, "train.decay_scale={head.*: 0, mlpconv1.*: 0}")).forEach((name, move) -> {
            double expected = name.startsWith("head.") || name.startsWith("mlpconv1.") ? 0 : .875;
            assertThat(move.share()).as(name).isBetween(expected - 1e-3, expected + 1e-3);
        });
    }

    @Test
    void anL1PenaltyMovesEveryWeightTheSameWay() throws IOException {
        moves("optimizer={name: sgd, lr: 1e-3}", "train.clip_value=1e-12", "train.l1_penalty=0.5")
                .forEach((name, move) ->
                        assertThat(move.largest).as(name).isBetween(3 * .5 * LR - 1e-6, 3 * .5 * LR + 1e-6));
    }

    @Test
    void layersFartherFromTheHeadLearnLess() throws IOException {
        moves("optimizer={name: adamw, lr: 1e-3, weight_decay: 0}", "train.layer_decay=1e-6")
                .forEach((name, move) -> {
                    double most = name.startsWith("head.") ? 3.1 * LR : 3.1e-6 * LR + 2e-7;
                    double least = name.startsWith("head.") ? .3 * LR : 0;
                    assertThat(move.largest).as(name).isBetween(least, most);
                });
    }

    @Test
    void adaptiveClippingLeavesTheHeadAlone() throws IOException {
        moves("optimizer={name: sgd, lr: 1}", "train.clip_norm=null", "train.agc=1e-9")
                .forEach((name, move) -> {
                    if (name.startsWith("head.")) {
                        assertThat(move.largest).as(name).isGreaterThan(1e-4);
                    } else {
                        assertThat(move.largest).as(name).isLessThan(1e-6);
                    }
                });
    }

    @Test
    void settingsOutOfRangeAreRefused() {
        for (String setting : List.of(
                "agc=0",
                "clip_value=-1",
                "clip_norm=0",
                "l1_penalty=-1",
                "layer_decay=0",
                "decay_scale={head.*: -1}")) {
            assertThatThrownBy(() -> tiny.recipe("train." + setting))
                    .as(setting)
                    .isInstanceOf(RecipeException.class)
                    .hasMessageContaining(setting.substring(0, setting.indexOf('=')));
        }
        assertThatThrownBy(() -> tiny.train("none", "train.decay_scale={nowhere.*: 0}"))
                .hasMessageContaining("train.decay_scale: the pattern 'nowhere.*' matches no parameter");
    }

    /** How far a parameter moved, in all and at its largest element. */
    private record Move(int dimensions, double before, double after, double largest) {

        /** The share of its norm it lost. */
        double share() {
            return before == 0 ? 0 : 1 - after / before;
        }
    }

    /** Trains three steps and compares. */
    private static Map<String, Move> moves(String... settings) throws IOException {
        Map<String, Move> moves = new LinkedHashMap<>();
        try (NDManager manager = PyTorch.newManager()) {
            Path run = tiny.train(
                    "moved",
                    with(
                            settings,
                            "model.weights=" + weights,
                            "schedule=constant",
                            "train.epochs=1",
                            "train.ema_decay=null"));
            try (Safetensors before = Safetensors.open(weights);
                    Safetensors after = Safetensors.open(run.resolve("best.safetensors"))) {
                for (String name : before.names()) {
                    if (name.endsWith("weight") || name.endsWith("bias")) {
                        NDArray from = before.read(manager, name);
                        NDArray to = after.read(manager, name);
                        moves.put(
                                name,
                                new Move(
                                        from.getShape().dimension(),
                                        from.norm().getFloat(),
                                        to.norm().getFloat(),
                                        to.sub(from).abs().max().getFloat()));
                    }
                }
            }
        }
        assertThat(moves).hasSizeGreaterThan(10);
        return moves;
    }

    private static String[] with(String[] settings, String... more) {
        List<String> all = new ArrayList<>(List.of(settings));
        all.addAll(List.of(more));
        return all.toArray(new String[0]);
    }
}
