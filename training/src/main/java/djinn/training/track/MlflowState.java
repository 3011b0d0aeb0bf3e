package djinn.training.track;

import djinn.ops.AtomicFile;
import djinn.ops.DataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.ObjectMapper;

/**
 * Which run of a server a training is written to: {@code mlflow/run.json} in the run's folder. What is not known yet is
 * empty.
 *
 * @param id the training's own, by which its run is found again
 * @param name the run's
 * @param started when the training began, in milliseconds since 1970
 * @param asked whether the server was asked to make the run
 * @param uri the server's address
 * @param experiment the experiment's name
 * @param runId the run's id
 * @param artifactUri where the run's files go
 */
record MlflowState(
        String id,
        String name,
        long started,
        boolean asked,
        String uri,
        String experiment,
        String runId,
        String artifactUri) {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** The same training with a run that is not known yet. */
    MlflowState anew(boolean nowAsked, String nowUri, String nowExperiment) {
        return new MlflowState(id, name, started, nowAsked, nowUri, nowExperiment, "", "");
    }

    /** The same training with a run. */
    MlflowState with(String nowUri, String nowRunId, String nowArtifactUri) {
        return new MlflowState(id, name, started, true, nowUri, experiment, nowRunId, nowArtifactUri);
    }

    /** Returns that of a training that begins. */
    static MlflowState begin(String name) {
        return new MlflowState(UUID.randomUUID().toString(), name, System.currentTimeMillis(), false, "", "", "", "");
    }

    /** Reads what was written; empty if there is no such file. */
    static Optional<MlflowState> read(Path file) {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            return Optional.of(JSON.readValue(Files.readString(file), MlflowState.class));
        } catch (IOException | JacksonException e) {
            throw AtomicFile.unusable(
                    file + ": expected the run of an MLflow server, and it cannot be read: " + e.getMessage()
                            + "; without the folder " + file.getParent() + " a new run is made",
                    e);
        }
    }

    /** Writes it, the file replaced when it is complete. */
    MlflowState write(Path file) throws DataException {
        AtomicFile.writeText(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(this) + "\n");
        return this;
    }
}
