package djinn.zoo;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import djinn.export.trace.Graph;
import djinn.export.trace.Summary;
import djinn.export.trace.Tracer;
import djinn.golden.Formula;
import djinn.golden.Golden;
import djinn.ops.Autograd;
import djinn.ops.PyTorch;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.AuxiliaryHeads;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;
import djinn.zoo.weights.Dtype;
import djinn.zoo.weights.Safetensors;
import djinn.zoo.weights.StateDict;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Every architecture with a record: parameter names and shapes, their number, and the outputs under formula weights. */
class GoldenZooTest {

    /** Records whose own names are mere indices: shapes are compared in order, and the names here are ours. */
    private static final List<String> NAMED_BY_US = List.of("nin_cifar10");

    /** Networks of more parameters are checked under the tag slow. */
    private static final long LARGE = 30_000_000;

    /** The records of {@code /golden/zoo}. */
    private static final List<String> RECORDS = List.of(
            "alexnet",
            "bn_inception",
            "convnext_base",
            "convnext_small",
            "convnext_tiny",
            "deeplabv3_mobilenet_v2",
            "deeplabv3_mobilenet_v3_large",
            "deeplabv3_resnet50",
            "densenet121",
            "densenet161",
            "densenet169",
            "densenet201",
            "efficientnet_b0",
            "fcn_resnet50",
            "ghostnet_100",
            "googlenet",
            "inception_resnet_v1",
            "inception_resnet_v2",
            "inception_v3",
            "inception_v4",
            "lraspp_mobilenet_v3_large",
            "mnasnet1_0",
            "mobilenet_v2",
            "mobilenet_v3_large",
            "mobilenet_v3_small",
            "mobilenetv1_100",
            "nin_cifar10",
            "regnet_y_400mf",
            "repvgg_a0",
            "resnet101",
            "resnet152",
            "resnet18",
            "resnet34",
            "resnet50",
            "resnet50d",
            "resnext50_32x4d",
            "shufflenet_v1_x1_0_g3",
            "shufflenet_v1_x1_0_g8",
            "shufflenet_v2_x0_5",
            "shufflenet_v2_x1_0",
            "shufflenet_v2_x1_5",
            "shufflenet_v2_x2_0",
            "squeezenet1_0",
            "squeezenet1_1",
            "swin_t",
            "unet",
            "unet_bilinear",
            "vgg11",
            "vgg11_bn",
            "vgg13",
            "vgg13_bn",
            "vgg16",
            "vgg16_bn",
            "vgg19",
            "vgg19_bn",
            "vit_b_16",
            "vit_b_32",
            "wide_resnet50_2",
            "xception41");

    @TempDir
    private static Path folder;

    private static Stream<DynamicTest> records(boolean large) {
        return RECORDS.stream()
                .filter(name -> Models.named(name).build().parameterCount() > LARGE == large)
                .map(name -> DynamicTest.dynamicTest(name, () -> check(name)));
    }

    @TestFactory
    Stream<DynamicTest> recordsOfTheReference() {
        return records(false);
    }

    @TestFactory
    @Tag("slow")
    Stream<DynamicTest> recordsOfLargeNetworks() {
        return records(true);
    }

    private static void check(String name) {
        JsonNode record = Golden.read("zoo/" + name + ".json");
        try (NDManager manager = PyTorch.newManager();
                Autograd.Scope off = Autograd.withoutGradients()) {
            ArrayBlock model = Models.named(name).build();
            model.initialize(manager);
            assertThat(model.parameterCount())
                    .isEqualTo(record.get("parameters").asLong());

            Map<String, NDArray> own = StateDict.of(model);
            // the records leave out the counts of batches
            List<String> ownNames = own.keySet().stream()
                    .filter(key -> !key.endsWith("num_batches_tracked"))
                    .toList();
            JsonNode state = record.get("state");
            if (!NAMED_BY_US.contains(name)) {
                List<String> keys =
                        state.valueStream().map(e -> e.get(0).asString()).toList();
                assertThat(ownNames).containsExactlyElementsOf(keys);
            }
            assertThat(ownNames).hasSameSizeAs(state);
            Map<String, NDArray> weights = new LinkedHashMap<>();
            for (int i = 0; i < state.size(); i++) {
                String key = state.get(i).get(0).asString();
                Shape shape = Golden.shape(state.get(i).get(1));
                String ours = ownNames.get(i);
                assertThat(own.get(ours).getShape()).as(key).isEqualTo(shape);
                // the records fill no whole numbers: those a model computes itself stay
                boolean whole = own.get(ours).getDataType().isInteger();
                weights.put(
                        ours,
                        whole
                                ? own.get(ours)
                                : Formula.weight(manager, record.get("salt").asString(), key, shape));
            }
            StateDict.load(model, weights, "formula");

            JsonNode given = record.get("inputs").get(0);
            NDArray x = Formula.input(manager, given.get("name").asString(), Golden.shape(given.get("shape")));
            NDList outputs = model.forward(new ParameterStore(manager, false), new NDList(x), false);

            NDArray part = part(x, Models.named(name).smallest());
            assertEvaluationIsByImage(model, part);
            assertSavedAndLoadedIsTheSame(model, part);

            JsonNode expected = record.get("outputs").get(0);
            float[] actual = outputs.singletonOrThrow().toFloatArray();
            assertThat(outputs.singletonOrThrow().getShape()).isEqualTo(Golden.shape(expected.get("shape")));
            double largest = expected.get("max_abs").asDouble();
            try (Graph graph = Tracer.trace(model, new NDList(x.mul(-.5f)))) {
                assertTraceIsTheSame(graph, x, outputs.singletonOrThrow(), 1e-6 * largest);
                assertThat(summary(Models.named(name), model, graph, x.getShape())
                                .macs())
                        .isEqualTo(record.get("macs").asLong());
            }
            double tolerance = 1e-4 * largest;
            for (int i = 0; i < expected.get("index").size(); i++) {
                int index = expected.get("index").get(i).asInt();
                double value = expected.get("value").get(i).asDouble();
                assertThat(Math.abs(actual[index] - value))
                        .as("output[%d]: expected %s, got %s", index, value, actual[index])
                        .isLessThanOrEqualTo(tolerance);
            }
        }
    }

