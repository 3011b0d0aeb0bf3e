package djinn.cli;

import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "help",
        description = "Show the help of a command; the same as COMMAND --help.",
        footer = {"", "  djinn help train", "  djinn help weights convert"})
final class HelpCommand implements Runnable {

    @Spec
    private CommandSpec spec;

    @Parameters(
            arity = "0..*",
            paramLabel = "COMMAND",
            hideParamSyntax = true,
            description = "The command, and behind it one of its own commands; all commands if left out.")
    private List<String> names = List.of();

    @Override
    public void run() {
        CommandLine command = spec.root().commandLine();
        for (String name : names) {
            CommandLine next = command.getSubcommands().get(name);
            if (next == null) {
                throw new ParameterException(command, Mistakes.unknownCommand(name, command.getCommandSpec()));
            }
            command = next;
        }
        command.usage(spec.commandLine().getOut());
    }
}
