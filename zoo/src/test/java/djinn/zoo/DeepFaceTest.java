package djinn.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.Pair;
import djinn.golden.Formula;
import djinn.ops.Autograd;
import djinn.ops.PyTorch;
import djinn.ops.Randomness;
import djinn.zoo.nn.Conv2d;
import djinn.zoo.nn.Flatten;
import djinn.zoo.nn.Linear;
import djinn.zoo.nn.MaxPool2d;
import djinn.zoo.nn.Nonlinearity;
import djinn.zoo.nn.Pass;
import djinn.zoo.nn.Sequential;
import djinn.zoo.nn.Window;
import djinn.zoo.weights.StateDict;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DeepFaceTest {

    private NDManager manager;

    @BeforeEach
    void open() {
        manager = PyTorch.newManager();
        Randomness.seed(3);
    }

    @AfterEach
    void close() {
        manager.close();
    }

    private static DeepFace narrow(double dropout) {
        return new DeepFace(new DeepFace.Config(3, 5, 2, 7, dropout));
    }

    private Pass pass(boolean training) {
        return new Pass(new ParameterStore(manager, false), training);
    }

    private static Map<String, Shape> shapes(DeepFace model) {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        for (Pair<String, Parameter> entry : model.getParameters()) {
            shapes.put(entry.getKey(), entry.getValue().getShape());
        }
        return shapes;
    }

    @Test
    void mapsHaveTheSizesOfFigure2() {
        DeepFace model = narrow(0);
        model.initialize(manager);
        NDList maps = model.forwardFeatures(manager.zeros(new Shape(1, 3, 152, 152)), pass(false));
        assertThat(maps.get(0).getShape()).isEqualTo(new Shape(1, 32, 142, 142));
        // C3 is 63 only if M2 is 71
        assertThat(maps.get(1).getShape()).isEqualTo(new Shape(1, 2, 63, 63));
        assertThat(maps.get(2).getShape()).isEqualTo(new Shape(1, 2, 21, 21));
        assertThat(model.featureMaps()).hasSize(maps.size());
        // a weight of its own at every output
        Map<String, Shape> shapes = shapes(model);
        assertThat(shapes.get("l4.weight").get(0)).isEqualTo(55 * 55);
        assertThat(shapes.get("l5.weight").get(0)).isEqualTo(25 * 25);
        assertThat(shapes.get("l6.weight").get(0)).isEqualTo(21 * 21);
    }

    @Test
    void poolingKeepsItsLastWindow() {
        NDArray x = manager.zeros(new Shape(1, 1, 142, 142));
        assertThat(new MaxPool2d(Window.of(3).stride(2), true)
                        .forward(x, pass(false))
                        .getShape())
                .isEqualTo(new Shape(1, 1, 71, 71));
    }

    @Test
    void parametersAreThoseOfThePapersSizes() {
        DeepFace paper = DeepFace.aligned(3, 4030);
        long c1 = 32 * 3 * 11 * 11 + 32;
        long c3 = 16 * 32 * 9 * 9 + 16;
        long l4 = 55 * 55 * (16 * 16 * 9 * 9 + 16);
        long l5 = 25 * 25 * (16 * 16 * 7 * 7 + 16);
        long l6 = 21 * 21 * (16 * 16 * 5 * 5 + 16);
        long f7 = 4096 * (16 * 21 * 21) + 4096;
        long f8 = 4030 * 4096 + 4030;
        long all = c1 + c3 + l4 + l5 + l6 + f7 + f8;
        assertThat(paper.parameterCount()).isEqualTo(all);
        // the paper: more than 120 million, which its sizes miss by one per cent
        assertThat(all).isEqualTo(118_923_774);
        assertThat((double) all).isCloseTo(120e6, within(1.2e6));
        // the paper: more than 95 % in the locally connected and fully connected layers
        assertThat((double) (l4 + l5 + l6 + f7 + f8) / all).isGreaterThan(.95);
        Map<String, Shape> shapes = shapes(paper);
        assertThat(shapes.get("l4.weight").size() + shapes.get("l4.bias").size())
                .isEqualTo(l4);
        assertThat(shapes.get("f8.weight")).isEqualTo(new Shape(4030, 4096));
        assertThat(Models.named("deepface").build().parameterCount()).isEqualTo(all);
    }

    /** With the same weights at every position, a locally connected layer is a convolution. */
    @Test
    void withSharedWeightsItIsAConvolutionalNetwork() {
        DeepFace model = narrow(.5);
        Sequential convolutional = Sequential.of(
                new Conv2d(3, 32, Window.of(11)),
                Nonlinearity.RELU.layer(),
                new MaxPool2d(Window.of(3).stride(2), true),
                new Conv2d(32, 2, Window.of(9)),
                Nonlinearity.RELU.layer(),
                new Conv2d(2, 2, Window.of(9)),
                Nonlinearity.RELU.layer(),
                new Conv2d(2, 2, Window.of(7).stride(2)),
                Nonlinearity.RELU.layer(),
                new Conv2d(2, 2, Window.of(5)),
                Nonlinearity.RELU.layer(),
                new Flatten(),
                new Linear(2 * 21 * 21, 7),
                Nonlinearity.RELU.layer(),
                new Linear(7, 5));
        List<String> names = List.of("c1", "", "", "c3", "", "l4", "", "l5", "", "l6", "", "", "f7", "", "f8");
        model.initialize(manager);
        convolutional.initialize(manager);
        Map<String, NDArray> shared = new LinkedHashMap<>();
        Map<String, NDArray> weights = new LinkedHashMap<>();
        StateDict.of(convolutional).forEach((name, array) -> {
            int dot = name.indexOf('.');
            String layer = names.get(Integer.parseInt(name.substring(0, dot)));
            NDArray values = Formula.weight(manager, "", name, array.getShape());
            weights.put(name, values);
            Shape target = StateDict.of(model).get(layer + name.substring(dot)).getShape();
            shared.put(layer + name.substring(dot), everywhere(values, layer, target));
        });
        StateDict.load(convolutional, weights, "formula");
        StateDict.load(model, shared, "formula");
        NDArray x = Formula.input(manager, "x", new Shape(2, 3, 152, 152));
        float[] expected = convolutional.forward(x, pass(false)).toFloatArray();
        float[] actual = model.forward(x, pass(false)).toFloatArray();
        assertThat(expected).hasSize(10);
        float largest = 0;
        for (int i = 0; i < expected.length; i++) {
            largest = Math.max(largest, Math.abs(expected[i]));
        }
        assertThat(expected[0]).isNotCloseTo(expected[5], within(1e-3f * largest));
        for (int i = 0; i < expected.length; i++) {
            assertThat(actual[i]).isCloseTo(expected[i], within(1e-5f * largest));
        }
    }

    private static NDArray everywhere(NDArray values, String layer, Shape target) {
        if (!layer.startsWith("l")) {
            return values;
        }
        return values.getShape().dimension() == 1
                ? values.reshape(-1, 1).broadcast(target)
                : values.reshape(1, values.getShape().get(0), -1).broadcast(target);
    }

    @Test
    void everyParameterLearns() {
        DeepFace model = narrow(0);
        model.initialize(manager);
        NDArray x = Formula.input(manager, "x", new Shape(2, 3, 152, 152));
        try (Autograd.Scope gradients = Autograd.withGradients()) {
            NDArray y = model.forward(x, pass(true));
            Autograd.backward(y.mul(Formula.input(manager, "y", y.getShape())).sum());
        }
        for (Pair<String, Parameter> parameter : model.getParameters()) {
            NDArray gradient = parameter.getValue().getArray().getGradient();
            assertThat(gradient.abs().sum().getFloat())
                    .as(parameter.getKey())
                    .isFinite()
                    .isPositive();
        }
    }

    @Test
    void anotherSizeIsRefused() {
        DeepFace model = narrow(0);
        model.initialize(manager);
        NDArray x = manager.zeros(new Shape(1, 3, 224, 224));
        assertThatThrownBy(() -> model.forward(x, pass(false)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("152")
                .hasMessageContaining("(1, 3, 224, 224)");
        assertThatThrownBy(() -> new DeepFace.Config(3, 0, 16, 4096, .5)).isInstanceOf(IllegalArgumentException.class);
    }
}