    /** The upper left quarter, or as little as the model takes: what needs no record is as true of it. */
    private static NDArray part(NDArray x, int smallest) {
        Shape shape = x.getShape();
        return x.get(new NDIndex(":, :, :{}, :{}", half(shape.get(2), smallest), half(shape.get(3), smallest)));
    }

    /** In steps of 32, which every stride divides. */
    private static long half(long extent, int smallest) {
        return Math.min(extent, Math.max(smallest, (extent / 2 + 31) / 32 * 32));
    }

    private static void assertSavedAndLoadedIsTheSame(ArrayBlock model, NDArray x) {
        ParameterStore store = new ParameterStore(x.getManager(), false);
        NDArray output = model.forward(store, new NDList(x), false).singletonOrThrow();
        Path file = folder.resolve("model.safetensors");
        Safetensors.write(file, StateDict.of(model), Map.of(), Dtype.F32);
        StateDict.of(model).values().forEach(array -> array.subi(array));
        assertThat(model.forward(store, new NDList(x), false).singletonOrThrow().contentEquals(output))
                .isFalse();
        try (Safetensors saved = Safetensors.open(file)) {
            StateDict.load(model, saved.readAll(x.getManager()), "saved");
        }
        NDArray again = model.forward(store, new NDList(x), false).singletonOrThrow();
        assertThat(again.contentEquals(output)).isTrue();
    }

    /** A trace holds every operation, and nothing that was only true of its own input. */
    private static void assertTraceIsTheSame(Graph graph, NDArray x, NDArray output, double tolerance) {
        NDArray replayed = graph.run(new NDList(x)).singletonOrThrow();
        assertThat((double) replayed.sub(output).abs().max().getFloat()).isLessThanOrEqualTo(tolerance);
    }

    /** The reference runs a segmenter's auxiliary head in evaluation too, and its records count it. */
    private static Summary summary(ModelEntry entry, ArrayBlock model, Graph graph, Shape input) {
        return entry.task().equals("segmentation") && model instanceof AuxiliaryHeads
                ? Summary.of(new Everything(model), input)
                : Summary.of(model, graph);
    }

    private static final class Everything extends NamedBlock {

        private final AuxiliaryHeads heads;

        Everything(ArrayBlock model) {
            heads = (AuxiliaryHeads) child("model", model);
        }

        @Override
        protected NDList forward(NDList inputs, Pass pass) {
            return heads.forwardWithAuxiliaries(inputs.singletonOrThrow(), pass);
        }
    }

    /** Whatever else is in the batch, an image is answered the same, to the bit; and again. */
    private static void assertEvaluationIsByImage(ArrayBlock model, NDArray x) {
        NDArray besideNegative = first(model, x, x.mul(-1));
        assertThat(first(model, x, x.mul(.5f)).contentEquals(besideNegative)).isTrue();
        assertThat(first(model, x, x.mul(-1)).contentEquals(besideNegative)).isTrue();
    }

    private static NDArray first(ArrayBlock model, NDArray x, NDArray other) {
        ParameterStore store = new ParameterStore(x.getManager(), false);
        return model.forward(store, new NDList(x.concat(other)), false)
                .singletonOrThrow()
                .get("0:1");
    }
}
