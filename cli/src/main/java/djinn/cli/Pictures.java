package djinn.cli;

import djinn.ops.DataException;
import java.nio.file.Path;
import java.util.Locale;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** Files that commands draw. */
final class Pictures {

    private Pictures() {}

    /** Checks that a file is named as what is written into it. */
    static void requirePng(CommandSpec spec, String option, Path file) {
        if (!isPng(file)) {
            throw new ParameterException(
                    spec.commandLine(), "expected " + option + " with a name that ends in .png, got '" + file + "'");
        }
    }

    /** Whether a file is named as a PNG. */
    static boolean isPng(Path file) {
        return file.toString().toLowerCase(Locale.ROOT).endsWith(".png");
    }

    /** Draws, or says that this Java runtime has no fonts or is without its desktop module. */
    static void draw(Runnable drawing) {
        try {
            drawing.run();
        } catch (LinkageError e) {
            throw new DataException("this Java runtime cannot draw (" + e.getMessage() + ")", e);
        }
    }
}
