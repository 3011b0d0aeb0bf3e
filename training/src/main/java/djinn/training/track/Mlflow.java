package djinn.training.track;

import djinn.ops.DataException;
import djinn.ops.Default;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A run of an MLflow tracking server, by its REST API 2.0. Who may write there is told by the environment alone: {@code
 * MLFLOW_TRACKING_USERNAME} and {@code MLFLOW_TRACKING_PASSWORD}, or {@code MLFLOW_TRACKING_TOKEN}.
 *
 * @param uri the server's address, such as {@code http://127.0.0.1:5000}; that of {@code MLFLOW_TRACKING_URI} if left out
 * @param experiment the experiment's name, made if there is none; that of {@code MLFLOW_EXPERIMENT_NAME} if left out, or
 *     Default
 * @param weights whether best.safetensors is sent at the end
 */
public record Mlflow(
        Optional<String> uri,
        Optional<String> experiment,
        @Default("false") boolean weights) implements Tracking {

    private static final String URI_VARIABLE = "MLFLOW_TRACKING_URI";
    private static final int LONGEST_EXPERIMENT = 500;

    /**
     * What became of events that had waited.
     *
     * @param sent events and files that were sent
     * @param waiting those that still wait
     * @param news what happened, a line each
     */
    public record HandedOn(long sent, long waiting, List<String> news) {

        /** Copies the lines. */
        public HandedOn {
            news = List.copyOf(news);
        }
    }

    /** Checks the address and the experiment's name. */
    public Mlflow {
        uri.ifPresent(address -> parse("uri", address));
        experiment.ifPresent(name -> {
            if (name.isBlank() || name.length() > LONGEST_EXPERIMENT) {
                throw new IllegalArgumentException("expected experiment as a name of 1 to " + LONGEST_EXPERIMENT
                        + " characters, got '" + name + "'");
            }
        });
    }

    private static URI parse(String key, String text) {
        String wanted = key + ": expected the address of an MLflow server such as http://127.0.0.1:5000, got ";
        URI parsed;
        try {
            parsed = new URI(text.strip().replaceFirst("/+$", ""));
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(wanted + "'" + text + "' (" + e.getReason() + ")", e);
        }
        if (parsed.getUserInfo() != null) {
            throw new IllegalArgumentException(wanted + "one with a user in it, which would be written down; set"
                    + " MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD instead");
        }
        String scheme = String.valueOf(parsed.getScheme()).toLowerCase(Locale.ROOT);
        boolean isKnown = scheme.equals("http") || scheme.equals("https");
        if (!isKnown || parsed.getHost() == null || parsed.getQuery() != null || parsed.getFragment() != null) {
            throw new IllegalArgumentException(wanted + "'" + text + "'"
                    + (isKnown ? "" : "; a folder or a data base has a server in front once 'mlflow server' runs"));
        }
        return parsed;
    }

    /** Returns the server's address. */
    URI address(Map<String, String> environment) {
        String given = uri.orElseGet(() -> environment.getOrDefault(URI_VARIABLE, ""));
        if (given.isBlank()) {
            throw new IllegalArgumentException("train.log_to: expected mlflow with an uri, or " + URI_VARIABLE
                    + " in the environment, got neither");
        }
        return parse(uri.isPresent() ? "train.log_to: uri" : URI_VARIABLE, given);
    }

    /** Returns the experiment's name. */
    String experiment(Map<String, String> environment) {
        String given = experiment.orElseGet(() -> environment.getOrDefault("MLFLOW_EXPERIMENT_NAME", ""));
        return given.isBlank() ? "Default" : given;
    }

    @Override
    public void require(Map<String, String> environment) {
        address(environment);
    }

    @Override
    public Optional<Tracker> open(TrackedRun run) {
        return Optional.of(new MlflowTracker(this, run));
    }

    /**
     * Sends what a training could not send.
     *
     * @param folder the run's
     * @param environment variables and their values
     * @return what was sent; as much waits as before where the server is still away
     * @throws DataException if nothing was ever written for MLflow, or somebody else sends it
     */
    public HandedOn handOn(Path folder, Map<String, String> environment) {
        Path files = folder.resolve(MlflowSender.FOLDER);
        if (!Files.isDirectory(files)) {
            throw new DataException(
                    files + ": expected what a training wrote for MLflow, found no such folder; go on with"
                            + " the run and mlflow in train.log_to");
        }
        try (MlflowSender sender = new MlflowSender(this, folder, environment, MlflowPace.USUAL, line -> {})) {
            long before = sender.waiting();
            sender.sendAll();
            return new HandedOn(before - sender.waiting(), sender.waiting(), sender.news());
        }
    }
}
