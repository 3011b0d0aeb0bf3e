package djinn.zoo.generative;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import djinn.golden.Formula;
import djinn.golden.Golden;
import djinn.ops.PyTorch;
import djinn.ops.Randomness;
import djinn.zoo.language.Recorded;
import djinn.zoo.nn.Pass;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class DiffusionTest {

    private static final JsonNode STEPS =
            Golden.records("generative/diffusion.json").get("steps");

    private NDManager manager;

    @BeforeEach
    void open() {
        manager = PyTorch.newManager();
    }

    @AfterEach
    void close() {
        manager.close();
    }

    private static DiffusionUNet.Config narrow(int classes) {
        return new DiffusionUNet.Config(2, 8, 4, List.of(1, 2), 1, classes, 0);
    }

    @Test
    void networkEqualsTheProgramInPytorch() {
        DiffusionUNet net = new DiffusionUNet(narrow(3));
        NDArray images = Formula.input(manager, "images", new Shape(2, 2, 8, 8));
        NDArray steps = manager.create(new long[] {0, 37});
        NDArray labels = manager.create(new long[] {2, 0});
        Recorded.of(manager, "generative", "diffusion", "unet")
                .assertSame(net, pass -> new NDList(net.forward(images, steps, labels, pass)));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void noiseHasTheShapeOfImagesAndIsNoneAtFirst(int levels) {
        List<Integer> widths = IntStream.rangeClosed(1, levels).boxed().toList();
        DiffusionUNet net = new DiffusionUNet(new DiffusionUNet.Config(1, 28, 8, widths, 2, 0, .1));
        Randomness.seed(1);
        net.initialize(manager);
        NDArray images = Formula.input(manager, "images", new Shape(3, 1, 28, 28));
        NDArray noise = net.forward(images, manager.create(new long[] {0, 5, 999}), null, Recorded.pass(manager, true));
        assertThat(noise.getShape()).isEqualTo(images.getShape());
        assertThat(noise.abs().max().getFloat()).isZero();
    }

    @Test
    void eachImageIsToldItsOwnStepAndClass() {
        DiffusionUNet net = Recorded.filled(manager, new DiffusionUNet(narrow(3)));
        Pass pass = Recorded.pass(manager, false);
        NDArray images = Formula.input(manager, "images", new Shape(2, 2, 8, 8));
        NDArray same = images.get("0:1").concat(images.get("0:1"));
        NDArray zeros = manager.create(new long[] {0, 0});
        NDArray alike = net.forward(same, zeros, zeros, pass);
        Recorded.assertNear("of one step and class", alike.get(0), alike.get(1));
        NDArray other = manager.create(new long[] {0, 2});
        assertThat(difference(net.forward(same, other, zeros, pass))).isPositive();
        assertThat(difference(net.forward(same, zeros, other, pass))).isPositive();
        Recorded.assertNear("alone", net.forward(same, other, zeros, pass).get(0), alike.get(0));
    }

    private static float difference(NDArray pair) {
        return pair.get(0).sub(pair.get(1)).abs().max().getFloat();
    }

    @Test
    void scheduleEqualsTheProgramInPytorch() {
        CosineSchedule schedule = new CosineSchedule(STEPS.get("steps").asInt());
        assertNear(schedule.betas(), Golden.doubles(STEPS.get("betas")));
        assertNear(schedule.remaining(), Golden.doubles(STEPS.get("remaining")));
        assertNear(
                Arrays.stream(schedule.betas()).map(beta -> 1 - beta).toArray(), Golden.doubles(STEPS.get("alphas")));
    }

    private static void assertNear(double[] actual, double[] expected) {
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < actual.length; i++) {
            assertThat(actual[i]).isCloseTo(expected[i], within(1e-12));
        }
    }

    /** Section 3.2: sigma of 0.999 at most, and hardly any noise at the first step. */
    @Test
    void aScheduleTakesAnImageAwayByAndBy() {
        CosineSchedule schedule = new CosineSchedule(1000);
        double[] remaining = schedule.remaining();
        assertThat(remaining[0]).isBetween(.9999, 1.);
        assertThat(remaining[499]).isCloseTo(Math.pow(Math.cos((.5 + .008) / 1.008 * Math.PI / 2), 2), within(1e-4));
        assertThat(remaining[999]).isBetween(0., 1e-6);
        assertThat(schedule.betas()[999]).isEqualTo(.999);
        assertThat(IntStream.range(1, 1000).allMatch(t -> remaining[t] < remaining[t - 1]))
                .isTrue();
        assertThatThrownBy(() -> new CosineSchedule(1)).hasMessageContaining("got 1");
    }

    private static float[] numbers(String name) {
        float[] values = new float[16];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (2 * Formula.unit(name, i) - 1);
        }
        return values;
    }

    @Test
    void stepsEqualTheProgramInPytorch() {
        Denoising way = new Denoising(new CosineSchedule(STEPS.get("steps").asInt()));
        int at = STEPS.get("at").asInt();
        Golden.assertClose(
                "ddpm",
                way.ddpm(numbers("noisy"), numbers("predicted"), at, numbers("drawn")),
                Golden.doubles(STEPS.get("ddpm")),
                1e-5,
                1e-6);
        Golden.assertClose(
                "ddim",
                way.ddim(
                        numbers("noisy"),
                        numbers("predicted"),
                        at,
                        STEPS.get("to").asInt()),
                Golden.doubles(STEPS.get("ddim")),
                1e-5,
                1e-6);
        Golden.assertClose(
                "image",
                way.ddim(numbers("noisy"), numbers("predicted"), at, -1),
                Golden.doubles(STEPS.get("image")),
                1e-5,
                1e-6);
    }

    /** Whoever knows the noise comes back to the image: DDIM by any way, DDPM at its last step. */
    @Test
    void knownNoiseIsTakenAway() {
        CosineSchedule schedule = new CosineSchedule(100);
        Denoising way = new Denoising(schedule);
        double[] remaining = schedule.remaining();
        float[] image = numbers("image");
        float[] noise = numbers("noise");
        for (int count : new int[] {1, 7, 100}) {
            List<Integer> steps = way.spaced(count);
            assertThat(steps).hasSize(count).doesNotHaveDuplicates().first().isEqualTo(99);
            assertThat(steps.get(count - 1)).isEqualTo(count == 1 ? 99 : 0);
            // beyond step 80 too little of the image is left for single precision
            float[] x = under(image, noise, remaining[80]);
            int at = 80;
            for (int step : steps) {
                if (step < at) {
                    x = way.ddim(x, noise, at, step);
                    Golden.assertClose("at " + step, x, doubles(under(image, noise, remaining[step])), 1e-4, 1e-5);
                    at = step;
                }
            }
            Golden.assertClose("image", way.ddim(x, noise, at, -1), doubles(image), 1e-4, 1e-5);
        }
        float[] last = way.ddpm(under(image, noise, remaining[0]), noise, 0, new float[16]);
        Golden.assertClose("ddpm", last, doubles(image), 1e-4, 1e-5);
    }

    private static float[] under(float[] image, float[] noise, double remaining) {
        float[] x = new float[image.length];
        for (int i = 0; i < x.length; i++) {
            x[i] = (float) (Math.sqrt(remaining) * image[i] + Math.sqrt(1 - remaining) * noise[i]);
        }
        return x;
    }

    private static double[] doubles(float[] values) {
        return IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray();
    }

    @Test
    void whatDoesNotFitIsRefused() {
        assertThatThrownBy(() -> new Denoising(new CosineSchedule(10)).spaced(11))
                .hasMessageContaining("got 11");
        assertThatThrownBy(() -> new DiffusionUNet.Config(1, 28, 32, List.of(1, 2, 2, 2), 1, 0, 0))
                .hasMessageContaining("3 times");
        assertThatThrownBy(() -> new DiffusionUNet.Config(1, 28, 33, List.of(1), 1, 0, 0))
                .hasMessageContaining("got 33");
        DiffusionUNet net = Recorded.filled(manager, new DiffusionUNet(narrow(0)));
        Pass pass = Recorded.pass(manager, false);
        NDArray images = manager.zeros(new Shape(2, 2, 8, 8));
        NDArray steps = manager.create(new long[] {0, 1});
        assertThatThrownBy(() -> net.forward(images, manager.create(new long[] {0}), null, pass))
                .hasMessageContaining("steps (2), got (1)");
        assertThatThrownBy(() -> net.forward(images, steps, steps, pass)).hasMessageContaining("expected no labels");
        DiffusionUNet told = Recorded.filled(manager, new DiffusionUNet(narrow(3)));
        assertThatThrownBy(() -> told.forward(images, steps, null, pass)).hasMessageContaining("labels (2), got none");
    }
}
