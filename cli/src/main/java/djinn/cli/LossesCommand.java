package djinn.cli;

import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.Column;
import com.github.freva.asciitable.HorizontalAlign;
import djinn.config.RecordBinder;
import djinn.losses.Losses;
import djinn.tasks.Extensions;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "losses",
        description = "List the losses, with their settings and what these are if left out.",
        footer = {
            "",
            "  djinn losses",
            "  djinn losses --filter segmentation",
            "  djinn train nin_digits --set loss=focal --set loss.gamma=1",
            "",
            "Those marked 'from code only' take other arguments than an answer and a target."
        })
final class LossesCommand implements Runnable {

    private static final Column[] COLUMNS = {
        new Column().header("name").dataAlign(HorizontalAlign.LEFT),
        new Column().header("kind").dataAlign(HorizontalAlign.LEFT).maxWidth(24),
        new Column().header("formula").dataAlign(HorizontalAlign.LEFT).maxWidth(48),
        new Column().header("settings").dataAlign(HorizontalAlign.LEFT).maxWidth(48),
        new Column().header("source").dataAlign(HorizontalAlign.LEFT)
    };

    @Spec
    private CommandSpec spec;

    @Option(names = "--filter", paramLabel = "TEXT", description = "Only losses whose name, kind or source holds this.")
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
        List<Losses.Entry> entries =
                Extensions.losses().stream().filter(this::matches).toList();
        PrintWriter out = spec.commandLine().getOut();
        if (form.json) {
            entries.forEach(entry -> out.println(Json.line(fields(entry))));
        } else if (form.markdown) {
            Markdown.table(
                    out, COLUMNS, entries.stream().map(LossesCommand::coded).toList());
        } else {
            Object[][] rows = entries.stream().map(LossesCommand::row).toArray(Object[][]::new);
            out.println(AsciiTable.getTable(AsciiTable.BASIC_ASCII_NO_DATA_SEPARATORS, COLUMNS, rows));
        }
        out.flush();
    }

    private boolean matches(Losses.Entry entry) {
        String text = entry.name() + " " + entry.kind() + " " + entry.source();
        return text.toLowerCase(Locale.ROOT).contains(filter.toLowerCase(Locale.ROOT));
    }

    private static Map<String, Object> fields(Losses.Entry entry) {
        Map<String, Object> settings = new LinkedHashMap<>();
        settings(entry).forEach((key, preset) -> settings.put(key, preset.orElse(null)));
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("name", entry.name());
        fields.put("kind", entry.kind());
        fields.put("formula", entry.formula());
        fields.put("settings", settings);
        fields.put("source", entry.source());
        fields.put("in_recipes", entry.inRecipes());
        return fields;
    }

    private static Object[] row(Losses.Entry entry) {
        String settings = settings(entry).entrySet().stream()
                .map(setting -> setting.getKey()
                        + setting.getValue().map(preset -> "=" + preset).orElse(""))
                .collect(Collectors.joining(", "));
        return new Object[] {
            entry.name(),
            entry.inRecipes() ? entry.kind() : entry.kind() + " (from code only)",
            entry.formula(),
            settings,
            entry.source()
        };
    }

    /** A row whose formula and settings are code, for Markdown takes their signs for its own. */
    private static Object[] coded(Losses.Entry entry) {
        Object[] row = row(entry);
        row[2] = row[2].equals("") ? "" : "`" + row[2] + "`";
        row[3] = row[3].equals("") ? "" : "`" + row[3] + "`";
        return row;
    }

    /** Some losses are enums, whose constants are told by the formula. */
    private static Map<String, Optional<String>> settings(Losses.Entry entry) {
        return entry.type().isRecord() ? RecordBinder.keys(entry.type().asSubclass(Record.class)) : Map.of();
    }
}
