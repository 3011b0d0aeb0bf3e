package djinn.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import djinn.ops.PyTorch;
import djinn.ops.Randomness;
import djinn.zoo.ModelOptions;
import djinn.zoo.Models;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.weights.Safetensors;
import djinn.zoo.weights.StateDict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The mean of several files of weights. */
class AverageCommandTest {

    @TempDir
    private Path folder;

    @BeforeEach
    void home() {
        System.setProperty("djinn.home", "..");
    }

    @AfterEach
    void restore() {
        System.clearProperty("djinn.home");
    }

    private Path file(String name, float first, float second, long count, Map<String, String> metadata) {
        Path file = folder.resolve(name);
        try (NDManager manager = PyTorch.newManager()) {
            Map<String, NDArray> arrays = new LinkedHashMap<>();
            arrays.put("fc.weight", manager.create(new float[] {first, second}, new Shape(1, 2)));
            arrays.put("bn.running_mean", manager.create(new float[] {second}));
            arrays.put("bn.num_batches_tracked", manager.create(count));
            Safetensors.write(file, arrays, metadata);
        }
        return file;
    }

    private static void expect(int code, String part, Object... words) {
        Answer answer = Answer.of(words);
        assertThat(answer.err()).contains(part).hasLineCount(1);
        assertThat(answer.code()).isEqualTo(code);
    }

    @Test
    void arraysAreAveragedAndWhatIsNotIsTold() {
        Path a = file("a", 1, -2, 7, Map.of("djinn.epoch", "3", "author", "me"));
        Path b = file("b", 2, 5, 9, Map.of("djinn.epoch", "4", "author", "me"));
        Path c = file("c", 6, 3, 9, Map.of("author", "me"));
        Path to = folder.resolve("mean.safetensors");
        Answer answer = Answer.of("weights", "average", a, b, c, "--to", to);
        assertThat(answer.code()).as(answer.err()).isZero();
        assertThat(answer.lines()).containsExactly(to + ": the mean of 3 files, 3 arrays");
        assertThat(answer.err().lines())
                .containsExactly(
                        "djinn.epoch differs and is left out: 3, 4, nothing",
                        "whole numbers are those of " + a + ": bn.num_batches_tracked",
                        "note: 1 running statistics of batch norm are averaged too; --recipe learns them anew");
        assertThat(Answer.of("weights", "average", a, b, "--to", folder.resolve("quiet.safetensors"), "-q")
                        .err())
                .isEmpty();
        try (NDManager manager = PyTorch.newManager();
                Safetensors mean = Safetensors.open(to)) {
            mean.verifyChecksum();
            assertThat(mean.read(manager, "fc.weight").toFloatArray()).containsExactly(3, 2);
            assertThat(mean.read(manager, "bn.running_mean").toFloatArray()).containsExactly(2);
            assertThat(mean.read(manager, "bn.num_batches_tracked").getLong()).isEqualTo(7);
            assertThat(mean.metadata())
                    .containsEntry("author", "me")
                    .containsEntry("djinn.averaged", "3")
                    .doesNotContainKey("djinn.epoch");
        }
    }

    @Test
    void filesOfARunAndOtherKindsAreNotWrittenOver() throws IOException {
        Path a = file("a", 1, 2, 7, Map.of());
        Path b = file("b", 3, 4, 7, Map.of());
        expect(
                2,
                "expected --to as a file that ends in .safetensors",
                "weights",
                "average",
                a,
                b,
                "--to",
                folder.resolve("recipe.yaml"));
        Files.writeString(folder.resolve("recipe.yaml"), "seed: 1\n");
        Path best = Files.copy(a, folder.resolve("best.safetensors"));
        expect(1, "in the folder of a run, got " + best, "weights", "average", a, b, "--to", best);
        assertThat(best).hasSameBinaryContentAs(a);
        Path mean = folder.resolve("mean.safetensors");
        for (int times = 0; times < 2; times++) {
            assertThat(Answer.of("weights", "average", a, b, "--to", mean).code())
                    .isZero();
        }
    }

