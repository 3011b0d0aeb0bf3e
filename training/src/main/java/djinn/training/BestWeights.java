package djinn.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import djinn.ops.AtomicFile;
import djinn.ops.DataException;
import djinn.ops.PyTorch;
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
import java.util.function.Function;

/** The file {@code best.safetensors} of a run. */
final class BestWeights {

    private static final String EPOCH = "djinn.epoch";

    private final Goal goal;
    private final Path run;
    private final Path file;

    BestWeights(Goal goal, Path run) {
        this.goal = goal;
        this.run = run;
        file = run.resolve("best.safetensors");
    }

    /** Writes a product, with what it is and reached; the epoch is counted from 0. */
    void write(Product product, int epoch, Double reached) {
        write(file, product, metadata(epoch, reached));
    }

    /** Returns what the file of a product says beside the product's own; the epoch is counted from 0. */
    Map<String, String> metadata(int epoch, Double reached) {
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put(EPOCH, Integer.toString(epoch + 1));
        goal.figure().ifPresent(figure -> metadata.put("djinn." + figure, Double.toString(reached)));
        return metadata;
    }

    /** Writes a product, with what it is and more. */
    static void write(Path file, Product product, Map<String, String> more) {
        write(file, StateDict.of(product.block()), product, more);
    }

    private static void write(Path file, Map<String, NDArray> weights, Product product, Map<String, String> more) {
        Map<String, String> metadata = new LinkedHashMap<>(product.metadata());
        metadata.putAll(more);
        Safetensors.write(file, weights, metadata);
    }

    /**
     * Writes the best weights as they were first written, from the checkpoint of their epoch.
     *
     * @param prefix of the whole model's names in a checkpoint, by its progress
     * @param product of the same names
     * @return whether there is such a checkpoint
     */
    boolean restore(Checkpoints checkpoints, Function<Progress, String> prefix, Product product, Progress progress) {
        try (NDManager reading = PyTorch.newManager()) {
            Optional<Checkpoints.Checkpoint> same = checkpoints.ofBest(progress, reading);
            same.ifPresent(checkpoint -> {
                String whole = prefix.apply(checkpoint.progress()) + product.prefix();
                Map<String, NDArray> weights = new LinkedHashMap<>();
                StateDict.of(product.block())
                        .keySet()
                        .forEach(name -> weights.put(name, checkpoint.arrays().get(whole + name)));
                write(file, weights, product, metadata(progress.bestEpoch(), progress.best()));
            });
            return same.isPresent();
        }
    }

    void load(Product product, NDManager manager) {
        try (Safetensors best = Safetensors.open(file);
                NDManager reading = manager.newSubManager()) {
            StateDict.load(product.block(), best.readAll(reading), file.toString());
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
