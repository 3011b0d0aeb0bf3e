package djinn.training.track;

import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A run of an MLflow server: found or made, and written to. The endpoints and their limits are those of
 * mlflow/protos/service.proto and mlflow/utils/validation.py.
 */
final class MlflowRun {

    /** By which the run of a training is found again where the answer that told its id was lost. */
    private static final String TAG = "djinn.run";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String RUN_ID = "run_id";
    private static final String EXPERIMENT_ID = "experiment_id";
    private static final String TIMESTAMP = "timestamp";

    private final MlflowClient client;
    private final String experiment;
    private final Path file;
    private MlflowState state;

    /** Whether the server was asked for it since the start. */
    private boolean known;

    MlflowRun(MlflowClient client, String experiment, Path file, MlflowState state) {
        this.client = client;
        this.experiment = experiment;
        this.file = file;
        this.state = state;
    }

    boolean isKnown() {
        return known;
    }

    /** Has the server asked again at the next {@link #find}. */
    void doubt() {
        known = false;
    }

    /**
     * Finds the run, or makes it.
     *
     * @param anew done before a run is made in the place of one that is gone
     * @param news told of what is worth a line
     */
    void find(Runnable anew, Consumer<String> news) throws AwayException, RefusedException {
        if (!state.runId().isEmpty()) {
            Optional<JsonNode> run = missingOr(() -> client.get("runs/get", Map.of(RUN_ID, state.runId())));
            if (run.isPresent()) {
                use(run.get().path("run"));
                if (!state.experiment().equals(experiment)) {
                    news.accept("warning: mlflow: the run stays in the experiment " + state.experiment()
                            + ", where it began, and does not go to " + experiment);
                }
                return;
            }
            news.accept("warning: mlflow: the run " + state.runId() + " is not at " + client.address()
                    + "; a new one is made there, and gets all since the training began");
            anew.run();
            state = state.anew(false, client.address().toString(), experiment).write(file);
        }
        String id = experimentId();
        Optional<JsonNode> lost = state.asked() ? search(id) : Optional.empty();
        state = state.anew(true, client.address().toString(), experiment).write(file);
        use(lost.isPresent() ? lost.get() : make(id));
    }

    private void use(JsonNode run) throws AwayException {
        JsonNode info = run.path("info");
        if (info.path("lifecycle_stage").asString("").equals("deleted")) {
            throw new AwayException("somebody deleted the run "
                    + info.path(RUN_ID).asString("") + " there; restore it to get the rest");
        }
        state = state.with(
                        client.address().toString(),
                        info.path(RUN_ID).asString(""),
                        info.path("artifact_uri").asString(""))
                .write(file);
        known = true;
    }

    private String experimentId() throws AwayException, RefusedException {
        Map<String, String> query = Map.of("experiment_name", experiment);
        Optional<JsonNode> found = missingOr(() -> client.get("experiments/get-by-name", query));
        if (found.isEmpty()) {
            try {
                return client.post("experiments/create", JSON.createObjectNode().put("name", experiment))
                        .path(EXPERIMENT_ID)
                        .asString("");
            } catch (RefusedException e) {
                if (!e.isThere()) {
                    throw e;
                }
                // another run made it meanwhile
                found = Optional.of(client.get("experiments/get-by-name", query));
            }
        }
        JsonNode own = found.get().path("experiment");
        if (own.path("lifecycle_stage").asString("").equals("deleted")) {
            throw new AwayException("the experiment " + experiment + " was deleted there; restore it, or name another");
        }
        return own.path(EXPERIMENT_ID).asString("");
    }

    private Optional<JsonNode> search(String experimentId) throws AwayException, RefusedException {
        ObjectNode body = JSON.createObjectNode()
                .put("filter", "tags.\"" + TAG + "\" = '" + state.id() + "'")
                .put("max_results", 1);
        body.putArray("experiment_ids").add(experimentId);
        JsonNode runs = client.post("runs/search", body).path("runs");
        return runs.isEmpty() ? Optional.empty() : Optional.of(runs.get(0));
    }

