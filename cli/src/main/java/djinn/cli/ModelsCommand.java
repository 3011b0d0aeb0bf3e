package djinn.cli;

import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.Column;
import com.github.freva.asciitable.HorizontalAlign;
import djinn.zoo.ModelEntry;
import djinn.zoo.Models;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "models",
        description = "List the models of the zoo: parameters, input as channels x height x width, and paper.",
        footer = {
            "",
            "  djinn models",
            "  djinn models --filter segmentation",
            "  djinn models --json",
        })
final class ModelsCommand implements Runnable {

    private static final Column[] COLUMNS = {
        new Column().header("name").dataAlign(HorizontalAlign.LEFT),
        new Column().header("task").dataAlign(HorizontalAlign.LEFT),
        new Column().header("parameters").dataAlign(HorizontalAlign.RIGHT),
        new Column().header("input").dataAlign(HorizontalAlign.LEFT),
        new Column().header("paper").dataAlign(HorizontalAlign.LEFT).maxWidth(64)
    };

    @Spec
    private CommandSpec spec;

    @Option(names = "--filter", paramLabel = "TEXT", description = "Only models whose name, task or paper holds this.")
    private String filter = "";

    @ArgGroup
    private Form form = new Form();

    private static final class Form {
        @Option(names = "--json", description = "Answer with one JSON object per line.")
        private boolean json;

        @Option(names = "--markdown", description = "Answer with a table in Markdown.")
        private boolean markdown;
    }

    @Override
    public void run() {
        List<ModelEntry> entries = Models.all().stream().filter(this::matches).toList();
        PrintWriter out = spec.commandLine().getOut();
        if (form.json) {
            entries.forEach(entry -> out.println(Json.line(fields(entry))));
        } else if (form.markdown) {
            Markdown.table(
                    out, COLUMNS, entries.stream().map(ModelsCommand::row).toList());
        } else {
            Object[][] rows = entries.stream().map(ModelsCommand::row).toArray(Object[][]::new);
            out.println(AsciiTable.getTable(AsciiTable.BASIC_ASCII_NO_DATA_SEPARATORS, COLUMNS, rows));
        }
        out.flush();
    }

    private boolean matches(ModelEntry entry) {
        String text = entry.name() + " " + entry.task() + " " + entry.paper();
        return text.toLowerCase(Locale.ROOT).contains(filter.toLowerCase(Locale.ROOT));
    }

    private static Map<String, Object> fields(ModelEntry entry) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("name", entry.name());
        fields.put("task", entry.task());
        fields.put("parameters", entry.build().parameterCount());
        fields.put("channels", entry.channels());
        fields.put("size", entry.size());
        fields.put("smallest", entry.smallest());
        fields.put("paper", entry.paper());
        return fields;
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
