package djinn.cli;

import java.io.PrintWriter;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;

/** Prints notes beside a command's answer, which may be read by another program. */
final class Notes {

    private Notes() {}

    /** Prints each as a line of standard error. */
    static void print(List<String> notes, CommandSpec spec) {
        PrintWriter out = spec.commandLine().getErr();
        notes.forEach(note -> out.println("note: " + note));
        out.flush();
    }
}
