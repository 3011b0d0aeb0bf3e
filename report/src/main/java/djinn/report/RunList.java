package djinn.report;

import djinn.ops.AtomicFile;
import djinn.ops.DataException;
import djinn.ops.Nearest;
import djinn.training.run.RunFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The runs of a folder.
 *
 * @param runs by their names
 * @param others folders beside them that are no runs
 */
public record RunList(List<RunFacts> runs, List<Path> others) {

    private static final int MOST_NAMED = 5;

    /** The orders that runs can be listed in, by what they are called. */
    private static final Map<String, Comparator<RunFacts>> ORDERS = Map.of(
            "name", Comparator.comparing(RunFacts::name),
            "task", Comparator.comparing(RunFacts::task),
            "model", Comparator.comparing(RunFacts::model),
            "best", RunList::byBest,
            "epochs", Comparator.comparingInt(RunFacts::epochsDone).reversed(),
            "time", Comparator.comparingDouble(RunFacts::seconds).reversed(),
            "size", Comparator.comparingLong(RunFacts::bytes).reversed(),
            "state", Comparator.comparing(RunFacts::state),
            "changed", Comparator.comparing(RunFacts::changed).reversed());

    /** Copies the lists. */
    public RunList {
        runs = List.copyOf(runs);
        others = List.copyOf(others);
    }

    /**
     * Reads a folder of runs.
     *
     * @param folder the folder
     * @return what is in it, those that are no runs apart
     * @throws DataException if there is no such folder or it cannot be listed
     */
    public static RunList of(Path folder) {
        return of(folder, RunFacts::of);
    }

    static RunList of(Path folder, Function<RunFolder, RunFacts> facts) {
        if (!Files.isDirectory(folder)) {
            throw new DataException(folder + ": expected a folder of runs, "
                    + (Files.exists(folder)
                            ? "found a file"
                            : "there is no such folder" + Nearest.suggestion(folder)
                                    + "; 'djinn train' makes it, and its --runs names another"));
        }
        List<RunFacts> runs = new ArrayList<>();
        List<Path> others = new ArrayList<>();
        try (Stream<Path> entries = Files.list(folder)) {
            for (Path entry : entries.filter(Files::isDirectory).sorted().toList()) {
                if (isRun(entry)) {
                    runs.add(facts.apply(new RunFolder(entry)));
                } else {
                    others.add(entry);
                }
            }
        } catch (IOException e) {
            throw new DataException(folder + ": cannot be listed: " + AtomicFile.reason(e), e);
        }
        return new RunList(runs, others);
    }

    static boolean isRun(Path folder) {
        return Files.isRegularFile(folder.resolve("recipe.yaml"));
    }

    /** Returns the words that {@link #sorted} knows, in alphabetical order. */
    public static List<String> orders() {
        return ORDERS.keySet().stream().sorted().toList();
    }

    /**
     * Returns the same runs in another order; what is more, better or newer comes first, names in their order.
     *
     * @param order one of {@link #orders()}
     * @throws IllegalArgumentException if there is no such order
     */
    public RunList sorted(String order) {
        Comparator<RunFacts> comparator = ORDERS.get(order);
        if (comparator == null) {
            throw new IllegalArgumentException(
                    "unknown order '" + order + "', " + Nearest.suggestion(order, orders(), "expected one of "));
        }
        return new RunList(runs.stream().sorted(comparator).toList(), others);
    }

    /** Returns one line about the folders that are no runs; empty if there are none. */
    public Optional<String> leftOut() {
        if (others.isEmpty()) {
            return Optional.empty();
        }
        String named = others.stream().limit(MOST_NAMED).map(RunList::told).collect(Collectors.joining(", "));
        boolean one = others.size() == 1;
        return Optional.of(others.size() + (one ? " folder is no run" : " folders are no runs")
                + " (no recipe.yaml) and left out: " + named
                + (others.size() > MOST_NAMED ? " and " + (others.size() - MOST_NAMED) + " more" : ""));
    }

    /** A sweep's folder holds runs of its own. */
    private static String told(Path folder) {
        try (Stream<Path> entries = Files.list(folder)) {
            return folder.getFileName()
                    + (entries.anyMatch(RunList::isRun) ? " (holds runs: djinn runs " + folder + ")" : "");
        } catch (IOException e) {
            return folder.getFileName().toString();
        }
    }

    /** Those of one figure together, the best first; those without behind. */
    private static int byBest(RunFacts one, RunFacts other) {
        boolean isNone = Double.isNaN(one.best());
        if (isNone || Double.isNaN(other.best())) {
            return Boolean.compare(isNone, Double.isNaN(other.best()));
        }
        int figures = one.figure().orElse("").compareTo(other.figure().orElse(""));
        if (figures != 0) {
            return figures;
        }
        int values = Double.compare(one.best(), other.best());
        return one.rises() ? -values : values;
    }
}
