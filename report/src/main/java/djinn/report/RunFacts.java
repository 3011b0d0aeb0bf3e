package djinn.report;

import djinn.config.Yaml.Entry;
import djinn.config.Yaml.Mapping;
import djinn.config.Yaml.Scalar;
import djinn.ops.AtomicFile;
import djinn.ops.DataException;
import djinn.training.Goal;
import djinn.training.recipe.Recipe;
import djinn.training.run.Results;
import djinn.training.run.RunFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/**
 * What a run's folder says of it at a glance: no model is opened.
 *
 * @param name the folder's
 * @param path the folder
 * @param task of the recipe
 * @param model of the recipe; empty if it cannot be told
 * @param figure which tells the best weights; empty if none does or the recipe cannot be read
 * @param rises whether more of it is better
 * @param best its best value; NaN if there is none
 * @param bestEpoch from 1 on; empty if there is none
 * @param epochsDone the lines of {@code results.csv}
 * @param epochsAsked of the recipe; empty if it cannot be told
 * @param seconds of all epochs that are done
 * @param bytes of all files
 * @param state how it stands
 * @param began when, as the log has it; empty if there is none
 * @param changed when its newest file was written
 * @param problems what of it cannot be read, a line each
 */
public record RunFacts(
        String name,
        String path,
        String task,
        String model,
        Optional<String> figure,
        boolean rises,
        double best,
        OptionalInt bestEpoch,
        int epochsDone,
        OptionalInt epochsAsked,
        double seconds,
        long bytes,
        RunState state,
        Optional<String> began,
        String changed,
        List<String> problems) {

    /** How long nothing may change in a run that is called running, at least. */
    private static final double QUIET_SECONDS = 300;

    /** The same, in times of its longest epoch. */
    private static final double QUIET_EPOCHS = 3;

    /** Copies the list. */
    public RunFacts {
        problems = List.copyOf(problems);
    }

    /**
     * Reads a run's folder.
     *
     * @param folder the folder
     * @return what it says; what cannot be read is among the problems
     * @throws DataException if its files cannot be listed
     */
    public static RunFacts of(RunFolder folder) {
        return RunContents.of(folder).facts();
    }

    static RunFacts of(RunFolder folder, RunContents.Read read) {
        Path path = folder.path();
        Goal goal = read.recipe().map(Recipe::goal).orElse(Goal.newest());
        Results results = read.results();
        OptionalInt best = read.recipe().isEmpty() ? OptionalInt.empty() : results.bestEpoch(goal);
        double value = Double.NaN;
        if (goal.figure().isPresent() && best.isPresent()) {
            List<Double> column = results.column("val_" + goal.figure().get());
            value = column.isEmpty() ? Double.NaN : column.get(best.getAsInt() - 1);
        }
        List<Double> seconds = results.column("seconds");
        Size size = Size.of(path);
        double longest = seconds.stream().mapToDouble(s -> s).max().orElse(0);
        return new RunFacts(
                name(path),
                path.toString(),
                read.recipe().map(Recipe::task).orElseGet(() -> text(read.document(), "task", "classification")),
                read.recipe().map(Recipe::modelName).orElseGet(() -> model(read.document())),
                goal.figure(),
                goal.rises(),
                value,
                Double.isNaN(value) && goal.figure().isPresent() ? OptionalInt.empty() : best,
                results.size(),
                read.recipe()
                        .map(recipe -> OptionalInt.of(recipe.train().lastEpoch()))
                        .orElseGet(OptionalInt::empty),
                seconds.stream().mapToDouble(s -> s).sum(),
                size.bytes,
                read.log().ending().orElseGet(() -> open(size.newest, longest)),
                read.log().began(),
                size.newest.truncatedTo(ChronoUnit.SECONDS).toString(),
                read.problems());
    }

    /** Returns the best figure as {@code accuracy 97.10%}; empty if there is none. */
    public String bestWords() {
        return figure.filter(name -> !Double.isNaN(best))
                .map(name -> name.replace('_', ' ') + " " + djinn.training.run.Lines.figure(name, best))
                .orElse("");
    }

    /** Returns the epochs as {@code 3 of 10}. */
    public String epochWords() {
        return epochsDone + (epochsAsked.isPresent() ? " of " + epochsAsked.getAsInt() : "");
    }

    private static RunState open(Instant newest, double longest) {
        double quiet = Math.max(QUIET_SECONDS, QUIET_EPOCHS * longest);
        double since = (System.currentTimeMillis() - newest.toEpochMilli()) / 1e3;
        return since < quiet ? RunState.RUNNING : RunState.UNFINISHED;
    }

    /** The name of a folder, of {@code .} too. */
    static String name(Path path) {
        Path name = path.toAbsolutePath().normalize().getFileName();
        return name == null ? path.toString() : name.toString();
    }

    private static String text(Optional<Mapping> document, String key, String usual) {
        return document.map(mapping -> mapping.entries().get(key))
                .map(Entry::value)
                .filter(Scalar.class::isInstance)
                .map(node -> ((Scalar) node).text())
                .orElse(usual);
    }

    private static String model(Optional<Mapping> document) {
        return document.map(mapping -> mapping.entries().get("model"))
                .map(Entry::value)
                .filter(Mapping.class::isInstance)
                .map(node -> text(Optional.of((Mapping) node), "name", ""))
                .orElse("");
    }

    private record Size(long bytes, Instant newest) {

        static Size of(Path folder) {
            long bytes = 0;
            Instant newest = Instant.EPOCH;
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : (Iterable<Path>) files::iterator) {
                    // one that is replaced meanwhile is counted next time
                    if (Files.isRegularFile(file)) {
                        bytes += Files.size(file);
                        Instant time = Files.getLastModifiedTime(file).toInstant();
                        // a page about the run is no news of it
                        newest = time.isAfter(newest) && !file.toString().endsWith(".html") ? time : newest;
                    }
                }
            } catch (java.nio.file.NoSuchFileException e) {
                return new Size(bytes, newest);
            } catch (IOException e) {
                throw new DataException(folder + ": cannot be listed: " + AtomicFile.reason(e), e);
            }
            return new Size(bytes, newest);
        }
    }
}
