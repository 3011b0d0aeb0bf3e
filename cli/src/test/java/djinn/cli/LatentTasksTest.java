package djinn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Autoencoders and diffusion, as a user meets them on the command line. */
class LatentTasksTest {

    @TempDir
    private Path folder;

    private Answer djinn(Object... words) {
        Answer answer = Answer.of(words);
        assertThat(answer.code()).as(answer.err()).isZero();
        return answer;
    }

    private Path train(String task) {
        djinn(
                "train",
                Path.of("../configs/" + task + "_tiny.yaml"),
                "--runs",
                folder,
                "--name",
                task,
                "--set",
                "train.epochs=1");
        return folder.resolve(task);
    }

    @Test
    void autoencoder() throws IOException {
        Path run = train("autoencoder");
        assertThat(djinn("val", run).out()).contains("elbo").contains("kl");
        Path sheet = folder.resolve("sheet.png");
        djinn("generate", run, "--count", 16, "--interpolate", "--truncation", 1, "--to", sheet);
        // rows of eight of 8x8, with a margin of 2 around each
        assertThat(ImageIO.read(sheet.toFile()).getWidth()).isEqualTo(2 + 8 * 10);
        assertThat(ImageIO.read(sheet.toFile()).getHeight()).isEqualTo(2 + 2 * 10);
        Answer half = Answer.of("generate", run, "--count", 12, "--interpolate", "--to", sheet);
        assertThat(half.code()).isEqualTo(2);
        assertThat(half.err()).contains("a multiple of 8 with --interpolate").contains("got 12");
        Answer classed = Answer.of("generate", run, "--class", 3, "--to", sheet);
        assertThat(classed.code()).isEqualTo(2);
        assertThat(classed.err()).contains("expected no class with this model");
        Answer stepped = Answer.of("generate", run, "--steps", 5, "--to", sheet);
        assertThat(stepped.code()).isEqualTo(2);
        assertThat(stepped.err()).contains("steps");

        Path whole = folder.resolve("whole.onnx");
        assertThat(djinn("export", run, "--to", whole).out()).contains("ONNX Runtime differs by at most");
        assertThat(Answer.of("generate", whole, "--to", sheet).err()).contains("--part decoder");
        Path encoder = folder.resolve("encoder.pt");
        assertThat(djinn("export", run, "--part", "encoder", "--to", encoder).out())
                .contains("the encoder of ")
                .contains("as TorchScript");
        Path of = folder.resolve("of.png");
        djinn("generate", run, "--count", 4, "--to", sheet);
        for (String ending : new String[] {".onnx", ".safetensors"}) {
            Path decoder = folder.resolve("decoder" + ending);
            assertThat(djinn("export", run, "--part", "decoder", "--to", decoder)
                            .out())
                    .contains(decoder.toString());
            djinn("generate", decoder, "--count", 4, "--to", of);
            assertThat(ImageIO.read(of.toFile()).getWidth())
                    .isEqualTo(ImageIO.read(sheet.toFile()).getWidth());
        }
        Answer misspelt = Answer.of("export", run, "--part", "decodr", "--to", whole);
        assertThat(misspelt.code()).isEqualTo(2);
        assertThat(misspelt.err()).contains("'decodr'").contains("decoder");
    }

    @Test
    void diffusion() throws IOException {
        Path run = train("diffusion");
        assertThat(djinn("val", run).out()).contains("loss quarter 4");
        Path sheet = folder.resolve("sheet.png");
        djinn("generate", run, "--count", 4, "--steps", 3, "--class", 7, "--to", sheet);
        assertThat(ImageIO.read(sheet.toFile()).getWidth()).isEqualTo(2 + 2 * 10);
        Path onnx = folder.resolve("noise.onnx");
        assertThat(djinn("export", run, "--to", onnx).out()).contains("ONNX Runtime differs by at most");
        djinn("generate", onnx, "--count", 4, "--steps", 3, "--to", sheet);
        Answer part = Answer.of("export", run, "--part", "decoder", "--to", onnx);
        assertThat(part.code()).isEqualTo(2);
        assertThat(part.err()).contains("exported as a whole");
        assertThat(Answer.of("generate", run, "--steps", 201, "--to", sheet).code())
                .isNotZero();
    }

    @Test
    void partsAreOfRuns() {
        Answer answer = Answer.of("export", "--weights", "any.safetensors", "--part", "decoder", "--to", "x.onnx");
        assertThat(answer.code()).isEqualTo(2);
        assertThat(answer.err()).contains("expected --part with the folder of a run");
    }
}
