package djinn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
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

    /** Where it is the only one that is read, as in a start, and where it is one of all. */
    @Test
    void aCommandIsTheSameWithoutTheOthers() {
        CommandLine all = Djinn.commandLine();
        all.getSubcommands().forEach((name, command) -> {
            CommandLine alone = Djinn.commandLine(name, "--help");
            assertThat(alone.getSubcommands().get(name).getUsageMessage()).isEqualTo(command.getUsageMessage());
        });
        assertThat(Djinn.commandLine("train", "predict").getSubcommands()).containsOnlyKeys("train");
        // they look at the others, or the first word is none of a command
        for (String word : List.of("help", "completion", "warm-up", "trian", "-q", "--device")) {
            assertThat(Djinn.commandLine(word, "train").getSubcommands())
                    .as(word)
                    .hasSameSizeAs(all.getSubcommands());
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
