package djinn.cli;

import java.io.PrintWriter;
import java.io.Writer;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;

/** Prints notes beside a command's answer, which may be read by another program. */
final class Notes {

    private Notes() {}

    /** Returns where progress goes: to an output, or nowhere if answers alone are wanted. */
    static PrintWriter progress(PrintWriter out, CommandSpec spec) {
        return Djinn.isQuiet(spec) ? new PrintWriter(Writer.nullWriter()) : out;
    }

    /** Prints each as a line of standard error, unless answers alone are wanted. */
    static void print(List<String> notes, CommandSpec spec) {
        PrintWriter out = progress(spec.commandLine().getErr(), spec);
        notes.forEach(note -> out.println("note: " + note));
        out.flush();
    }
}
