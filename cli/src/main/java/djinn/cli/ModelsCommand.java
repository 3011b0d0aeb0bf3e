package djinn.cli;

import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.Column;
import com.github.freva.asciitable.HorizontalAlign;
import djinn.zoo.ModelEntry;
import djinn.zoo.Models;
import djinn.zoo.detection.DetectorEntry;
import djinn.zoo.detection.Detectors;
import djinn.zoo.nn.NamedBlock;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
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
            "  djinn models --filter detection",
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
        List<Listed> entries = Stream.concat(
                        Models.all().stream().map(Listed::of),
                        Detectors.all().stream().map(Listed::of))
                .filter(this::matches)
                .toList();
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

    /** A model, whichever table it is in. */
    private record Listed(
            String name, String task, Supplier<NamedBlock> build, int channels, int size, int smallest, String paper) {

        static Listed of(ModelEntry entry) {
            return new Listed(
                    entry.name(),
                    entry.task(),
                    entry::build,
                    entry.channels(),
                    entry.size(),
                    entry.smallest(),
                    entry.paper());
        }

        static Listed of(DetectorEntry entry) {
            return new Listed(
                    entry.name(),
                    "detection",
                    entry::build,
                    3,
                    entry.size(),
                    entry.build().multiple(),
                    entry.paper());
        }

        long parameters() {
            return build.get().parameterCount();
        }
    }

    private boolean matches(Listed entry) {
        String text = entry.name + " " + entry.task + " " + entry.paper;
        return text.toLowerCase(Locale.ROOT).contains(filter.toLowerCase(Locale.ROOT));
    }

    private static Map<String, Object> fields(Listed entry) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("name", entry.name);
        fields.put("task", entry.task);
        fields.put("parameters", entry.parameters());
        fields.put("channels", entry.channels);
        fields.put("size", entry.size);
        fields.put("smallest", entry.smallest);
        fields.put("paper", entry.paper);
        return fields;
    }

    private static Object[] row(Listed entry) {
        return new Object[] {
            entry.name,
            entry.task,
            String.format(Locale.ROOT, "%,d", entry.parameters()),
            entry.channels + "x" + entry.size + "x" + entry.size,
            entry.paper
        };
    }
}
