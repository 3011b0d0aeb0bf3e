package djinn.zoo.generative;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import djinn.golden.Formula;
import djinn.ops.Autograd;
import djinn.ops.Gradients;
import djinn.ops.PyTorch;
import djinn.zoo.language.Recorded;
import djinn.zoo.nn.Pass;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PixelModelTest {

    private static final String CLASSES = "gated_pixel_cnn classes";

    private NDManager manager;

    @BeforeEach
    void open() {
        manager = PyTorch.newManager();
    }

    @AfterEach
    void close() {
        manager.close();
    }

    private static PixelModel recorded(String name) {
        return switch (name) {
            case "pixel_cnn grey" -> new PixelCnn(new PixelCnn.Config(1, 4, 3, 2, 4));
            case "pixel_cnn colour" -> new PixelCnn(new PixelCnn.Config(3, 2, 3, 1, 6));
            case "pixel_rnn grey" -> new PixelRnn(new PixelRnn.Config(1, 4, 3, 2, 4));
            case "pixel_rnn colour" -> new PixelRnn(new PixelRnn.Config(3, 2, 3, 1, 6));
            case "gated_pixel_cnn grey" -> new GatedPixelCnn(new GatedPixelCnn.Config(1, 4, 3, 3, 5, 3, 4, 0));
            case CLASSES -> new GatedPixelCnn(new GatedPixelCnn.Config(3, 2, 3, 2, 3, 3, 6, 3));
            default -> throw new IllegalArgumentException(name);
        };
    }

    private NDArray labels(String name) {
        return name.equals(CLASSES) ? manager.create(new long[] {2, 0}) : null;
    }

    private NDArray images(PixelModel model) {
        return Formula.input(manager, "images", model.channels() == 1 ? new Shape(2, 1, 5, 4) : new Shape(2, 3, 4, 3));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "pixel_cnn grey",
                "pixel_cnn colour",
                "pixel_rnn grey",
                "pixel_rnn colour",
                "gated_pixel_cnn grey",
                CLASSES
            })
    void equalsTheProgramInPytorch(String name) {
        PixelModel model = recorded(name);
        Recorded.of(manager, "generative", "pixel_models", name)
                .assertSame(model, pass -> new NDList(model.forward(images(model), labels(name), pass)));
    }

    /** A place of an image: a value of a pixel. */
    private record Place(int y, int x, int colour) {}

    /** What the feature of a pixel sees of pixels before the first layer, the pixel itself among them. */
    private interface Reach {
        Set<Place> of(Place pixel);
    }

    private static Place at(int y, int x) {
        return new Place(y, x, 0);
    }

    private static boolean inside(Place pixel) {
        return pixel.y >= 0 && pixel.x >= 0 && pixel.x < 7;
    }

    private static Set<Place> through(Set<Place> pixels, Reach reach) {
        Set<Place> seen = new LinkedHashSet<>();
        for (Place pixel : pixels) {
            reach.of(pixel).stream().filter(PixelModelTest::inside).forEach(seen::add);
        }
        return seen;
    }

    /** Masked convolution: all of the rows above, and what is left of the pixel or, but in a first layer, the pixel. */
    private static Reach kernel(int half, boolean itself) {
        return pixel -> {
            Set<Place> seen = new LinkedHashSet<>();
            for (int dy = -half; dy <= 0; dy++) {
                for (int dx = -half; dx <= half; dx++) {
                    if (dy < 0 || dx < 0 || (dx == 0 && itself)) {
                        seen.add(at(pixel.y + dy, pixel.x + dx));
                    }
                }
            }
            return seen;
        };
    }

    private static Set<Place> lstm(Place pixel) {
        Set<Place> seen = new LinkedHashSet<>();
        Set<Place> states = Set.of(pixel);
        while (!states.isEmpty()) {
            seen.addAll(through(states, state -> Set.of(state, at(state.y, state.x - 1))));
            states = through(
                    states,
                    state -> Set.of(
                            at(state.y - 1, state.x - 1), at(state.y - 1, state.x), at(state.y - 1, state.x + 1)));
        }
        return seen;
    }

    private static Set<Place> allBefore(Place pixel) {
        Set<Place> seen = new LinkedHashSet<>();
        for (int y = 0; y <= pixel.y; y++) {
            for (int x = 0; x < (y < pixel.y ? 7 : pixel.x); x++) {
                seen.add(at(y, x));
            }
        }
        return seen;
    }

    private static Set<Place> reached(String model, Place pixel) {
        return switch (model) {
            case "pixel_cnn" -> through(through(Set.of(pixel), kernel(1, true)), kernel(3, false));
            case "pixel_rnn" -> through(through(Set.of(pixel), PixelModelTest::lstm), kernel(3, false));
            default -> allBefore(pixel);
        };
    }

    private static PixelModel wide(String name, int colours) {
        return switch (name) {
            case "pixel_cnn" -> new PixelCnn(new PixelCnn.Config(colours, 3, 24, 1, 48));
            case "pixel_rnn" -> new PixelRnn(new PixelRnn.Config(colours, 3, 24, 1, 48));
            default -> new GatedPixelCnn(new GatedPixelCnn.Config(colours, 3, 24, 4, 7, 3, 48, 0));
        };
    }

    /** The places whose values change the logits of one: those with a gradient in one of some images. */
    private Set<Place> seen(PixelModel model, NDArray images, Place place) {
        Set<Place> seen = new LinkedHashSet<>();
        try (NDManager working = manager.newSubManager();
                Autograd.Scope on = Autograd.withGradients()) {
            NDArray given = images.duplicate();
            given.attach(working);
            given.setRequiresGradient(true);
            NDArray logits = model.forward(given, null, Recorded.pass(working, true));
            NDArray one = logits.get(":, :, " + place.colour + ", " + place.y + ", " + place.x);
            NDArray probe = Formula.input(working, "probe", one.getShape());
            NDArray gradient = Gradients.of(one.mul(probe).sum(), new NDList(given), working)
                    .arrays()
                    .head();
            float[] values = gradient.abs().max(new int[] {0}).toFloatArray();
            int i = 0;
            for (int c = 0; c < model.channels(); c++) {
                for (int y = 0; y < 5; y++) {
                    for (int x = 0; x < 7; x++) {
                        if (values[i++] != 0) {
                            seen.add(new Place(y, x, c));
                        }
                    }
                }
            }
        }
        return seen;
    }

    private void seesWhatIsBefore(String name, int colours) {
        PixelModel model = Recorded.filled(manager, wide(name, colours));
        NDArray images = Formula.input(manager, "images", new Shape(6, colours, 5, 7));
        for (int y = 0; y < 5; y++) {
            for (int x = 0; x < 7; x++) {
                Set<Place> before = reached(name, at(y, x));
                assertThat(allBefore(at(y, x))).containsAll(before);
                for (int c = 0; c < colours; c++) {
                    Set<Place> expected = new LinkedHashSet<>();
                    for (int k = 0; k < colours; k++) {
                        for (Place pixel : before) {
                            expected.add(new Place(pixel.y, pixel.x, k));
                        }
                    }
                    for (int k = 0; k < c; k++) {
                        expected.add(new Place(y, x, k));
                    }
                    Place place = new Place(y, x, c);
                    assertThat(seen(model, images, place)).as("%s", place).isEqualTo(expected);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"pixel_cnn", "pixel_rnn", "gated_pixel_cnn"})
    void aGreyPixelDependsOnAllBeforeItInReachAndOnNothingElse(String name) {
        seesWhatIsBefore(name, 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"pixel_cnn", "pixel_rnn", "gated_pixel_cnn"})
    void aColourDependsOnThoseBeforeItAtItsPixelToo(String name) {
        seesWhatIsBefore(name, 3);
    }

    @Test
    void thePlainOneHasABlindSpot() {
        assertThat(reached("pixel_cnn", at(4, 1)))
                .hasSizeLessThan(allBefore(at(4, 1)).size());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "pixel_cnn grey",
                "pixel_cnn colour",
                "pixel_rnn grey",
                "pixel_rnn colour",
                "gated_pixel_cnn grey",
                CLASSES
            })
    void rowsGiveWhatTheWholeGives(String name) {
        PixelModel model = Recorded.filled(manager, recorded(name));
        NDArray images = images(model);
        NDArray labels = labels(name);
        Pass pass = Recorded.pass(manager, false);
        NDArray whole = model.forward(images, labels, pass);
        NDList above = model.begin(manager, 2, images.getShape().get(3), labels, pass);
        for (int y = 0; y < images.getShape().get(2); y++) {
            String at = ", " + y + ":" + (y + 1);
            NDArray row = images.get(":, :" + at);
            Recorded.assertNear("row " + y, model.rowLogits(row, above, labels, pass), whole.get(":, :, :" + at));
            above = model.nextRow(row, above, labels, pass);
        }
    }

    @Test
    void whatARowHoldsAtItsPixelAndBehindItDoesNotMatter() {
        PixelModel model = Recorded.filled(manager, recorded("gated_pixel_cnn grey"));
        Pass pass = Recorded.pass(manager, false);
        NDArray row = images(model).get(":, :, 0:1");
        NDArray cut = row.duplicate();
        cut.set(new ai.djl.ndarray.index.NDIndex(":, :, :, 2:"), 9f);
        NDList above = model.begin(manager, 2, 4, null, pass);
        assertThat(model.rowLogits(cut, above, null, pass).get("..., 0:3").toFloatArray())
                .containsExactly(
                        model.rowLogits(row, above, null, pass).get("..., 0:3").toFloatArray());
    }

    @Test
    void aClassChangesWhatIsTold() {
        PixelModel model = Recorded.filled(manager, recorded(CLASSES));
        Pass pass = Recorded.pass(manager, false);
        Map<Long, float[]> told = new LinkedHashMap<>();
        for (long each = 0; each < 3; each++) {
            told.put(
                    each,
                    model.forward(images(model), manager.create(new long[] {each, each}), pass)
                            .toFloatArray());
        }
        assertThat(told.get(0L)).isNotEqualTo(told.get(1L));
        assertThat(told.get(1L)).isNotEqualTo(told.get(2L));
    }

    @Test
    void whatDoesNotFitIsRefused() {
        PixelModel classes = Recorded.filled(manager, recorded(CLASSES));
        Pass pass = Recorded.pass(manager, false);
        NDArray images = images(classes);
        assertThatThrownBy(() -> classes.forward(images, null, pass))
                .hasMessage("expected the images' classes beside them, of which the model knows 3");
        PixelModel grey = Recorded.filled(manager, recorded("pixel_cnn grey"));
        assertThatThrownBy(() -> grey.forward(images, null, pass))
                .hasMessage("expected images (N, 1, H, W), got (2, 3, 4, 3)");
        NDArray one = images.get(":, 0:1");
        NDArray labels = labels(CLASSES);
        assertThatThrownBy(() -> grey.forward(one, labels, pass))
                .hasMessage("expected images alone: the model knows no classes");
        assertThatThrownBy(() -> new PixelCnn.Config(3, 2, 4, 1, 6))
                .hasMessage(
                        "expected a width and hidden that are multiples of the 3 channels of an image, got 4 and 6");
        assertThatThrownBy(() -> new PixelRnn.Config(1, 1, 4, 1, 6))
                .hasMessage(
                        "expected channels, a width, layers and hidden of at least 1 and levels of at least 2, got 1,"
                                + " 4, 1, 6 and 1");
        assertThatThrownBy(() -> new GatedPixelCnn.Config(1, 2, 4, 1, 7, 4, 6, 0))
                .hasMessage("expected odd kernels of at least 3, got 7 and 4");
        assertThatThrownBy(() -> new GatedPixelCnn.Config(1, 2, 4, 1, 7, 3, 6, -1))
                .hasMessage("expected classes of at least 0, got -1");
    }
}
