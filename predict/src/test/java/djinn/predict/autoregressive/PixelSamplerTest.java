package djinn.predict.autoregressive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import djinn.data.Pixels;
import djinn.inference.LoadedModel;
import djinn.inference.Sampling;
import djinn.ops.PyTorch;
import djinn.ops.Randomness;
import djinn.ops.Scalars;
import djinn.zoo.generative.PixelModel;
import djinn.zoo.weights.StateDict;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PixelSamplerTest {

    private static final int SEED = 3;

    private NDManager manager;

    @BeforeEach
    void open() {
        manager = PyTorch.newManager();
        Randomness.seed(1);
    }

    @AfterEach
    void close() {
        manager.close();
    }

    static Stream<AutoregressiveCard> cards() {
        List<String> classes = List.of("cat", "dog", "owl");
        PixelNetwork told = new PixelNetwork.Gated(12, 3, 5, 3, 12, true);
        return Stream.of(
                new AutoregressiveCard(new PixelNetwork.Plain(12, 2, 12), new PixelLevels(2), 1, 6, List.of()),
                new AutoregressiveCard(new PixelNetwork.Plain(12, 2, 12), new PixelLevels(256), 3, 5, List.of()),
                new AutoregressiveCard(new PixelNetwork.Recurrent(12, 2, 12), new PixelLevels(4), 3, 5, List.of()),
                new AutoregressiveCard(
                        new PixelNetwork.Gated(12, 3, 5, 3, 12, false), new PixelLevels(4), 1, 6, List.of()),
                new AutoregressiveCard(told, new PixelLevels(16), 3, 5, classes));
    }

    private PixelModel model(AutoregressiveCard card) {
        PixelModel model = card.newModel();
        model.initialize(manager);
        return model;
    }

    /** Classes start with next to no effect; as large as these they are seen in each image. */
    private PixelModel toldLoudly(AutoregressiveCard card) {
        PixelModel model = model(card);
        Map<String, NDArray> weights = new LinkedHashMap<>();
        StateDict.of(model)
                .forEach((name, array) ->
                        weights.put(name, name.endsWith("classes.weight") ? Scalars.mul(array, 60) : array));
        StateDict.load(model, weights, "larger");
        return model;
    }

    private static List<byte[]> bytes(List<Pixels> images) {
        return images.stream().map(Pixels::values).toList();
    }

    /** More images than a batch, so that a second begins. */
    @ParameterizedTest
    @MethodSource("cards")
    void rowByRowDrawsWhatTheWholeDraws(AutoregressiveCard card) {
        PixelModel model = model(card);
        Sampling sampling = Sampling.of(PixelSampler.BATCH + 2, SEED);
        List<byte[]> rows = bytes(PixelSampler.of(model, card).sample(sampling));
        try (PixelSampler whole = PixelSampler.whole(LoadedModel.of(card, manager.newSubManager(), model))) {
            assertThat(bytes(whole.sample(sampling))).containsExactlyElementsOf(rows);
        }
        assertThat(rows.get(0)).hasSize(card.values());
        assertThat(rows.get(0)).isNotEqualTo(rows.get(1));
    }

    @Test
    void aLargerCountBeginsWithTheSameImages() {
        AutoregressiveCard card = cards().toList().get(3);
        PixelModel model = model(card);
        List<byte[]> many = bytes(PixelSampler.of(model, card).sample(Sampling.of(PixelSampler.BATCH + 3, SEED)));
        assertThat(bytes(PixelSampler.of(model, card).sample(Sampling.of(2, SEED))))
                .containsExactlyElementsOf(many.subList(0, 2));
        assertThat(bytes(PixelSampler.of(model, card).sample(Sampling.of(2, SEED + 1))))
                .doesNotContainAnyElementsOf(many);
    }

    @Test
    void imagesAreOfTheClassThatIsNamed() {
        AutoregressiveCard card = cards().toList().get(4);
        PixelModel model = toldLoudly(card);
        try (PixelSampler sampler = PixelSampler.whole(LoadedModel.of(card, manager.newSubManager(), model))) {
            assertThat(sampler.classes()).containsExactly("cat", "dog", "owl");
            assertThat(sampler.choices()).containsExactly(Sampling.Choice.LABEL);
            // in turn where none is named: the third is an owl
            List<byte[]> turns = bytes(PixelSampler.of(model, card).sample(Sampling.of(3, SEED)));
            List<byte[]> owls = bytes(
                    PixelSampler.of(model, card).sample(Sampling.of(3, SEED).withLabel("owl")));
            assertThat(owls.get(2)).isEqualTo(turns.get(2));
            assertThat(owls.get(0)).isNotEqualTo(turns.get(0));
            assertThat(bytes(sampler.sample(Sampling.of(3, SEED).withLabel("owl"))))
                    .containsExactlyElementsOf(owls);
            assertThatThrownBy(() -> sampler.sample(Sampling.of(1, SEED).withLabel("dgo")))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("dog");
            assertThatThrownBy(() -> sampler.sample(Sampling.of(1, SEED).withSteps(5)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("no steps");
        }
    }

    /** Softmax of log(1, 2, 5) is 1/8, 2/8, 5/8. */
    @Test
    void aLevelIsDrawnByItsProbability() {
        float[] logits = {9, (float) Math.log(1), (float) Math.log(2), (float) Math.log(5)};
        double[] numbers = {0, .124, .126, .374, .376, .999999};
        int[] levels = {0, 0, 1, 1, 2, 2};
        for (int i = 0; i < numbers.length; i++) {
            assertThat(PixelSampler.drawn(logits, 1, 3, numbers[i])).isEqualTo(levels[i]);
        }
    }

    @Test
    void onlyShownLevelsAreDrawn() {
        AutoregressiveCard card = cards().toList().get(3);
        Set<Integer> seen = new HashSet<>();
        for (byte[] image : bytes(PixelSampler.of(model(card), card).sample(Sampling.of(PixelSampler.BATCH, SEED)))) {
            for (byte value : image) {
                seen.add(value & 0xff);
            }
        }
        assertThat(seen).containsExactlyInAnyOrder(0, 85, 170, 255);
    }
}
