package djinn.zoo.generative;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.Pair;
import djinn.golden.Formula;
import djinn.golden.Golden;
import djinn.ops.Autograd;
import djinn.ops.Gradients;
import djinn.ops.PyTorch;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.Pass;
import djinn.zoo.nn.ReflectionPad2d;
import djinn.zoo.nn.SpectralNorm;
import djinn.zoo.nn.Window;
import djinn.zoo.weights.StateDict;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** The records of golden/generative/make_translation_records.py. */
class ImageTranslationNetworksTest {

    private static final Map<String, JsonNode> RECORDS = Golden.records("generative/image_translation.json");

    private final NDManager manager = PyTorch.newManager();

    @AfterEach
    void close() {
        manager.close();
    }

    private static ArrayBlock network(String name) {
        return switch (name) {
            case "resnet" -> new ResnetGenerator(new ResnetGenerator.Config(2, 3, 2, 2));
            case "patch_instance" -> new PatchDiscriminator(new PatchDiscriminator.Config(3, 2, 2, false));
            case "patch_batch" -> new PatchDiscriminator(new PatchDiscriminator.Config(3, 2, 1, true));
            case "unet_batch" -> new Pix2PixUNet(new Pix2PixUNet.Config(2, 1, 1, 5, true, .5));
            case "spectral_conv" ->
                SpectralNorm.conv2d(2, 3, Window.of(3, 2).stride(2).padding(1));
            case "spectral_linear" -> SpectralNorm.linear(4, 3, true);
            case "resnet_9blocks" -> new ResnetGenerator(ResnetGenerator.Config.paper());
            case "patch_70" -> new PatchDiscriminator(PatchDiscriminator.Config.paper());
            case "unet_256" -> new Pix2PixUNet(Pix2PixUNet.Config.paper());
            case "unet_instance" -> new Pix2PixUNet(new Pix2PixUNet.Config(3, 1, 2, 6, false, .5));
            default -> throw new IllegalArgumentException(name);
        };
    }

    private static Pass pass(NDManager manager, boolean training) {
        return new Pass(new ParameterStore(manager, false), training);
    }

    private static Stream<String> names() {
        return RECORDS.keySet().stream();
    }

    @ParameterizedTest
    @MethodSource("names")
    void hasTheNamesAndShapesOfTheAuthors(String name) {
        ArrayBlock network = network(name);
        Map<String, Shape> shapes = new LinkedHashMap<>();
        for (Pair<String, Parameter> entry : network.getParameters()) {
            shapes.put(entry.getKey(), entry.getValue().getShape());
        }
        Map<String, Shape> expected = new LinkedHashMap<>();
        RECORDS.get(name).get("keys").forEach(key -> expected.put(key.get(0).asString(), Golden.shape(key.get(1))));
        assertThat(shapes).containsExactlyEntriesOf(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"resnet", "patch_instance", "patch_batch", "unet_batch"})
    void equalsTheProgramInPytorch(String name) {
        ArrayBlock network = network(name);
        network.initialize(manager);
        Map<String, NDArray> weights = new LinkedHashMap<>(StateDict.of(network));
        weights.replaceAll(
                (key, array) -> isStatistic(key) ? array : Formula.weight(manager, "", key, array.getShape()));
        StateDict.load(network, weights, "formula");
        requireRecorded(RECORDS.get(name), network, x -> network.forward(x, pass(manager, true)));
    }

    private static boolean isStatistic(String key) {
        return key.contains("running_") || key.endsWith("num_batches_tracked");
    }

    /** Three passes in training and one in inference: the vectors move at each of the three. */
    @ParameterizedTest
    @ValueSource(strings = {"spectral_conv", "spectral_linear"})
    void spectralNormEqualsPytorchs(String name) {
        ArrayBlock layer = network(name);
        layer.initialize(manager);
        Map<String, NDArray> weights = new LinkedHashMap<>(StateDict.of(layer));
        weights.replaceAll((key, array) -> {
            if (!key.equals("weight_u") && !key.equals("weight_v")) {
                return Formula.weight(manager, "", key, array.getShape());
            }
            NDArray start = Formula.input(manager, key, array.getShape());
            return start.div(start.norm());
        });
        StateDict.load(layer, weights, "formula");
        JsonNode record = RECORDS.get(name);
        requireRecorded(
                record,
                layer,
                x -> NDArrays.stack(new NDList(
                        layer.forward(x, pass(manager, true)),
                        layer.forward(x.mul(manager.create(.5f)), pass(manager, true)),
                        layer.forward(x.mul(manager.create(2f)), pass(manager, true)))));
        record.get("state").propertyStream().forEach(stored -> {
            NDArray found = StateDict.of(layer).get(stored.getKey());
            requireNear(stored.getKey(), found, stored.getValue());
        });
        NDArray x = Formula.input(manager, "x", Golden.shape(record.get("input")));
        requireNear("inference", layer.forward(x, pass(manager, false)), record.get("inference"));
        record.get("state")
                .propertyStream()
                .forEach(stored -> requireNear("stays", StateDict.of(layer).get(stored.getKey()), stored.getValue()));
    }

