package djinn.export.onnx;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnnxRuntimeTest {

    @TempDir
    private Path temporary;

    @TempDir
    private Path home;

    /** Starts ONNX Runtime and ends. */
    static final class Program {
        private Program() {}

        public static void main(String[] arguments) {
            System.out.println("started " + OnnxRuntime.environment().getVersion());
            System.exit(0);
        }
    }

    @Test
    void aStartLeavesNothingBehind() throws IOException, InterruptedException {
        Path runtime = Path.of(System.getProperty("java.home"), "bin", "java");
        ProcessBuilder builder = new ProcessBuilder(List.of(
                        runtime.toString(),
                        "-Djava.io.tmpdir=" + temporary,
                        "-Duser.home=" + home,
                        "-Djna.tmpdir=" + home,
                        "-cp",
                        System.getProperty("java.class.path"),
                        Program.class.getName()))
                .redirectErrorStream(true);
        builder.environment().putAll(Map.of("TMPDIR", temporary.toString(), "TMP", temporary.toString()));
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(output).contains("started 1.");
        assertThat(temporary).isEmptyDirectory();
    }
}
