package djinn.cli;

import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.Column;
import com.github.freva.asciitable.HorizontalAlign;
import djinn.ops.AtomicFile;
import djinn.ops.DataException;
import djinn.tasks.Tasks;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
        name = "recipes",
        description = "List the recipes that come with Djinn, or the keys that a recipe may have.",
        footer = {
            "",
            "  djinn recipes",
            "  djinn recipes --keys classification",
            "  djinn recipes --keys --markdown keys.md"
        })
final class RecipesCommand implements Runnable {

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--keys",
            arity = "0..1",
            fallbackValue = "",
            paramLabel = "TASK",
            description = "Describe every key of a task's recipes, or of all tasks'.")
    private String keys;

    @Option(names = "--markdown", paramLabel = "FILE", description = "With --keys, write them as a Markdown page.")
    private Path markdown;

    @Override
    public void run() {
        if (keys != null) {
            tellKeys();
            return;
        } else if (markdown != null) {
            throw new ParameterException(spec.commandLine(), "expected --markdown with --keys");
        }
        Column[] columns = {
            new Column().header("recipe").dataAlign(HorizontalAlign.LEFT),
            new Column().header("what it does").dataAlign(HorizontalAlign.LEFT)
        };
        Object[][] rows = Configs.all().stream()
                .map(file -> new Object[] {Configs.name(file), firstComment(file)})
                .toArray(Object[][]::new);
        PrintWriter out = spec.commandLine().getOut();
        out.println(AsciiTable.getTable(AsciiTable.FANCY_ASCII, columns, rows));
        out.println("djinn train NAME trains one; the files in " + Configs.folder() + " say more.");
        out.flush();
    }

    private void tellKeys() {
        List<String> tasks = keys.isEmpty() ? List.copyOf(Tasks.recipes().keySet()) : List.of(keys);
        PrintWriter out = spec.commandLine().getOut();
        if (markdown != null) {
            OutputFile.require("--markdown", markdown);
            AtomicFile.writeText(markdown, RecipeKeys.page(tasks));
            out.println("the keys of " + String.join(", ", tasks) + " are in " + markdown);
        } else {
            tasks.forEach(task -> out.println(RecipeKeys.text(task)));
        }
        out.flush();
    }

    private static String firstComment(Path file) {
        try {
            return Files.readAllLines(file).stream()
                    .filter(line -> line.startsWith("#"))
                    .findFirst()
                    .map(line -> line.substring(1).strip())
                    .orElse("");
        } catch (IOException e) {
            throw new DataException(file + ": cannot be read: " + AtomicFile.reason(e), e);
        }
    }
}
