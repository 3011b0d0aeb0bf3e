package djinn.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import djinn.ops.AtomicFile;
import djinn.ops.DataException;
import djinn.ops.PyTorch;
import djinn.zoo.weights.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/**
 * The checkpoints of a run: {@code last/checkpoint.safetensors}, the one before it, and those kept for good.
 *
 * <p>A checkpoint is one file, arrays by name and the progress as metadata, under a checksum. It is written beside its
 * place and moved into it, so that at any moment a whole one is there.
 */
final class Checkpoints {

    private static final String PROGRESS = "djinn.progress";

    /** What the names of the figures' states begin with. */
    private static final String FIGURES = "figures.";

    private final ObjectMapper json = new ObjectMapper();
    private final Path run;
    private final Path last;
    private final Path next;
    private final Path current;
    private final Path previous;

    /**
     * A checkpoint as read: the arrays belong to the manager it was read with.
     *
     * @param progress how far the run is
     * @param figures the state of the unfinished epoch's figures; empty at an epoch's start
     * @param arrays all others by name
     */
    record Checkpoint(Progress progress, Map<String, double[]> figures, Map<String, NDArray> arrays) {

        /** Returns the arrays whose names begin with a prefix, by what follows. */
        Map<String, NDArray> under(String prefix) {
            Map<String, NDArray> own = new LinkedHashMap<>();
            arrays.forEach((name, array) -> {
                if (name.startsWith(prefix)) {
                    own.put(name.substring(prefix.length()), array);
                }
            });
            return own;
        }
    }

    Checkpoints(Path run) {
        this.run = run;
        last = run.resolve("last");
        next = last.resolve("next.safetensors");
        current = last.resolve("checkpoint.safetensors");
        previous = last.resolve("previous.safetensors");
    }

    /** Saves a checkpoint; the last one becomes the previous one. */
    void save(Progress progress, Map<String, double[]> figures, Map<String, NDArray> arrays) {
        createFolder(last);
        try (NDManager manager = PyTorch.newManager()) {
            Map<String, NDArray> all = new LinkedHashMap<>(arrays);
            figures.forEach((name, state) -> all.put(FIGURES + name, manager.create(state)));
            Safetensors.write(next, all, Map.of(PROGRESS, json.writeValueAsString(progress)));
        }
        moveIntoPlace();
    }

    /** Keeps a copy of the last checkpoint under its epoch's number, counted from 1. */
    void keep(int epochsDone) {
        Path copy = kept(epochsDone);
        Path folder = createFolder(copy.getParent());
        Path unfinished = folder.resolve(".copy.tmp");
        try {
            Files.copy(current, unfinished, StandardCopyOption.REPLACE_EXISTING);
            move(unfinished, copy);
        } catch (IOException e) {
            throw new DataException("cannot write " + copy + ": " + AtomicFile.reason(e), e);
        }
    }

    /**
     * Reads the newest checkpoint that is whole.
     *
     * @return empty if none was ever written
     * @throws DataException if there are some, but none is whole
     */
    Optional<Checkpoint> newest(NDManager manager, Consumer<String> warnings) {
        if (Files.exists(next)) {
            moveIntoPlace();
        }
        removeUnfinished();
        DataException damage = null;
        for (Path file : List.of(current, previous)) {
            if (!Files.exists(file)) {
                continue;
            }
            try {
                Checkpoint checkpoint = read(file, manager);
                if (damage != null) {
                    warnings.accept(damage.getMessage() + "; going on from the one before it (epoch "
                            + (checkpoint.progress.epoch() + 1) + ", step " + checkpoint.progress.step() + ")");
                }
                return Optional.of(checkpoint);
            } catch (DataException e) {
                damage = e;
                setAside(file);
            }
        }
        if (damage != null) {
            throw new DataException(damage.getMessage() + "; no whole checkpoint is left, start the run anew", damage);
        }
        return Optional.empty();
    }

    /**
     * Reads the checkpoint of the best weights, whichever of those there are it is.
     *
     * @param progress of the run
     */
    Optional<Checkpoint> ofBest(Progress progress, NDManager manager) {
        for (Path file : List.of(current, previous, kept(progress.bestEpoch() + 1))) {
            if (!Files.exists(file)) {
                continue;
            }
            try {
                Checkpoint checkpoint = read(file, manager);
                if (progress.isBestOf(checkpoint.progress)) {
                    return Optional.of(checkpoint);
                }
            } catch (DataException e) {
                // a damaged one is as good as none here
            }
        }
        return Optional.empty();
    }

    private Path kept(int epochsDone) {
        return run.resolve("checkpoints").resolve(String.format(Locale.ROOT, "epoch-%04d.safetensors", epochsDone));
    }

    private Checkpoint read(Path file, NDManager manager) {
        try (Safetensors saved = Safetensors.open(file)) {
            if (!saved.hasChecksum()) {
                throw new DataException(file + " is no checkpoint: it has no checksum");
            }
            saved.verifyChecksum();
            String progress = saved.metadata().get(PROGRESS);
            if (progress == null) {
                throw new DataException(file + " is no checkpoint: it has no progress");
            }
            Map<String, NDArray> arrays = new LinkedHashMap<>(saved.readAll(manager));
            Map<String, double[]> figures = inHeader(json.readTree(progress));
            arrays.entrySet().removeIf(entry -> {
                boolean isFigure = entry.getKey().startsWith(FIGURES);
                if (isFigure) {
                    figures.put(
                            entry.getKey().substring(FIGURES.length()),
                            entry.getValue().toDoubleArray());
                }
                return isFigure;
            });
            return new Checkpoint(json.readValue(progress, Progress.class), figures, arrays);
        } catch (JacksonException e) {
            throw new DataException(file + " is damaged: its progress cannot be read", e);
        }
    }

    /** Checkpoints from before figures were arrays have their state beside the progress. */
    private Map<String, double[]> inHeader(JsonNode progress) {
        Map<String, double[]> figures = new LinkedHashMap<>();
        progress.path("metrics")
                .propertyStream()
                .forEach(entry -> figures.put(entry.getKey(), json.treeToValue(entry.getValue(), double[].class)));
        return figures;
    }

    /** A damaged checkpoint is kept out of the way, in case its owner wants it. */
    private void setAside(Path file) {
        move(file, run.resolve("damaged-" + file.getFileName()));
    }

    private void moveIntoPlace() {
        if (Files.exists(current)) {
            move(current, previous);
        }
        move(next, current);
    }

    private void removeUnfinished() {
        if (!Files.isDirectory(last)) {
            return;
        }
        try (Stream<Path> files = Files.list(last)) {
            for (Path file : files.filter(f -> f.getFileName().toString().endsWith(".tmp"))
                    .toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new DataException("cannot clean " + last + ": " + AtomicFile.reason(e), e);
        }
    }

    private static Path createFolder(Path folder) {
        try {
            return Files.createDirectories(folder);
        } catch (IOException e) {
            throw new DataException("cannot create " + folder + ": " + AtomicFile.reason(e), e);
        }
    }

    private static void move(Path from, Path to) {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new DataException("cannot move " + from + " to " + to + ": " + AtomicFile.reason(e), e);
        }
    }
}
