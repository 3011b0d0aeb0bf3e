package djinn.tasks.track;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * An MLflow tracking server in memory, which knows the endpoints that are used of it and refuses what the real one does:
 * names, types and limits are those of mlflow/protos/service.proto and mlflow/utils/validation.py. It can die, before or
 * behind what it was asked to do, and come back on the same port with all it had.
 */
public final class StrictMlflow implements AutoCloseable {

    private static final Duration MOST_WAIT = Duration.ofSeconds(30);

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String API = "/api/2.0/mlflow/";
    private static final String ARTIFACTS = "/api/2.0/mlflow-artifacts/artifacts/";

    /** What a batch may have at most. */
    private static final int METRICS = 1000;

    private static final int OTHERS = 100;
    private static final int ALL = 1000;
    private static final int BYTES = 1_000_000;

    /** A figure as it came. */
    record Metric(String key, double value, long timestamp, long step) {}

    /** A run. */
    static final class Run {
        final String id;
        final String experiment;
        final String name;
        final List<Metric> metrics = new ArrayList<>();
        final Map<String, String> params = new TreeMap<>();
        final Map<String, String> tags = new TreeMap<>();
        final List<String> statuses = new ArrayList<>(List.of("RUNNING"));
        long ended;
        String stage = "active";

        Run(String id, String experiment, String name) {
            this.id = id;
            this.experiment = experiment;
            this.name = name;
        }
    }

    /** Asked before each request; what it throws is what becomes of the request. */
    interface Trouble {
        void before(String path) throws Failure;
    }

    /** A request that is not answered as it should be. */
    static final class Failure extends Exception {
        private static final long serialVersionUID = 1L;
        private final int status;
        private final String code;

        Failure(int status, String code, String message) {
            super(message);
            this.status = status;
            this.code = code;
        }
    }

    final Map<String, String> experiments = new LinkedHashMap<>(Map.of("Default", "0"));
    final Map<String, Run> runs = new LinkedHashMap<>();
    final Map<String, byte[]> artifacts = new TreeMap<>();
    final List<String> requests = new ArrayList<>();
    final Set<String> authorizations = new TreeSet<>();
    String store = "mlflow-artifacts:/";

    /** The server writes what it is told by the next so many batches, and dies instead of answering. */
    int losesAnswers;

    /** Whether of such a batch half is written. */
    boolean halves;

    Trouble trouble = path -> {};
    private final int port;
    private HttpServer server;

    /** Begins to answer, at a port that is free. */
    public StrictMlflow() {
        start(0);
        port = server.getAddress().getPort();
    }

    /** Returns its address. */
    public String uri() {
        return "http://127.0.0.1:" + port;
    }

