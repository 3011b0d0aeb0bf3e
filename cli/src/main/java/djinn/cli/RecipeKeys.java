package djinn.cli;

import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.Column;
import com.github.freva.asciitable.HorizontalAlign;
import djinn.config.RecordKey;
import djinn.tasks.Recipes;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The keys of recipes, as text and as a page. */
final class RecipeKeys {

    private static final int WIDEST = 60;
    private static final Column[] COLUMNS = {
        column("key", 40), column("expected", 30), column("default", 24), column("meaning", WIDEST)
    };

    private RecipeKeys() {}

    private static Column column(String header, int width) {
        return new Column().header(header).dataAlign(HorizontalAlign.LEFT).maxWidth(width);
    }

    /** Tables of a task's keys, and of what they may name. */
    static String text(String task) {
        StringBuilder text = new StringBuilder("task: " + task + "\n");
        text.append(table(Recipes.keys(task))).append('\n');
        Recipes.choices(task).forEach((path, named) -> {
            text.append('\n').append(path).append(" is one of:\n");
            named.forEach((name, keys) -> {
                text.append("  ").append(name);
                if (!keys.isEmpty()) {
                    text.append(" with\n").append(table(keys));
                }
                text.append('\n');
            });
        });
        return text.toString();
    }

    private static String table(List<RecordKey> keys) {
        return AsciiTable.getTable(
                AsciiTable.BASIC_ASCII_NO_DATA_SEPARATORS, COLUMNS, rows(keys).toArray(Object[][]::new));
    }

    private static List<Object[]> rows(List<RecordKey> keys) {
        return keys.stream()
                .map(key -> new Object[] {
                    key.path(), key.type(), key.usual().orElse(key.required() ? "must be given" : "none"), key.meaning()
                })
                .toList();
    }

    /** A key that may name something, and the first task that has it so. */
    private record Place(String path, String task) {}

    /** A page of all keys: each task's, then once what several tasks' keys may name. */
    static String page(List<String> tasks) {
        StringWriter text = new StringWriter();
        PrintWriter out = new PrintWriter(text);
        out.print(
                "# The keys of recipes\n\nWritten by `djinn recipes --keys --markdown docs/recipes.md` from the records that"
                        + " recipes become. A recipe is a\nYAML file; `--set KEY=VALUE` overrides a key on the command line."
                        + " `task` says which of these tables holds.\n");
        Map<Map<String, List<RecordKey>>, Place> choices = new LinkedHashMap<>();
        for (String task : tasks) {
            out.print("\n## task: " + task + "\n\n");
            Markdown.table(out, COLUMNS, rows(Recipes.keys(task)));
            Recipes.choices(task).forEach((path, named) -> choices.putIfAbsent(named, new Place(path, task)));
        }
        choices.forEach((named, place) -> {
            boolean isSole = choices.values().stream()
                            .filter(other -> other.path.equals(place.path))
                            .count()
                    == 1;
            String where = isSole ? "" : " in the task " + place.task;
            out.print("\n## What `" + place.path + "` may name" + where + "\n");
            named.forEach((name, keys) -> {
                out.print("\n### " + name + "\n\n");
                if (keys.isEmpty()) {
                    out.print("No keys.\n");
                } else {
                    Markdown.table(out, COLUMNS, rows(keys));
                }
            });
        });
        out.flush();
        return text.toString();
    }
}
