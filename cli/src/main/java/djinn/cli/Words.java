package djinn.cli;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Model.CommandSpec;

/** Command lines as a shell takes them. */
final class Words {

    private Words() {}

    /** Returns the command line that is being run. */
    static String typed(CommandSpec spec) {
        List<String> arguments = spec.root().commandLine().getParseResult().originalArgs();
        return Stream.concat(Stream.of("djinn"), arguments.stream())
                .map(Words::quoted)
                .collect(Collectors.joining(" "));
    }

    /** Returns a word in quotes where a shell would not take it as it is. */
    static String quoted(String word) {
        return word.matches("[\\p{L}\\p{N}_@%+=:,./-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
    }
}
