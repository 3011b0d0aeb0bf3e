package djinn.cli;

import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.Column;
import com.github.freva.asciitable.HorizontalAlign;
import djinn.data.published.DataCatalogue;
import djinn.data.published.PublishedData;
import djinn.data.published.PublishedFile;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "list",
        description = "List the public data sets that 'djinn data get' brings.",
        footer = {
            "",
            "  djinn data list",
            "  djinn data list mnist --json",
            "",
            "What no document tells is unknown: of a file without a hash, a download cannot be checked. Licences are those",
            "that publishers or distributors name."
        })
final class DataListCommand implements Runnable {

    private static final String UNKNOWN = "unknown";

    private static final Column[] COLUMNS = {
        new Column().header("name").dataAlign(HorizontalAlign.LEFT),
        new Column().header("what").dataAlign(HorizontalAlign.LEFT).maxWidth(40),
        new Column().header("task").dataAlign(HorizontalAlign.LEFT),
        new Column().header("MB").dataAlign(HorizontalAlign.RIGHT),
        new Column().header("hashes").dataAlign(HorizontalAlign.LEFT),
        new Column().header("licence").dataAlign(HorizontalAlign.LEFT).maxWidth(40)
    };

    @Spec
    private CommandSpec spec;

    @Parameters(arity = "0..1", paramLabel = "NAME", description = "Only this one.")
    private String name;

    @Option(names = "--json", description = "Answer with one JSON object per line.")
    private boolean json;

    @Override
    public void run() {
        List<PublishedData> all = name == null ? DataCatalogue.all() : List.of(DataCatalogue.find(name));
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            all.forEach(data -> out.println(Json.line(fields(data))));
        } else {
            Object[][] rows = all.stream().map(DataListCommand::row).toArray(Object[][]::new);
            out.println(AsciiTable.getTable(AsciiTable.BASIC_ASCII_NO_DATA_SEPARATORS, COLUMNS, rows));
            out.println("djinn data get NAME brings one; --json tells addresses, hashes, pages and recipes.");
        }
        out.flush();
    }

    private static Object[] row(PublishedData data) {
        return new Object[] {
            data.name(),
            data.title(),
            data.task(),
            data.bytes().isPresent()
                    ? String.format(Locale.ROOT, "%.1f", data.bytes().getAsLong() / 1e6)
                    : UNKNOWN,
            hashes(data),
            data.licence().orElse(UNKNOWN)
        };
    }

    private static String hashes(PublishedData data) {
        long files = data.files().size();
        return data.hashed() == 0 ? UNKNOWN : data.hashed() == files ? "all" : data.hashed() + " of " + files;
    }

    private static Map<String, Object> fields(PublishedData data) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("name", data.name());
        fields.put("title", data.title());
        fields.put("task", data.task());
        fields.put("licence", data.licence().orElse(UNKNOWN));
        fields.put("home", data.home());
        fields.put("citation", data.citation().orElse(UNKNOWN));
        data.note().ifPresent(note -> fields.put("note", note));
        fields.put("source", data.source());
        fields.put("files", data.files().stream().map(DataListCommand::fieldsOf).toList());
        fields.put(
                "recipes",
                data.uses().stream()
                        .collect(Collectors.toMap(
                                PublishedData.Use::recipe,
                                PublishedData.Use::settings,
                                (one, other) -> one,
                                LinkedHashMap::new)));
        return fields;
    }

    private static Map<String, Object> fieldsOf(PublishedFile file) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("url", file.url().toString());
        fields.put("bytes", file.bytes().isPresent() ? file.bytes().getAsLong() : UNKNOWN);
        fields.put("sha256", file.sha256().orElse(UNKNOWN));
        fields.put("md5", file.md5().orElse(UNKNOWN));
        fields.put("unpack", file.unpack().name().toLowerCase(Locale.ROOT));
        return fields;
    }
}
