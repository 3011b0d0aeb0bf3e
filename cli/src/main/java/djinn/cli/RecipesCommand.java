package djinn.cli;

import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.Column;
import com.github.freva.asciitable.HorizontalAlign;
import djinn.ops.AtomicFile;
import djinn.ops.DataException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(name = "recipes", description = "List the recipes that come with Djinn.")
final class RecipesCommand implements Runnable {

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
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