    @Test
    void filesThatDoNotFitAreRefused() {
        Path a = file("a", 1, 2, 7, Map.of("djinn.task", "detection"));
        Path to = folder.resolve("mean.safetensors");
        expect(2, "expected at least two files to average, got 1", "weights", "average", a, "--to", to);
        Path task = file("task", 1, 2, 7, Map.of("djinn.task", "segmentation"));
        expect(
                1,
                task + ": expected djinn.task as in " + a + ", detection, got segmentation",
                "weights",
                "average",
                a,
                task,
                "--to",
                to);
        Path infinite = file("infinite", Float.NaN, 2, 7, Map.of());
        expect(1, infinite.toString(), "weights", "average", a, infinite, "--to", to);
        expect(1, "there is no such file", "weights", "average", a, folder.resolve("none"), "--to", to);
        try (NDManager manager = PyTorch.newManager()) {
            NDArray count = manager.create(1L);
            NDArray one = manager.create(new float[1]);
            Map<String, Map<String, NDArray>> others = Map.of(
                    "has no array bn.running_mean", Map.of("fc.weight", one, "bn.num_batches_tracked", count),
                    "has fc.weight as (1) of float32, not (1, 2) of float32",
                            Map.of("fc.weight", one, "bn.running_mean", one, "bn.num_batches_tracked", count),
                    "has an array more that the other has not",
                            Map.of(
                                    "fc.weight", manager.zeros(new Shape(1, 2)),
                                    "bn.running_mean", one,
                                    "bn.num_batches_tracked", count,
                                    "more", one));
            others.forEach((told, arrays) -> {
                Path other = folder.resolve("other");
                Safetensors.write(other, arrays, Map.of());
                expect(
                        1,
                        other + ": expected weights of the same model as " + a + ", which this file is not: it " + told,
                        "weights",
                        "average",
                        a,
                        other,
                        "--to",
                        to);
            });
        }
        assertThat(to).doesNotExist();
    }

    private Path model(long seed) {
        Path file = folder.resolve("model" + seed);
        try (NDManager manager = PyTorch.newManager()) {
            Randomness.seed(seed);
            NamedBlock model = Models.named("nin_small").build(new ModelOptions(10, 1));
            model.initialize(manager);
            Safetensors.write(file, StateDict.of(model), Map.of());
        }
        return file;
    }

    /** 1,437 digits to learn from are 23 batches of 64. */
    @Test
    void statisticsAreLearnedAnewWhereAsked() {
        Path a = model(1);
        Path b = model(2);
        Path to = folder.resolve("soup.safetensors");
        Answer answer = Answer.of("weights", "average", a, b, "--recipe", "nin_digits", "--to", to);
        assertThat(answer.code()).as(answer.err()).isZero();
        assertThat(answer.err()).contains("9 batch norms learned their running statistics anew");
        try (NDManager manager = PyTorch.newManager();
                Safetensors first = Safetensors.open(a);
                Safetensors second = Safetensors.open(b);
                Safetensors soup = Safetensors.open(to)) {
            float[] sum = first.read(manager, "head.weight")
                    .add(second.read(manager, "head.weight"))
                    .toFloatArray();
            float[] got = soup.read(manager, "head.weight").toFloatArray();
            for (int i = 0; i < sum.length; i++) {
                assertThat(got[i]).isCloseTo(sum[i] / 2, within(1e-6f));
            }
            assertThat(soup.read(manager, "mlpconv1.bn.num_batches_tracked").getLong())
                    .isEqualTo(23);
            // fresh ones are 0
            assertThat(soup.read(manager, "mlpconv1.bn.running_mean")
                            .abs()
                            .max()
                            .getFloat())
                    .isGreaterThan(1e-3f);
        }
    }
}
