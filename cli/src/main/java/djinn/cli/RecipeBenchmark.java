package djinn.cli;

import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.Column;
import com.github.freva.asciitable.HorizontalAlign;
import djinn.cli.Pairs.Timed;
import djinn.training.StepBenchmark.Times;
import djinn.training.Task;
import djinn.training.TaskBenchmark;
import djinn.training.recipe.Recipe;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** The training steps of a recipe, whatever its task: timed and told. */
record RecipeBenchmark(String name, Recipe recipe, Pairs pairs) {

    void run(PrintWriter out, boolean json) {
        Task<?> task = recipe.newTask();
        int steps;
        long examples;
        try (TaskBenchmark<?> first = TaskBenchmark.of(task, recipe)) {
            steps = first.steps();
            examples = first.examples();
        }
        Timed timed = pairs.time(name + " train", places(), () -> step(task), steps);
        double perSecond = examples / (timed.times().median() * steps) * 1000;
        if (json) {
            out.println(Json.line(fields(timed, task.examples(), perSecond)));
        } else {
            out.println(table(timed, task.examples(), perSecond));
        }
        out.flush();
    }

    private Pairs.Step step(Task<?> task) {
        TaskBenchmark<?> benchmark = TaskBenchmark.of(task, recipe);
        return new Pairs.Step(benchmark::round, benchmark::close);
    }

    private Map<String, Object> places() {
        Map<String, Object> places = new LinkedHashMap<>();
        places.put("recipe", name);
        places.put("task", recipe.task());
        places.put("model", recipe.modelName());
        places.put("mode", "train");
        places.put("batch", recipe.train().batchSize());
        places.put("precision", recipe.train().precision().name().toLowerCase(Locale.ROOT));
        return places;
    }

    private Map<String, Object> fields(Timed timed, String examples, double perSecond) {
        Map<String, Object> fields = places();
        Times times = timed.times();
        fields.put("median_ms", times.median());
        fields.put("p25_ms", times.lowerQuartile());
        fields.put("p75_ms", times.upperQuartile());
        fields.put("min_ms", times.least());
        fields.put(examples + "_per_s", perSecond);
        if (!timed.ratios().isEmpty()) {
            fields.put("ratios", timed.ratios());
        }
        return fields;
    }

    private String table(Timed timed, String examples, double perSecond) {
        Column[] columns = {
            left("recipe"),
            left("task"),
            left("model"),
            left("mode"),
            new Column().header("batch"),
            left("precision"),
            new Column().header("median ms"),
            left("quartiles"),
            new Column().header(examples + "/s"),
            left("ratios")
        };
        Map<String, Object> places = places();
        Times times = timed.times();
        Object[][] rows = {
            {
                places.get("recipe"),
                places.get("task"),
                places.get("model"),
                places.get("mode"),
                places.get("batch"),
                places.get("precision"),
                Pairs.two(times.median()),
                Pairs.two(times.lowerQuartile()) + " to " + Pairs.two(times.upperQuartile()),
                String.format(Locale.ROOT, "%.1f", perSecond),
                timed.ratiosInWords()
            }
        };
        return AsciiTable.getTable(AsciiTable.BASIC_ASCII_NO_DATA_SEPARATORS, columns, rows);
    }

    private static Column left(String header) {
        return new Column().header(header).dataAlign(HorizontalAlign.LEFT);
    }
}
