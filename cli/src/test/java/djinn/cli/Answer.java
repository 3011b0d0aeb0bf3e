package djinn.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine;

/** What a command answered. */
record Answer(int code, String out, String err) {

    /** Runs a command as a user types it. */
    static Answer of(Object... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine command = Djinn.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        int code = command.execute(Stream.of(arguments).map(Object::toString).toArray(String[]::new));
        return new Answer(code, out.toString(), err.toString());
    }

    /** The recipe of the embedded digits. */
    static Path digits() {
        return Path.of("..", "configs", "nin_digits.yaml");
    }

    List<String> lines() {
        return out.lines().toList();
    }
}
