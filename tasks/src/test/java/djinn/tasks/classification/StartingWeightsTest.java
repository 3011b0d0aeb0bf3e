package djinn.tasks.classification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import djinn.config.RecipeException;
import djinn.ops.DataException;
import djinn.ops.PyTorch;
import djinn.tasks.Recipes;
import djinn.tasks.TinyRun;
import djinn.tasks.TrainingRun;
import djinn.training.TrainingEvent;
import djinn.zoo.ModelOptions;
import djinn.zoo.Models;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.Initialization;
import djinn.zoo.weights.Preference;
import djinn.zoo.weights.Safetensors;
import djinn.zoo.weights.StateDict;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A recipe's {@code model.init}. */
class StartingWeightsTest {

    private static final String ORTHOGONAL = "model.init={name: orthogonal, gain: 2}";

    @TempDir
    private Path folder;

    private TinyRun tiny;
    private NDManager manager;

    @BeforeEach
    void makeData() {
        tiny = new TinyRun(folder);
        manager = PyTorch.newManager();
    }

    @AfterEach
    void close() {
        manager.close();
    }

    /** The parameters a run starts with: trained at no rate. */
    private Map<String, NDArray> start(String... settings) {
        List<String> all = new ArrayList<>(List.of(settings));
        all.addAll(List.of("optimizer={name: sgd, lr: 0}", "train.epochs=1", "train.ema_decay=null"));
        Path run = tiny.train("started", all.toArray(new String[0]));
        try (Safetensors saved = Safetensors.open(run.resolve("best.safetensors"))) {
            return saved.readAll(manager);
        }
    }

    @Test
    void weightsStartAsTheRecipeSaysAndFromItsSeed() {
        Map<String, NDArray> first = start(ORTHOGONAL);
        NDArray head = first.get("head.weight").reshape(3, -1);
        float[] product = head.matMul(head.transpose()).toFloatArray();
        for (int i = 0; i < product.length; i++) {
            assertThat((double) product[i]).isCloseTo(i % 4 == 0 ? 4 : 0, within(1e-5));
        }
        assertThat(first.get("head.bias").toFloatArray()).containsOnly(0);
        assertThat(first.get("mlpconv1.bn.weight").toFloatArray()).containsOnly(1);
        assertThat(start(ORTHOGONAL).get("head.weight").contentEquals(first.get("head.weight")))
                .isTrue();
        assertThat(start(ORTHOGONAL, "seed=4").get("head.weight").contentEquals(first.get("head.weight")))
                .isFalse();
        assertThat(start().get("head.weight").contentEquals(first.get("head.weight")))
                .isFalse();
    }

    @Test
    void loadedWeightsAndFrozenOnesStay() {
        Path other = tiny.train("other", "train.epochs=1", "train.ema_decay=null");
        Path file = other.resolve("best.safetensors");
        Map<String, NDArray> loaded = start("model.weights=" + file, ORTHOGONAL);
        Map<String, NDArray> own = start();
        Map<String, NDArray> frozen = start(ORTHOGONAL, "train.freeze=[mlpconv2.*]");
        try (Safetensors given = Safetensors.open(file)) {
            assertThat(loaded.get("head.weight").contentEquals(given.read(manager, "head.weight")))
                    .isTrue();
        }
        assertThat(frozen.get("mlpconv2.conv.weight").contentEquals(own.get("mlpconv2.conv.weight")))
                .isTrue();
        assertThat(frozen.get("mlpconv3.conv.weight").contentEquals(own.get("mlpconv3.conv.weight")))
                .isFalse();
    }

    @Test
    void aHeadThatIsResetStartsAsTheRecipeSays() {
        Path other = tiny.train("other", "train.epochs=1", "train.ema_decay=null");
        Map<String, NDArray> reset = start(
                "model.weights=" + other.resolve("best.safetensors"),
                "model.num_classes=4",
                "model.reset_head=true",
                "model.init={name: uniform, a: 5, b: 6}");
        assertThat(reset.get("head.weight").min().getFloat()).isGreaterThanOrEqualTo(5);
        assertThat(reset.get("mlpconv1.conv.weight").max().getFloat()).isLessThan(5);
    }

