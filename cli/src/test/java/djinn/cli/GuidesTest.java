package djinn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import djinn.data.Dataset;
import djinn.data.Digits;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The commands of the guides, run one after another as a reader does, each in a process; trainings are cut to one epoch. */
class GuidesTest {

    /** A training that does not say how long it is takes one epoch. */
    private static final String LAUNCHER = """
            #!/bin/sh
            case "$*" in
                train*train.epochs*|train*--epochs*) ;;
                train*) set -- "$@" --set train.epochs=1 ;;
            esac
            exec "%s" -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Ddjinn.home="%s" -cp "%s" djinn.cli.Djinn "$@"
            """;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"README.md", "docs/start.md", "docs/your-data.md"})
    void commandsOfAGuideWork(String page) throws IOException, InterruptedException {
        prepare();
        StringBuilder script = new StringBuilder("set -ex\n");
        for (Pages.Code block : Pages.code(Path.of(page), "sh")) {
            block.text()
                    .lines()
                    // what runs this test is not run by it
                    .filter(line -> !line.equals("mvn -B verify"))
                    .forEach(line -> script.append(line).append('\n'));
        }
        assertThat(script.toString()).contains("./djinn");
        Process process = new ProcessBuilder("sh", "-c", script.toString())
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        try (InputStream out = process.getInputStream()) {
            String said = new String(out.readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor()).as(page + ":\n" + said).isZero();
            assertThat(said).doesNotContain("error:");
        }
    }

    /** A folder as a reader has it: the command, the recipes, photos of two classes. */
    private void prepare() throws IOException {
        Path launcher = Files.writeString(
                folder.resolve("djinn"),
                LAUNCHER.formatted(
                        Path.of(System.getProperty("java.home"), "bin", "java"),
                        Pages.ROOT,
                        System.getProperty("java.class.path")));
        assertThat(launcher.toFile().setExecutable(true)).isTrue();
        Path recipe = Path.of("configs", "nin_digits.yaml");
        Files.createDirectory(folder.resolve("configs"));
        Files.copy(Pages.ROOT.resolve(recipe), folder.resolve(recipe));
        Path cells = Files.createDirectory(folder.resolve("cells"));
        Files.writeString(cells.resolve("data.yaml"), "train: images/train\nval: images/val\nnames: [cell]\n");
        for (String part : new String[] {"train", "val"}) {
            Path labels = Files.createDirectories(cells.resolve("labels").resolve(part));
            Files.writeString(labels.resolve("a.txt"), "0 0.5 0.5 0.25 0.25\n");
            BufferedImage image = new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB);
            image.setRGB(32, 32, part.equals("train") ? 0xFF0000 : 0x00FF00);
            Path images = Files.createDirectories(cells.resolve("images").resolve(part));
            assertThat(ImageIO.write(image, "png", images.resolve("a.png").toFile()))
                    .isTrue();
        }
        for (String name : new String[] {"zero", "one"}) {
            int digit = name.equals("zero") ? 0 : 1;
            Path photos = Files.createDirectories(folder.resolve("photos").resolve(name));
            Dataset digits = Digits.splits().train();
            int written = 0;
            for (int i = 0; written < 20; i++) {
                if (digits.label(i) == digit) {
                    BufferedImage image = digits.image(i, 1).toBufferedImage();
                    assertThat(ImageIO.write(
                                    image, "png", photos.resolve(i + ".png").toFile()))
                            .isTrue();
                    written++;
                }
            }
        }
    }
}
