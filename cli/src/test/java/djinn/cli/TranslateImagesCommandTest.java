package djinn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import djinn.data.Digits;
import djinn.data.ImageFiles;
import djinn.data.ImageGrid;
import djinn.data.Pixels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TranslateImagesCommandTest {

    @TempDir
    private static Path folder;

    private static Path run;
    private static Path images;

    @BeforeAll
    static void train() throws IOException {
        Path recipe = Files.writeString(folder.resolve("tiny.yaml"), """
                task: image_translation
                model: {width: 2, blocks: 1, discriminator_width: 2, discriminator_layers: 1}
                data: {source: digits, size: 8}
                optimizer: {name: adam, lr: 2e-3, betas: [0.5, 0.999]}
                train: {epochs: 1, batch_size: 256}
                """);
        Answer trained = Answer.of(
                "train", recipe.toString(), "--runs", folder.resolve("runs").toString(), "--name", "tiny");
        assertThat(trained.code()).as(trained.err()).isZero();
        run = folder.resolve("runs/tiny");
        images = Files.createDirectories(folder.resolve("images"));
        ImageGrid.write(Digits.splits().validation().image(0, 1), images.resolve("digit.png"));
        ImageGrid.write(new Pixels(10, 16, 3, new byte[480]), images.resolve("wide.png"));
    }

    private static Answer translate(Object... arguments) {
        return Answer.of(Stream.concat(Stream.of("translate-images", run), Stream.of(arguments))
                .toArray());
    }

    @Test
    void imagesOfAFolderAreTranslatedEachWay() {
        Path there = folder.resolve("new/there");
        Answer answer = translate(images.toString(), "--to", there.toString());
        assertThat(answer.code()).as(answer.err()).isZero();
        assertThat(answer.lines())
                .containsExactly(
                        images.resolve("digit.png") + ": " + there.resolve("digit.png"),
                        images.resolve("wide.png") + ": " + there.resolve("wide.png")
                                + " (resized from 16x10 to 8x8, its centre cut out)");
        Path back = folder.resolve("back");
        assertThat(translate(images + "/digit.png", "--direction", "b-to-a", "--to", back.toString())
                        .code())
                .isZero();
        Pixels one = ImageFiles.read(there.resolve("digit.png"), 3);
        assertThat(one.toString()).isEqualTo("8x8x3");
        assertThat(ImageFiles.read(back.resolve("digit.png"), 3)).isNotEqualTo(one);
    }

    @Test
    void anExportedFileAnswersBothWays() {
        Path onnx = folder.resolve("tiny.onnx");
        Answer exported = Answer.of("export", run.toString(), "--to", onnx.toString());
        assertThat(exported.code()).as(exported.err()).isZero();
        for (String way : new String[] {"a-to-b", "b-to-a"}) {
            Path of = folder.resolve("of-" + way);
            Path expected = folder.resolve("expected-" + way);
            assertThat(Answer.of(
                                    "translate-images",
                                    onnx.toString(),
                                    images.toString(),
                                    "--direction",
                                    way,
                                    "--to",
                                    of.toString())
                            .code())
                    .isZero();
            assertThat(translate(images.toString(), "--direction", way, "--to", expected.toString())
                            .code())
                    .isZero();
            byte[] found = ImageFiles.read(of.resolve("digit.png"), 3).values();
            byte[] own = ImageFiles.read(expected.resolve("digit.png"), 3).values();
            for (int i = 0; i < own.length; i++) {
                assertThat(Math.abs((own[i] & 0xFF) - (found[i] & 0xFF))).isLessThanOrEqualTo(1);
            }
        }
    }

    @Test
    void mistakesAreToldInOneLine() throws IOException {
        Path broken = Files.writeString(folder.resolve("broken.png"), "no image");
        Path to = folder.resolve("some");
        Answer some = translate(broken.toString(), images + "/digit.png", "--to", to.toString());
        assertThat(some.code()).isEqualTo(Djinn.DATA);
        assertThat(some.err()).contains("error: " + broken + ": is not an image, expected the contents of a ");
        assertThat(to.resolve("digit.png")).exists();
        assertThat(translate("--to", to.toString()).err()).contains("expected images to translate, got none");
        assertThat(translate(images.toString(), "--to", to.toString(), "--direction", "up")
                        .err())
                .contains("expected --direction a-to-b or b-to-a, got up");
        assertThat(translate(images.toString(), "--to", broken.toString()).err())
                .contains("--to: cannot make the folder " + broken);
        Answer asked = Answer.of("predict", run.toString(), images + "/digit.png");
        assertThat(asked.code()).isNotZero();
        assertThat(asked.err()).contains("translate-images");
    }

    @Test
    void aRunOfPairsTranslatesOneWay() throws IOException {
        Path recipe = Files.writeString(folder.resolve("pairs.yaml"), """
                task: paired_image_translation
                model: {width: 1, discriminator_width: 1, discriminator_layers: 1}
                data: {source: digits, size: 32}
                optimizer: {name: adam, lr: 2e-3, betas: [0.5, 0.999]}
                train: {epochs: 1, batch_size: 256}
                """);
        Answer trained = Answer.of("train", recipe, "--runs", folder.resolve("runs"), "--name", "pairs");
        assertThat(trained.code()).as(trained.err()).isZero();
        Path pairs = folder.resolve("runs/pairs");
        Path to = folder.resolve("paired");
        Answer answer = Answer.of("translate-images", pairs, images + "/digit.png", "--to", to);
        assertThat(answer.code()).as(answer.err()).isZero();
        assertThat(ImageFiles.read(to.resolve("digit.png"), 3).toString()).isEqualTo("32x32x3");
        Answer back = Answer.of("translate-images", pairs, images + "/digit.png", "--to", to, "--direction", "b-to-a");
        assertThat(back.code()).isEqualTo(2);
        assertThat(back.err()).contains("learned from pairs, one way, a-to-b");
        Answer measured = Answer.of("val", pairs);
        assertThat(measured.code()).as(measured.err()).isZero();
        assertThat(measured.out()).contains("difference");
        Path onnx = folder.resolve("pairs.onnx");
        Answer exported = Answer.of("export", pairs, "--to", onnx);
        assertThat(exported.code()).as(exported.err()).isZero();
        Path of = folder.resolve("of-pairs");
        assertThat(Answer.of("translate-images", onnx, images + "/digit.png", "--to", of)
                        .code())
                .isZero();
        byte[] found = ImageFiles.read(of.resolve("digit.png"), 3).values();
        byte[] own = ImageFiles.read(to.resolve("digit.png"), 3).values();
        for (int i = 0; i < own.length; i++) {
            assertThat(Math.abs((own[i] & 0xFF) - (found[i] & 0xFF))).isLessThanOrEqualTo(1);
        }
        Answer other = Answer.of("generate", pairs, "--to", folder.resolve("sheet.png"));
        assertThat(other.code()).isEqualTo(Djinn.DATA);
        assertThat(other.err()).contains("expected a run that makes images or text, got one of the task paired_image");
    }
}