    /** Trains one epoch at no rate; returns the line about the weights. */
    private String line(String name, String... settings) {
        List<String> notes = new ArrayList<>();
        List<String> all = new ArrayList<>(List.of(settings));
        all.addAll(List.of("optimizer={name: sgd, lr: 0}", "train.epochs=1", "train.ema_decay=null"));
        TrainingRun.start(tiny.recipe(all.toArray(new String[0])), tiny.runs(), name, List.of(event -> {
                    if (event instanceof TrainingEvent.Noted noted) {
                        notes.add(noted.message());
                    }
                }))
                .fit();
        List<String> starting =
                notes.stream().filter(note -> note.startsWith("starting from ")).toList();
        assertThat(starting).as("%s", notes).hasSize(1);
        return starting.get(0);
    }

    @Test
    void ofAveragedAndPlainWeightsTheRecipeChoosesAndTheRunSaysSo() {
        Map<String, NDArray> own = start();
        Map<String, NDArray> both = new LinkedHashMap<>();
        own.forEach((name, array) -> {
            both.put("model." + name, array);
            both.put("model_ema.module." + name, array.mul(0));
        });
        Path file = folder.resolve("both.safetensors");
        Safetensors.write(file, both, Map.of());
        assertThat(line("averaged", "model.weights=" + file))
                .contains("starting from " + file, "(EMA) under 'model_ema.module.' are taken");
        assertThat(line("plain", "model.weights=" + file, "model.prefer=plain"))
                .contains("the plain weights under 'model.' are taken");
        assertThat(Recipes.read(tiny.runs().resolve("plain/recipe.yaml"), List.of(), ClassificationRecipe.class)
                        .model()
                        .prefer())
                .isEqualTo(Preference.PLAIN);
        try (Safetensors plain = Safetensors.open(tiny.runs().resolve("plain/best.safetensors"));
                Safetensors averaged = Safetensors.open(tiny.runs().resolve("averaged/best.safetensors"))) {
            assertThat(plain.read(manager, "head.weight").contentEquals(own.get("head.weight")))
                    .isTrue();
            assertThat(averaged.read(manager, "head.weight").abs().max().getFloat())
                    .isZero();
        }
    }

    @Test
    void auxiliaryHeadsThatAreNotInTheFileStartAnewWithTheHead() {
        Map<String, NDArray> state = new LinkedHashMap<>();
        ArrayBlock model = Models.named("googlenet").build(new ModelOptions(3, 1));
        model.initialize(manager);
        StateDict.of(model).forEach((name, array) -> {
            if (!name.startsWith("aux")) {
                state.put(name, array);
            }
        });
        Path file = folder.resolve("without.safetensors");
        Safetensors.write(file, state, Map.of());
        String[] settings = {"model.name=googlenet", "data.size=32", "model.weights=" + file};
        assertThatThrownBy(() -> line("strict", settings))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("18 missing: aux1.conv")
                .hasMessageContaining("--reset-head");
        assertThat(line("reset", settings[0], settings[1], settings[2], "model.reset_head=true"))
                .contains("anew: aux1.conv.conv.weight")
                .doesNotContain("which only training uses");
    }

    @Test
    void everyWayHasAName() {
        Map<String, Initialization> ways = Map.of(
                "{name: uniform, a: -1, b: 2}",
                new Initialization.Uniform(-1, 2),
                "{name: normal, std: 0.1}",
                new Initialization.Normal(.1),
                "{name: truncated_normal, std: 0.1}",
                new Initialization.TruncatedNormal(.1, -2, 2),
                "xavier_uniform",
                new Initialization.XavierUniform(1),
                "{name: xavier_normal, gain: 2}",
                new Initialization.XavierNormal(2),
                "he_uniform",
                new Initialization.HeUniform(Initialization.Fan.FAN_IN, Initialization.Gain.LEAKY_RELU, 0),
                "{name: he_normal, mode: fan_out, nonlinearity: relu}",
                new Initialization.HeNormal(Initialization.Fan.FAN_OUT, Initialization.Gain.RELU, 0),
                "orthogonal",
                new Initialization.Orthogonal(1));
        ways.forEach((text, way) -> {
            ClassificationRecipe recipe = tiny.recipe("model.init=" + text);
            assertThat(recipe.model().init()).contains(way);
            assertThat(Recipes.read(tiny.text("written.yaml", Recipes.toYaml(recipe)), List.of()))
                    .isEqualTo(recipe);
        });
        assertThatThrownBy(() -> tiny.recipe("model.init=he_norma"))
                .isInstanceOf(RecipeException.class)
                .hasMessageContaining("he_normal");
    }
}