    private void start(int wanted) {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), wanted), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext("/", this::handle);
        server.start();
    }

    synchronized void die() {
        if (server != null) {
            server.stop(0);
            server = null;
            notifyAll();
        }
    }

    /** Waits until it has died, if it is to at one of the next requests, and answers again. */
    synchronized void comeBack() {
        long until = System.nanoTime() + MOST_WAIT.toNanos();
        try {
            while (server != null) {
                long left = until - System.nanoTime();
                if (left <= 0) {
                    throw new AssertionError("expected a server that has died, got one that answers");
                }
                wait(left / 1_000_000 + 1);
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        start(port);
    }

    /** Returns how each run stands. */
    public synchronized List<String> statuses() {
        return runs.values().stream()
                .map(run -> run.statuses.get(run.statuses.size() - 1))
                .toList();
    }

    synchronized Run soleRun() {
        if (runs.size() != 1) {
            throw new AssertionError("expected one run, got " + runs.keySet());
        }
        return runs.values().iterator().next();
    }

    private synchronized void handle(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getRawPath();
        requests.add(exchange.getRequestMethod() + " " + path);
        authorizations.addAll(exchange.getRequestHeaders().getOrDefault("Authorization", List.of()));
        byte[] body = exchange.getRequestBody().readAllBytes();
        int status = 200;
        JsonNode answer;
        try {
            trouble.before(path);
            if (losesAnswers > 0 && path.endsWith("log-batch")) {
                losesAnswers--;
                loseAnswer(exchange, body);
                return;
            }
            answer = path.startsWith(ARTIFACTS)
                    ? artifact(exchange, path, body)
                    : api(
                            exchange.getRequestMethod(),
                            path,
                            exchange.getRequestURI().getRawQuery(),
                            body);
        } catch (Failure e) {
            status = e.status;
            answer = JSON.createObjectNode().put("error_code", e.code).put("message", e.getMessage());
        }
        byte[] bytes = answer.toString().getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    private void loseAnswer(HttpExchange exchange, byte[] body) throws Failure {
        ObjectNode batch = (ObjectNode) JSON.readTree(body);
        if (halves) {
            ArrayNode metrics = batch.withArrayProperty("metrics");
            for (int i = metrics.size() / 2; i > 0; i--) {
                metrics.remove(metrics.size() - 1);
            }
        }
        logBatch(batch, body.length);
        exchange.close();
        // not on this thread, for which it would wait
        Thread dying = new Thread(this::die);
        dying.start();
    }

    private JsonNode artifact(HttpExchange exchange, String path, byte[] body) throws Failure {
        if (!exchange.getRequestMethod().equals("PUT")) {
            throw invalid("artifacts are put here");
        }
        String name = URLDecoder.decode(path.substring(ARTIFACTS.length()), StandardCharsets.UTF_8);
        if (name.contains("..") || name.startsWith("/")) {
            throw invalid("not a safe path: " + name);
        }
        artifacts.put(name, body);
        return JSON.createObjectNode();
    }

    private JsonNode api(String method, String path, String query, byte[] body) throws Failure {
        if (!path.startsWith(API)) {
            throw new Failure(404, "ENDPOINT_NOT_FOUND", path);
        }
        String call = method + " " + path.substring(API.length());
        return switch (call) {
            case "GET experiments/get-by-name" -> experiment(asked(query, "experiment_name"));
            case "POST experiments/create" -> createExperiment(json(body, "name"));
            case "POST runs/create" ->
                createRun(json(body, "experiment_id", "run_name", "start_time", "user_id", "tags"));
            case "GET runs/get" -> JSON.createObjectNode().set("run", describe(run(asked(query, "run_id"))));
            case "POST runs/search" -> search(json(body, "experiment_ids", "filter", "max_results"));
            case "POST runs/update" -> update(json(body, "run_id", "status", "end_time"));
            case "POST runs/log-batch" -> logBatch(json(body, "run_id", "metrics", "params", "tags"), body.length);
            case "GET metrics/get-history" -> history(query);
            default -> throw new Failure(404, "ENDPOINT_NOT_FOUND", call);
        };
    }

    private static String asked(String query, String key) throws Failure {
        for (String part : String.valueOf(query).split("&", -1)) {
            if (part.startsWith(key + "=")) {
                return URLDecoder.decode(part.substring(key.length() + 1), StandardCharsets.UTF_8);
            }
        }
        throw invalid("Missing value for required parameter '" + key + "'");
    }

    private static ObjectNode json(byte[] body, String... known) throws Failure {
        ObjectNode node = (ObjectNode) JSON.readTree(body);
        for (String key : node.propertyNames()) {
            if (!List.of(known).contains(key)) {
                throw invalid("unknown field " + key);
            }
        }
        return node;
    }

    private static String text(JsonNode node, String key) throws Failure {
        if (!node.path(key).isString() || node.path(key).asString().isEmpty()) {
            throw invalid("expected " + key + " as a text, got " + node);
        }
        return node.path(key).asString();
    }

    private static long whole(JsonNode node, String key) throws Failure {
        if (!node.path(key).isIntegralNumber()) {
            throw invalid("expected " + key + " as a whole number, got " + node);
        }
        return node.path(key).asLong();
    }

    private static Failure invalid(String message) {
        return new Failure(400, "INVALID_PARAMETER_VALUE", message);
    }

    private static Failure missing(String what) {
        return new Failure(404, "RESOURCE_DOES_NOT_EXIST", "there is no " + what);
    }

    private JsonNode experiment(String name) throws Failure {
        if (!experiments.containsKey(name)) {
            throw missing("experiment " + name);
        }
        ObjectNode answer = JSON.createObjectNode();
        answer.putObject("experiment")
                .put("experiment_id", experiments.get(name))
                .put("name", name)
                .put("lifecycle_stage", "active");
        return answer;
    }

    private JsonNode createExperiment(ObjectNode body) throws Failure {
        String name = text(body, "name");
        if (experiments.containsKey(name)) {
            throw new Failure(400, "RESOURCE_ALREADY_EXISTS", name + " exists");
        }
        experiments.put(name, Integer.toString(experiments.size()));
        return JSON.createObjectNode().put("experiment_id", experiments.get(name));
    }

    private JsonNode createRun(ObjectNode body) throws Failure {
        String experiment = text(body, "experiment_id");
        if (!experiments.containsValue(experiment)) {
            throw missing("experiment " + experiment);
        }
        whole(body, "start_time");
        Run run = new Run("r" + (runs.size() + 1), experiment, text(body, "run_name"));
        for (JsonNode tag : body.path("tags")) {
            run.tags.put(text(tag, "key"), text(tag, "value"));
        }
        runs.put(run.id, run);
        return JSON.createObjectNode().set("run", describe(run));
    }

    private ObjectNode describe(Run run) {
        ObjectNode node = JSON.createObjectNode();
        node.putObject("info")
                .put("run_id", run.id)
                .put("experiment_id", run.experiment)
                .put("status", run.statuses.get(run.statuses.size() - 1))
                .put("lifecycle_stage", run.stage)
                .put("artifact_uri", store + run.experiment + "/" + run.id + "/artifacts");
        return node;
    }

    private Run run(String id) throws Failure {
        if (!runs.containsKey(id)) {
            throw missing("run " + id);
        }
        return runs.get(id);
    }

    private JsonNode search(ObjectNode body) throws Failure {
        ArrayNode found = JSON.createArrayNode();
        String filter = text(body, "filter");
        for (Run run : runs.values()) {
            boolean there = run.tags.entrySet().stream()
                    .anyMatch(tag -> filter.equals("tags.\"" + tag.getKey() + "\" = '" + tag.getValue() + "'"));
            if (there && body.path("experiment_ids").get(0).asString().equals(run.experiment)) {
                found.add(describe(run));
            }
        }
        ObjectNode answer = JSON.createObjectNode();
        if (!found.isEmpty()) {
            answer.set("runs", found);
        }
        return answer;
    }

    private JsonNode update(ObjectNode body) throws Failure {
        Run run = active(text(body, "run_id"));
        String status = text(body, "status");
        if (!List.of("RUNNING", "FINISHED", "FAILED", "KILLED").contains(status)) {
            throw invalid("status " + status);
        }
        run.statuses.add(status);
        run.ended = body.has("end_time") ? whole(body, "end_time") : 0;
        return JSON.createObjectNode().set("run_info", describe(run).path("info"));
    }

    private Run active(String id) throws Failure {
        Run run = run(id);
        if (!run.stage.equals("active")) {
            throw invalid("The run " + id + " must be in the 'active' state");
        }
        return run;
    }

    private JsonNode logBatch(ObjectNode body, int bytes) throws Failure {
        Run run = active(text(body, "run_id"));
        JsonNode metrics = body.path("metrics");
        JsonNode params = body.path("params");
        JsonNode tags = body.path("tags");
        int all = metrics.size() + params.size() + tags.size();
        if (metrics.size() > METRICS || params.size() > OTHERS || tags.size() > OTHERS || all > ALL || bytes > BYTES) {
            throw invalid("too many: " + metrics.size() + ", " + params.size() + ", " + tags.size() + ", " + bytes);
        }
        Map<String, String> given = new LinkedHashMap<>();
        for (JsonNode param : params) {
            String key = name(param);
            String value = param.path("value").asString();
            if (value.length() > 6000) {
                throw invalid("Param value has length " + value.length());
            }
            if (given.put(key, value) != null) {
                throw invalid("Duplicate parameter keys have been submitted: " + key);
            }
            if (!run.params.getOrDefault(key, value).equals(value)) {
                throw invalid("Changing param values is not allowed: " + key);
            }
        }
        List<Metric> told = new ArrayList<>();
        for (JsonNode metric : metrics) {
            JsonNode value = metric.path("value");
            boolean isOdd =
                    value.isString() && List.of("NaN", "Infinity", "-Infinity").contains(value.asString());
            if (!value.isNumber() && !isOdd) {
                throw invalid("value " + value);
            }
            double number = isOdd ? Double.parseDouble(value.asString()) : value.asDouble();
            told.add(new Metric(name(metric), number, whole(metric, "timestamp"), whole(metric, "step")));
        }
        Map<String, String> marks = new LinkedHashMap<>();
        for (JsonNode tag : tags) {
            String value = tag.path("value").asString();
            if (value.length() > 5000 || marks.put(name(tag), value) != null) {
                throw invalid("tag " + tag);
            }
        }
        run.params.putAll(given);
        run.metrics.addAll(told);
        run.tags.putAll(marks);
        return JSON.createObjectNode();
    }

    private static String name(JsonNode entry) throws Failure {
        String name = text(entry, "key");
        boolean isShort = List.of(name.split("/", -1)).stream()
                .noneMatch(part -> part.isEmpty() || part.equals(".") || part.equals(".."));
        if (!name.matches("[/\\w.\\- ]*") || !isShort || name.length() > 250) {
            throw invalid("Invalid name: '" + name + "'");
        }
        return name;
    }

    /** In pages of three, so that pages are asked for. */
    private JsonNode history(String query) throws Failure {
        Run run = run(asked(query, "run_id"));
        String key = asked(query, "metric_key");
        int from = query.contains("page_token=") ? Integer.parseInt(asked(query, "page_token")) : 0;
        List<Metric> own =
                run.metrics.stream().filter(metric -> metric.key.equals(key)).toList();
        ObjectNode answer = JSON.createObjectNode();
        int to = Math.min(own.size(), from + 3);
        for (Metric metric : own.subList(from, to)) {
            answer.withArrayProperty("metrics")
                    .addObject()
                    .put("key", key)
                    .put("value", metric.value)
                    .put("timestamp", metric.timestamp)
                    // as older servers do
                    .put("step", Long.toString(metric.step));
        }
        if (to < own.size()) {
            answer.put("next_page_token", Integer.toString(to));
        }
        return answer;
    }

    @Override
    public void close() {
        die();
    }
}