    private JsonNode make(String experimentId) throws AwayException, RefusedException {
        ObjectNode body = JSON.createObjectNode()
                .put(EXPERIMENT_ID, experimentId)
                .put("run_name", state.name())
                .put("start_time", state.started());
        Map<String, String> tags = new LinkedHashMap<>();
        tags.put(TAG, state.id());
        tags.put("mlflow.source.name", "djinn");
        tags.put("mlflow.source.type", "LOCAL");
        tags.forEach((key, value) ->
                body.withArrayProperty("tags").addObject().put("key", key).put("value", value));
        return client.post("runs/create", body).path("run");
    }

    private interface Question {
        JsonNode ask() throws AwayException, RefusedException;
    }

    private static Optional<JsonNode> missingOr(Question question) throws AwayException, RefusedException {
        try {
            return Optional.of(question.ask());
        } catch (RefusedException e) {
            if (e.isMissing()) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** Writes figures, parameters and tags: as many as {@link MlflowBatch} allows. */
    void log(List<ObjectNode> entries) throws AwayException, RefusedException {
        if (entries.isEmpty()) {
            return;
        }
        ObjectNode body = JSON.createObjectNode().put(RUN_ID, state.runId());
        for (ObjectNode entry : entries) {
            ObjectNode plain = entry.deepCopy();
            plain.remove(MlflowBatch.KIND);
            body.withArrayProperty(entry.path(MlflowBatch.KIND).asString("") + "s")
                    .add(plain);
        }
        client.post("runs/log-batch", body);
    }

    /** Returns entries without the figures that the server has: parameters and tags may come twice. */
    List<ObjectNode> notThere(List<ObjectNode> entries) throws AwayException, RefusedException {
        Map<String, Set<String>> there = new HashMap<>();
        Set<String> keys = entries.stream()
                .filter(MlflowBatch::isMetric)
                .map(entry -> entry.path("key").asString(""))
                .collect(Collectors.toSet());
        for (String key : keys) {
            there.put(key, history(key));
        }
        return entries.stream()
                .filter(entry -> !MlflowBatch.isMetric(entry)
                        || !there.get(entry.path("key").asString("")).contains(point(entry)))
                .toList();
    }

    private Set<String> history(String key) throws AwayException, RefusedException {
        Set<String> points = new HashSet<>();
        String page = "";
        do {
            Map<String, String> query = new LinkedHashMap<>(Map.of(RUN_ID, state.runId(), "metric_key", key));
            if (!page.isEmpty()) {
                query.put("page_token", page);
            }
            Optional<JsonNode> answer = missingOr(() -> client.get("metrics/get-history", query));
            answer.ifPresent(found -> found.path("metrics").forEach(metric -> points.add(point(metric))));
            page = answer.map(found -> found.path("next_page_token").asString(""))
                    .orElse("");
        } while (!page.isEmpty());
        return points;
    }

    /** Whole numbers of 64 bits are numbers in some servers' JSON, and texts in others'. */
    private static String point(JsonNode metric) {
        return metric.path("step").asString("0") + " at "
                + metric.path(TIMESTAMP).asString("");
    }

    /** Changes how the run stands. */
    void status(ObjectNode entry) throws AwayException, RefusedException {
        ObjectNode body = JSON.createObjectNode()
                .put(RUN_ID, state.runId())
                .put("status", entry.path("status").asString(""));
        if (entry.has("end_time")) {
            body.set("end_time", entry.path("end_time"));
        }
        client.post("runs/update", body);
    }

    /** Returns why files cannot be sent; empty if they can. */
    Optional<String> filesStayHere() {
        return state.artifactUri().startsWith("mlflow-artifacts:")
                ? Optional.empty()
                : Optional.of("pictures and files stay here: the server keeps those of the run at "
                        + state.artifactUri() + ", and takes them itself once it was started with --serve-artifacts");
    }

    /** Sends a file by way of the server. */
    void put(String name, Path source) throws AwayException, RefusedException {
        URI store = URI.create(state.artifactUri());
        URI server = client.address();
        String host = store.getRawAuthority() == null
                ? server.toString()
                : server.getScheme() + "://" + store.getRawAuthority() + server.getRawPath();
        List<String> parts = new ArrayList<>();
        Stream.of((store.getPath() + "/" + name).split("/"))
                .filter(part -> !part.isEmpty())
                .forEach(part -> parts.add(
                        URLEncoder.encode(part, StandardCharsets.UTF_8).replace("+", "%20")));
        client.put(URI.create(host + "/api/2.0/mlflow-artifacts/artifacts/" + String.join("/", parts)), source);
    }
}
