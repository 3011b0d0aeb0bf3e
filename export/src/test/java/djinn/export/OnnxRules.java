package djinn.export;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.onnx.global.onnx;

/**
 * ONNX's own checker, in a process of its own: its library and PyTorch's hold different copies of protobuf and crash
 * together.
 */
public final class OnnxRules {

    private OnnxRules() {}

    /**
     * Checks files.
     *
     * @param files paths of models
     */
    public static void main(String[] files) {
        boolean whole = true;
        for (String file : files) {
            try {
                onnx.check_model(new BytePointer(file), true, false, false);
            } catch (RuntimeException e) {
                whole = false;
                System.out.println(file + ": " + e.getMessage());
            }
        }
        System.exit(whole ? 0 : 1);
    }

    /** Returns what the checker has against files: nothing if all is well. */
    static String complaints(List<Path> files) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                OnnxRules.class.getName()));
        files.forEach(file -> command.add(file.toString()));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .directory(new File(System.getProperty("java.io.tmpdir")))
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int code = process.waitFor();
        return code == 0 ? "" : "exit code " + code + ": " + said;
    }
}
