package djinn.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import djinn.data.Dataset;
import djinn.data.Digits;
import djinn.data.Pixels;
import djinn.inference.Classification;
import djinn.inference.ImageClassifier;
import djinn.inference.ModelCard;
import djinn.ops.PyTorch;
import djinn.ops.Randomness;
import djinn.zoo.Models;
import djinn.zoo.weights.Safetensors;
import djinn.zoo.weights.StateDict;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** {@code djinn val --tta} on weights by chance. */
class ValViewsTest {

    @TempDir
    private Path folder;

    private static String djinn(int code, Object... arguments) {
        StringWriter out = new StringWriter();
        CommandLine command = Djinn.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(out));
        List<String> words = new ArrayList<>();
        for (Object argument : arguments) {
            words.add(argument.toString());
        }
        assertThat(command.execute(words.toArray(new String[0])))
                .as(out.toString())
                .isEqualTo(code);
        return out.toString();
    }

    @Test
    void theFiguresAreThoseOfTheMeanOverTheViews() {
        Path weights = folder.resolve("weights.safetensors");
        try (NDManager manager = PyTorch.newManager()) {
            Randomness.seed(1);
            var model = Models.named("nin_small").build();
            model.initialize(manager);
            Safetensors.write(weights, StateDict.of(model), Map.of());
        }
        Object[] val = {"val", "--model", "nin_small", "--weights", weights, "--data", "digits", "--json"};
        JsonNode plain = json(djinn(0, val));
        JsonNode one = json(djinn(0, with(val, "--tta", "none")));
        assertThat(one).isEqualTo(plain);
        JsonNode two = json(djinn(0, with(val, "--tta", "flip")));
        assertThat(two.get("images").asInt()).isEqualTo(360);

        Dataset digits = Digits.splits().validation();
        int[] labels = digits.labels();
        double loss = 0;
        try (ImageClassifier classifier = ImageClassifier.open(
                weights,
                ModelCard.usual(Models.named("nin_small"), Digits.splits().classes()))) {
            List<Pixels> images = IntStream.range(0, labels.length)
                    .mapToObj(i -> digits.image(i, 1))
                    .toList();
            List<Classification> plainly = classifier.predictAll(images);
            List<Classification> mirrored = classifier.predictAll(
                    images.stream().map(ValViewsTest::mirrored).toList());
            for (int i = 0; i < labels.length; i++) {
                String label = Digits.splits().classes().get(labels[i]);
                loss -= Math.log(Stream.of(plainly.get(i), mirrored.get(i))
                        .flatMap(answer -> answer.scores().stream())
                        .filter(score -> score.label().equals(label))
                        .mapToDouble(score -> score.probability() / 2)
                        .sum());
            }
        }
        assertThat(two.get("loss").asDouble())
                .isCloseTo(loss / labels.length, within(1e-5))
                .isNotCloseTo(plain.get("loss").asDouble(), within(1e-5));
        assertThat(djinn(2, with(val, "--tta", "sideways"))).contains("--tta", "ten_crop");
    }

    private static Pixels mirrored(Pixels image) {
        int width = image.width();
        byte[] values = new byte[image.values().length];
        for (int i = 0; i < values.length; i++) {
            values[i] = image.values()[i / width * width + width - 1 - i % width];
        }
        return new Pixels(image.height(), width, 1, values);
    }

    private static Object[] with(Object[] words, Object... more) {
        List<Object> all = new ArrayList<>(List.of(words));
        all.addAll(List.of(more));
        return all.toArray();
    }

    private static JsonNode json(String text) {
        return new ObjectMapper().readTree(text);
    }
}
