package djinn.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import djinn.ops.AtomicFile;
import djinn.ops.DataException;
import djinn.ops.PyTorch;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.weights.Safetensors;
import djinn.zoo.weights.StateDict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** The file {@code best.safetensors} of a run. */
final class BestWeights {

    private static final String EPOCH = "djinn.epoch";

    private final Task task;
    private final Path run;
    private final Path file;

    BestWeights(Task task, Path run) {
        this.task = task;
        this.run = run;
        file = run.resolve("best.safetensors");
    }

    /** Writes weights, with what they are and reached; the epoch is counted from 0. */
    void write(Map<String, NDArray> weights, int epoch, double objective) {
        Map<String, String> metadata = new LinkedHashMap<>(task.modelMetadata());
        metadata.put(EPOCH, Integer.toString(epoch + 1));
        metadata.put("djinn." + task.objective(), Double.toString(objective));
        Safetensors.write(file, weights, metadata);
    }

    /**
     * Writes the best weights as they were first written, from the checkpoint of their epoch.
     *
     * @param prefix of the weights' names in a checkpoint
     * @param model of the same names
     * @return whether there is such a checkpoint
     */
    boolean restore(Checkpoints checkpoints, String prefix, NamedBlock model, Progress progress) {
        try (NDManager reading = PyTorch.newManager()) {
            Optional<Checkpoints.Checkpoint> same = checkpoints.after(progress.bestEpoch() + 1, reading);
            same.ifPresent(checkpoint -> {
                Map<String, NDArray> weights = new LinkedHashMap<>();
                StateDict.of(model)
                        .keySet()
                        .forEach(name -> weights.put(name, checkpoint.arrays().get(prefix + name)));
                write(weights, progress.bestEpoch(), progress.best());
            });
            return same.isPresent();
        }
    }

    void load(NamedBlock model, NDManager manager) {
        try (Safetensors best = Safetensors.open(file);
                NDManager reading = manager.newSubManager()) {
            StateDict.load(model, best.readAll(reading), file.toString());
        }
    }

    /** Returns why the file cannot be used, put aside if it is damaged; empty if it can. */
    Optional<String> loss() {
        if (!Files.exists(file)) {
            return Optional.of(file + " is missing");
        }
        try (Safetensors best = Safetensors.open(file)) {
            if (best.hasChecksum()) {
                best.verifyChecksum();
            }
            return Optional.empty();
        } catch (DataException e) {
            Path aside = run.resolve("damaged-" + file.getFileName());
            try {
                Files.move(file, aside, StandardCopyOption.REPLACE_EXISTING);
            } catch (IOException failure) {
                throw new DataException(
                        "cannot move " + file + " to " + aside + ": " + AtomicFile.reason(failure), failure);
            }
            return Optional.of(e.getMessage() + ", and now called " + aside.getFileName());
        }
    }

    /**
     * Returns a warning where a run that begins finds best weights, but no checkpoint to go on from: one that was killed
     * at the end of its first epoch leaves that behind.
     *
     * @throws DataException if they are of a later epoch, so that there were checkpoints: they would be lost
     */
    Optional<String> withoutCheckpoint() {
        OptionalInt epoch = epoch();
        if (epoch.isEmpty()) {
            return Optional.empty();
        }
        if (epoch.getAsInt() > 1) {
            throw new DataException(run + ": expected a checkpoint in " + run.resolve("last")
                    + ", found none, but best weights of epoch " + epoch.getAsInt()
                    + "; the run cannot go on exactly: start a new one with --weights " + file);
        }
        return Optional.of("there is no checkpoint in " + run.resolve("last") + ": the run begins anew");
    }

    private OptionalInt epoch() {
        if (!Files.exists(file)) {
            return OptionalInt.empty();
        }
        try (Safetensors best = Safetensors.open(file)) {
            String epoch = best.metadata().getOrDefault(EPOCH, "");
            return epoch.matches("[0-9]{1,9}") ? OptionalInt.of(Integer.parseInt(epoch)) : OptionalInt.empty();
        } catch (DataException e) {
            // what is damaged is written anew
            return OptionalInt.empty();
        }
    }
}
