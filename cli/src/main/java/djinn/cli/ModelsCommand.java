package djinn.cli;

import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.Column;
import com.github.freva.asciitable.HorizontalAlign;
import djinn.zoo.ModelEntry;
import djinn.zoo.Models;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(name = "models", description = "List the models of the zoo.")
final class ModelsCommand implements Runnable {

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        List<Column> columns = List.of(
                new Column().header("name").dataAlign(HorizontalAlign.LEFT),
                new Column().header("task").dataAlign(HorizontalAlign.LEFT),
                new Column().header("parameters").dataAlign(HorizontalAlign.RIGHT),
                new Column().header("input").dataAlign(HorizontalAlign.LEFT),
                new Column().header("paper").dataAlign(HorizontalAlign.LEFT));
        Object[][] rows = Models.all().stream().map(ModelsCommand::row).toArray(Object[][]::new);
        PrintWriter out = spec.commandLine().getOut();
        out.println(AsciiTable.getTable(AsciiTable.FANCY_ASCII, columns.toArray(new Column[0]), rows));
        out.flush();
    }

    private static Object[] row(ModelEntry entry) {
        return new Object[] {
            entry.name(),
            entry.task(),
            String.format(Locale.ROOT, "%,d", entry.build().parameterCount()),
            entry.channels() + "x" + entry.size() + "x" + entry.size(),
            entry.paper()
        };
    }
}
