package djinn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** The commands that {@link GuidesTest} does not run, and those of the help, have options and recipes that there are. */
class PageCommandsTest {

    private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|'([^']*)'|(#.*)|(\\S+)");

    /** Those of pages. */
    @Test
    void commandsThatAreNotRunAreUnderstood() {
        System.setProperty("djinn.home", Pages.ROOT.toString());
        for (Path page : Pages.all()) {
            for (String command : GuidesTest.commands(page)) {
                if (GuidesTest.notRun(command).isPresent()) {
                    requireUnderstood(command, page.toString());
                }
            }
        }
    }

    private static void requireUnderstood(String line, String where) {
        List<String> words = words(line);
        int start = Math.max(words.indexOf("./djinn"), words.indexOf("djinn"));
        if (start < 0) {
            return;
        }
        List<String> arguments = words.subList(start + 1, end(words, start));
        try {
            requireRecipe(
                    Djinn.commandLine()
                            .parseArgs(arguments.toArray(String[]::new))
                            .subcommand(),
                    where + ": " + line);
        } catch (CommandLine.ParameterException e) {
            throw new AssertionError(where + ": " + line + ": " + Mistakes.message(e), e);
        }
    }

    /** A line that ends with a backslash goes on in the next. */
    private static List<String> joined(String text) {
        return text.replaceAll(" *\\\\\n *", " ").lines().toList();
    }

    /** The examples at the end of each command's help. */
    @Test
    void examplesOfTheHelpAreUnderstood() {
        System.setProperty("djinn.home", Pages.ROOT.toString());
        int examples = 0;
        List<CommandLine> commands = new ArrayList<>(List.of(Djinn.commandLine()));
        for (int i = 0; i < commands.size(); i++) {
            CommandLine command = commands.get(i);
            commands.addAll(command.getSubcommands().values());
            String footer =
                    String.join("\n", command.getCommandSpec().usageMessage().footer());
            for (String line : joined(footer)) {
                if (line.startsWith("  djinn ")) {
                    // what explains a command stands two spaces behind it
                    String typed = line.strip().replaceFirst(" {2,}.*", "");
                    requireUnderstood(typed, command.getCommandSpec().qualifiedName());
                    examples++;
                }
            }
        }
        assertThat(examples).isGreaterThan(30);
    }

    /** A plain name where a recipe is expected is that of one. */
    private static void requireRecipe(CommandLine.ParseResult command, String where) {
        if (command == null) {
            return;
        }
        requireRecipe(command.subcommand(), where);
        for (CommandLine.Model.PositionalParamSpec place : command.matchedPositionals()) {
            String given = place.getValue().toString();
            if (place.paramLabel().equals("RECIPE") && given.matches("[a-z][a-z0-9_]*")) {
                assertThat(Configs.find(given)).as(where).exists();
            } else if (given.startsWith("configs/")) {
                assertThat(Pages.ROOT.resolve(given)).as(where).exists();
            }
        }
    }

    /** A command ends where its output goes elsewhere, or another begins. */
    private static int end(List<String> words, int start) {
        for (int i = start; i < words.size(); i++) {
            if (words.get(i).matches("\\||>|2>|&&|;|\\)")) {
                return i;
            }
        }
        return words.size();
    }

    private static List<String> words(String line) {
        List<String> words = new ArrayList<>();
        Matcher word = WORD.matcher(line);
        while (word.find() && word.group(3) == null) {
            words.add(Stream.of(word.group(1), word.group(2), word.group(4))
                    .filter(text -> text != null)
                    .findFirst()
                    .orElseThrow());
        }
        return words;
    }
}
