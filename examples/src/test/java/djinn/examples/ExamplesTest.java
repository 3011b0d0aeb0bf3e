package djinn.examples;

import static org.assertj.core.api.Assertions.assertThat;

import djinn.data.Dataset;
import djinn.data.Digits;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExamplesTest {

    @TempDir
    private Path folder;

    /** A main method, which may fail as it likes. */
    private interface Program {
        void run(String... arguments) throws IOException;
    }

    private static String run(Program program, Object... arguments) throws IOException {
        String[] words = new String[arguments.length];
        for (int i = 0; i < words.length; i++) {
            words[i] = arguments[i].toString();
        }
        PrintStream before = System.out;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        try {
            program.run(words);
        } finally {
            System.setOut(before);
        }
        return printed.toString(StandardCharsets.UTF_8);
    }

    @Test
    void aTrainedModelTellsDigitsApart() throws IOException {
        String trained = run(TrainInJava::main, folder.resolve("runs"), 5);
        assertThat(trained).contains("epoch 5 {").contains("accuracy=");
        Path run = folder.resolve("runs/digits");
        assertThat(trained.strip()).endsWith("the best weights are in " + run.resolve("best.safetensors"));

        // five epochs get about nine digits of ten right, chance one
        Dataset digits = Digits.splits().validation();
        int right = 0;
        for (int i = 0; i < 10; i++) {
            Path image = folder.resolve(i + ".png");
            ImageIO.write(digits.image(i, 1).toBufferedImage(), "png", image.toFile());
            String answer = run(ClassifyPhoto::main, run, image);
            assertThat(answer).startsWith("Score[label=");
            if (answer.startsWith("Score[label=" + digits.label(i) + ",")) {
                right++;
            }
        }
        assertThat(right).isGreaterThanOrEqualTo(6);
    }

    @Test
    void onesOwnBlockIsAFileThatOnnxRuntimeAgreesWith() throws IOException {
        Path file = folder.resolve("block.onnx");
        String said = run(ExportYourBlock::main, file);
        assertThat(file).isNotEmptyFile();
        String difference = said.strip().substring("ONNX Runtime differs by ".length());
        assertThat(Double.parseDouble(difference)).isLessThan(1e-5);
    }
}
