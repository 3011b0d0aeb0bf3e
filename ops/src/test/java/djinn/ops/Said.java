package djinn.ops;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.assertj.core.api.Assertions;

/** All that a program says in a process of its own, for what a native library writes goes past Java. */
final class Said {

    private Said() {}

    /** Without what is logged in Java. */
    static String by(Class<?> program) throws IOException, InterruptedException {
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Dai.djl.offline=true",
                "-cp",
                System.getProperty("java.class.path"),
                program.getName());
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), UTF_8);
        Assertions.assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        return said.lines()
                .filter(line -> !line.startsWith("[main] "))
                .map(line -> line + "\n")
                .collect(Collectors.joining());
    }
}
