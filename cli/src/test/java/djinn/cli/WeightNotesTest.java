package djinn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import djinn.data.Digits;
import djinn.ops.PyTorch;
import djinn.zoo.Models;
import djinn.zoo.weights.Safetensors;
import djinn.zoo.weights.StateDict;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What was taken off, chosen and left out of a file of weights: told beside the answer, wherever weights are given. */
class WeightNotesTest {

    private static final String AVERAGED =
            "note: the averaged weights (EMA) under 'ema.' are taken; --prefer plain takes those under 'model.'";
    private static final String PLAIN =
            "note: the plain weights under 'model.' are taken, not the averaged ones (EMA) under 'ema.'";
    private static final String LEFT_OUT = "note: left out, for they are none of the model's: loss.scale";

    @TempDir
    private static Path folder;

    private static Path weights;
    private static Path classes;
    private static Path digit;

    private record Answer(int code, String out, List<String> err) {}

    private static Answer djinn(Object... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine command = Djinn.commandLine();
        command.setOut(new PrintWriter(out));
        command.setErr(new PrintWriter(err));
        int code = command.execute(Stream.of(arguments).map(Object::toString).toArray(String[]::new));
        return new Answer(code, out.toString(), err.toString().lines().toList());
    }

    @BeforeAll
    static void write() throws IOException {
        weights = folder.resolve("both.safetensors");
        try (NDManager manager = PyTorch.newManager()) {
            var model = Models.named("nin_small").build();
            model.initialize(manager);
            Map<String, NDArray> both = new LinkedHashMap<>();
            StateDict.of(model).forEach((name, array) -> {
                both.put("model." + name, array);
                both.put("ema." + name, name.equals("head.bias") ? last(manager) : array);
            });
            both.put("loss.scale", manager.ones(new Shape(1)));
            Safetensors.write(weights, both, Map.of());
        }
        classes = Files.writeString(folder.resolve("classes.txt"), "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n");
        digit = folder.resolve("digit.png");
        ImageIO.write(
                Digits.splits()
                        .validation()
                        .image(0, Models.named("nin_small").channels())
                        .toBufferedImage(),
                "png",
                digit.toFile());
    }

    /** A bias that makes the average always answer j. */
    private static NDArray last(NDManager manager) {
        float[] last = new float[10];
        last[9] = 100;
        return manager.create(last);
    }

    @Test
    void predictTakesThePreferredWeights() {
        Object[] start = {"predict", "--model", "nin_small", "--weights", weights, "--classes", classes, "--json", digit
        };
        Answer averaged = djinn(start);
        assertThat(averaged.err()).containsExactly(AVERAGED, LEFT_OUT);
        assertThat(averaged.out())
                .contains("\"label\":\"j\",\"probability\":1.0")
                .hasLineCount(1);
        Answer plain = djinn(
                Stream.concat(Stream.of(start), Stream.of("--prefer", "plain")).toArray());
        assertThat(plain.err()).containsExactly(PLAIN, LEFT_OUT);
        assertThat(plain.out()).doesNotContain("\"probability\":1.0").hasLineCount(1);
    }

    @Test
    void valAndExportTellToo() {
        Answer val = djinn("val", "--model", "nin_small", "--weights", weights, "--data", "digits", "--json");
        assertThat(val.err()).containsExactly(AVERAGED, LEFT_OUT);
        assertThat(val.out()).startsWith("{").hasLineCount(1);
        Path exported = folder.resolve("exported.safetensors");
        Answer export =
                djinn("export", "--model", "nin_small", "--weights", weights, "--prefer", "plain", "--to", exported);
        assertThat(export.err()).containsExactly(PLAIN, LEFT_OUT);
        Answer again = djinn("val", "--weights", exported, "--classes", classes, "--data", "digits");
        assertThat(again.err()).noneMatch(line -> line.startsWith("note:"));
    }

    @Test
    void convertTells() {
        Path converted = folder.resolve("converted.safetensors");
        Answer answer = djinn("weights", "convert", weights, "--model", "nin_small", "--to", converted);
        assertThat(answer.code()).isZero();
        assertThat(answer.err()).containsExactly(AVERAGED, LEFT_OUT);
        try (Safetensors file = Safetensors.open(converted)) {
            assertThat(file.names()).contains("head.bias").noneMatch(name -> name.startsWith("ema."));
        }
        Answer wrong = djinn("weights", "convert", converted, "--model", "squeezenet1_1", "--to", folder.resolve("no"));
        assertThat(wrong.code()).isEqualTo(1);
        assertThat(wrong.err())
                .singleElement()
                .asString()
                .endsWith("these are the weights of nin_small; use --model nin_small");
    }
}
