package djinn.report;

import djinn.training.run.RunFolder;
import djinn.training.run.TrainLog;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Several runs beside each other: a page of its own, in one file that needs nothing beside it.
 *
 * @param html the page
 * @param missing what of it could not be made
 */
public record Comparison(String html, List<Missing> missing) {

    private static final String NOTHING = "";

    /** Copies the list. */
    public Comparison {
        missing = List.copyOf(missing);
    }

    /**
     * Compares runs.
     *
     * @param folders of at least two runs
     * @return the comparison
     * @throws IllegalArgumentException if there are fewer, or one is there twice
     */
    public static Comparison of(List<RunFolder> folders) {
        Set<Path> places = new LinkedHashSet<>();
        for (RunFolder folder : folders) {
            if (!places.add(folder.path().toAbsolutePath().normalize())) {
                throw new IllegalArgumentException(
                        "expected different runs to compare, got " + folder.path() + " twice");
            }
        }
        if (folders.size() < 2) {
            throw new IllegalArgumentException("expected at least two runs to compare, got " + folders.size());
        }
        List<RunContents> runs = folders.stream().map(RunContents::of).toList();
        List<Missing> missing = new ArrayList<>();
        for (RunContents run : runs) {
            run.facts().problems().forEach(problem -> missing.add(new Missing(Missing.FILES, problem)));
            if (run.facts().epochsDone() == 0) {
                missing.add(new Missing(Missing.RESULTS, run.facts().path() + ": no epoch is over yet"));
            }
        }
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("kind", "comparison");
        data.put("live", false);
        data.put("made", TrainLog.now());
        data.put("runs", runs.stream().map(Comparison::part).toList());
        data.put("names", names(runs));
        data.put("differences", differences(runs));
        data.put("missing", missing);
        return new Comparison(Page.html("Comparison of " + runs.size() + " runs", data, Page.ALONE), missing);
    }

    private static Map<String, Object> part(RunContents run) {
        Map<String, Object> part = new LinkedHashMap<>();
        part.put("facts", run.facts());
        part.put("results", run.results());
        return part;
    }

    /** The runs' names; their folders, where two have the same. */
    private static List<String> names(List<RunContents> runs) {
        long different = runs.stream().map(run -> run.facts().name()).distinct().count();
        return runs.stream()
                .map(run -> different == runs.size()
                        ? run.facts().name()
                        : run.facts().path())
                .toList();
    }

    /** The keys that differ, with a value for each run. */
    private static List<Map<String, Object>> differences(List<RunContents> runs) {
        Map<String, Map<Integer, RecipeLine>> all = new LinkedHashMap<>();
        for (int i = 0; i < runs.size(); i++) {
            for (RecipeLine line : runs.get(i).recipe()) {
                all.computeIfAbsent(line.key(), key -> new HashMap<>()).put(i, line);
            }
        }
        List<Map<String, Object>> rows = new ArrayList<>();
        all.forEach((key, lines) -> {
            List<String> values = new ArrayList<>();
            for (int i = 0; i < runs.size(); i++) {
                values.add(lines.containsKey(i) ? lines.get(i).value() : NOTHING);
            }
            if (values.stream().distinct().count() > 1) {
                Map<String, Object> row = new LinkedHashMap<>();
                row.put("key", key);
                row.put("values", values);
                rows.add(row);
            }
        });
        return rows;
    }

    /**
     * Writes the page, in the place of an older one.
     *
     * @param file an HTML file
     * @throws djinn.ops.DataException if it cannot be written, or something is there that is no page of Djinn's
     */
    public void write(Path file) {
        Page.write(file, html);
    }
}
