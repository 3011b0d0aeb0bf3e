package djinn.report;

import djinn.config.Yaml;
import djinn.config.Yaml.Mapping;
import djinn.ops.DataException;
import djinn.tasks.Recipes;
import djinn.training.recipe.Recipe;
import djinn.training.run.Provenance;
import djinn.training.run.Results;
import djinn.training.run.RunFolder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The texts of a run's folder, as a page shows them.
 *
 * @param facts what they say at a glance
 * @param results the columns of {@code results.csv}, NaN where there is no figure
 * @param recipe its keys
 * @param environment names and values of {@code provenance.yaml}
 * @param changes what was changed when the run went on
 * @param log its last lines
 * @param logLeftOut how many lines there are before them
 */
record RunContents(
        RunFacts facts,
        Map<String, List<Double>> results,
        List<RecipeLine> recipe,
        Map<String, String> environment,
        List<Provenance.Resumption> changes,
        List<String> log,
        int logLeftOut) {

    private static final int MOST_LINES = 200;

    /** What was read of a folder, and what could not be. */
    record Read(
            Optional<Recipe> recipe, Optional<Mapping> document, Results results, RunLog log, List<String> problems) {}

    static RunContents of(RunFolder folder) {
        Read read = read(folder);
        RunFacts facts = RunFacts.of(folder, read);
        Map<String, List<Double>> columns = new LinkedHashMap<>();
        read.results.columns().forEach(name -> columns.put(name, read.results.column(name)));
        Optional<Provenance> provenance = Provenance.read(folder.file("provenance.yaml"));
        List<String> lines = read.log.lines();
        int left = Math.max(0, lines.size() - MOST_LINES);
        return new RunContents(
                facts,
                columns,
                read.document
                        .map(document -> RecipeLine.of(document, read.recipe.map(Recipe::task)))
                        .orElse(List.of()),
                provenance.map(RunContents::environment).orElse(Map.of()),
                provenance.map(Provenance::changes).orElse(List.of()),
                lines.subList(left, lines.size()),
                left);
    }

    private static Read read(RunFolder folder) {
        List<String> problems = new ArrayList<>();
        Optional<Recipe> recipe = Optional.empty();
        Optional<Mapping> document = Optional.empty();
        try {
            document = Optional.of(Yaml.read(folder.file("recipe.yaml")).root());
            recipe = Optional.of(Recipes.of(folder, List.of()));
        } catch (DataException | IllegalArgumentException e) {
            problems.add("the recipe is not one of this version: " + e.getMessage());
        }
        Results results;
        try {
            results = new Results(folder.results());
            // numbers that are none show here
            for (String column : results.columns()) {
                results.column(column);
            }
        } catch (DataException | NumberFormatException | IndexOutOfBoundsException e) {
            problems.add(folder.results() + ": cannot be read as results: " + e.getMessage());
            results = new Results(folder.file("results.csv.none"));
        }
        return new Read(recipe, document, results, RunLog.of(folder.file("train.log")), problems);
    }

    private static Map<String, String> environment(Provenance made) {
        Map<String, String> values = new LinkedHashMap<>();
        values.put("Djinn", made.djinn());
        values.put("commit", made.commit());
        values.put("DJL", made.djl());
        values.put("engine", made.engine());
        values.put("Java", made.java());
        values.put("system", made.os());
        values.put("threads of an operation", Integer.toString(made.threads()));
        values.put("data fingerprint", made.dataFingerprint());
        made.weightsDigest().ifPresent(digest -> values.put("weights it began with", digest));
        return values;
    }
}