    private void requireRecorded(JsonNode record, ArrayBlock network, UnaryOperator<NDArray> forward) {
        NDArray x = Formula.input(manager, "x", Golden.shape(record.get("input")));
        x.setRequiresGradient(true);
        Map<String, NDArray> arrays = new LinkedHashMap<>();
        arrays.put("x", x);
        for (Pair<String, Parameter> entry : network.getParameters()) {
            if (entry.getValue().requiresGradient()) {
                entry.getValue().getArray().setRequiresGradient(true);
                arrays.put(entry.getKey(), entry.getValue().getArray());
            }
        }
        NDArray y;
        Gradients gradients;
        try (Autograd.Scope on = Autograd.withGradients()) {
            y = forward.apply(x);
            NDArray probe = Formula.input(manager, "probe", y.getShape());
            gradients = Gradients.of(y.mul(probe).sum(), new NDList(arrays.values()), manager);
        }
        requireNear("output", y, record.get("output"));
        assertThat(record.get("gradients").propertyStream().map(Map.Entry::getKey))
                .containsExactlyInAnyOrderElementsOf(arrays.keySet());
        List<String> names = List.copyOf(arrays.keySet());
        record.get("gradients")
                .propertyStream()
                .forEach(stored -> requireNear(
                        "gradient of " + stored.getKey(),
                        gradients.arrays().get(names.indexOf(stored.getKey())),
                        stored.getValue()));
    }

    /**
     * Within 1e-5, or 1e-5 of the largest value: most are sums of many terms. The true gradient of a bias in front of an
     * instance norm is 0: both sides have rounding there alone.
     */
    private static void requireNear(String what, NDArray found, JsonNode stored) {
        assertThat(found.getShape()).as(what).isEqualTo(Golden.shape(stored.get("shape")));
        int every = stored.get("every").asInt();
        double[] expected = Golden.doubles(stored.get("values"));
        float[] all = found.toFloatArray();
        float[] some = new float[expected.length];
        for (int i = 0; i < some.length; i++) {
            some[i] = all[i * every];
        }
        double largest = Arrays.stream(expected).map(Math::abs).max().orElse(0);
        Golden.assertClose(what, some, expected, 1e-5, 1e-5 * Math.max(1, largest));
    }

    @Test
    void aBorderMirrorsWithoutItsOutermostRow() {
        NDArray x = manager.create(new float[] {1, 2, 3, 4, 5, 6, 7, 8, 9}, new Shape(1, 1, 3, 3));
        NDArray y = new ReflectionPad2d(2).forward(x, pass(manager, false));
        assertThat(y.getShape()).isEqualTo(new Shape(1, 1, 7, 7));
        assertThat(y.get("0,0,0").toFloatArray()).containsExactly(9, 8, 7, 8, 9, 8, 7);
        assertThat(y.get("0,0,3").toFloatArray()).containsExactly(6, 5, 4, 5, 6, 5, 4);
        assertThatThrownBy(() -> new ReflectionPad2d(3).forward(x, pass(manager, false)))
                .hasMessage("expected input (N, C, H, W) with H and W above 3, the border that mirrors them, got"
                        + " (1, 1, 3, 3)");
    }

    @Test
    void imagesThatDoNotFitAreRefusedInOneLine() {
        ResnetGenerator generator = new ResnetGenerator(new ResnetGenerator.Config(3, 3, 2, 1));
        assertThatThrownBy(() -> generator.forward(manager.zeros(new Shape(1, 3, 8, 10)), pass(manager, false)))
                .hasMessage(
                        "expected images (N, 3, H, W) with H and W multiples of 4 and at least 8, got (1, 3, 8, 10)");
        PatchDiscriminator judge = new PatchDiscriminator(new PatchDiscriminator.Config(3, 2, 3, false));
        assertThatThrownBy(() -> judge.forward(manager.zeros(new Shape(1, 3, 24, 23)), pass(manager, false)))
                .hasMessage("expected images (N, 3, H, W) with H and W of at least 24 for 3 layers of stride 2, got"
                        + " (1, 3, 24, 23)");
        Pix2PixUNet unet = new Pix2PixUNet(new Pix2PixUNet.Config(3, 3, 2, 5, true, 0));
        assertThatThrownBy(() -> unet.forward(manager.zeros(new Shape(1, 3, 32, 48)), pass(manager, false)))
                .hasMessage(
                        "expected images (N, 3, H, W) with H and W multiples of 32 for 5 levels, got (1, 3, 32, 48)");
        assertThatThrownBy(() -> new Pix2PixUNet.Config(3, 3, 2, 4, true, 0))
                .hasMessage("expected levels from 5 to 10, got 4");
    }

    @Test
    void theSmallestImagesOfEveryDepthAreJudged() {
        for (int layers = 1; layers <= 3; layers++) {
            PatchDiscriminator.Config config = new PatchDiscriminator.Config(1, 2, layers, false);
            PatchDiscriminator judge = new PatchDiscriminator(config);
            judge.initialize(manager);
            NDArray x = manager.randomNormal(new Shape(2, 1, config.leastSize(), config.leastSize()));
            assertThat(judge.forward(x, pass(manager, true)).getShape()).isEqualTo(new Shape(2, 1, 1, 1));
        }
    }
}
