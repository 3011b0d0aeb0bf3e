package djinn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class CommandGroupsTest {

    private static String help() {
        StringWriter printed = new StringWriter();
        Djinn.commandLine().setOut(new PrintWriter(printed)).execute("--help");
        return printed.toString();
    }

    @Test
    void everyCommandStandsOnceAndInAGroup() {
        String help = help();

        assertThat(help).doesNotContain("Others:");
        for (CommandLine command : Djinn.commandLine().getSubcommands().values()) {
            if (!command.getCommandSpec().usageMessage().hidden()) {
                assertThat(help.lines().filter(line -> line.matches("  " + command.getCommandName() + " .*")))
                        .as(command.getCommandName())
                        .hasSize(1);
            }
        }
    }

    @Test
    void groupsHaveTitlesAndCommandsTheirDescriptions() {
        assertThat(help())
                .containsSubsequence("Train:", "  train ", "Ask models:", "  predict ", "Data:", "This installation:")
                .containsPattern("  doctor +Look at what Djinn stands on here")
                .containsSubsequence("Begin with:", "djinn train nin_digits");
    }
}
