package djinn.training.track;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.node.ObjectNode;

/** Requests to an MLflow server, one at a time. */
final class MlflowClient {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String API = "/api/2.0/mlflow/";
    private static final int OK = 200;
    private static final int UNAUTHORIZED = 401;
    private static final int FORBIDDEN = 403;
    private static final int TIMEOUT = 408;
    private static final int TOO_MANY = 429;
    private static final int SERVER_ERROR = 500;

    /** What a slow line takes in a second, for how long a file may take. */
    private static final long BYTES_PER_SECOND = 100_000;

    private final HttpClient http;
    private final URI address;
    private final Optional<String> authorization;
    private final Duration patience;
    private volatile CompletableFuture<HttpResponse<String>> underWay;

    MlflowClient(URI address, Map<String, String> environment, Duration patience) {
        this.address = address;
        this.patience = patience;
        authorization = authorization(environment);
        // an upgrade to HTTP/2 is nothing that Python's servers know
        http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(patience)
                .build();
    }

    private static Optional<String> authorization(Map<String, String> environment) {
        String user = environment.getOrDefault("MLFLOW_TRACKING_USERNAME", "");
        String password = environment.getOrDefault("MLFLOW_TRACKING_PASSWORD", "");
        String token = environment.getOrDefault("MLFLOW_TRACKING_TOKEN", "");
        if (!user.isEmpty() && !password.isEmpty()) {
            byte[] both = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
            return Optional.of("Basic " + Base64.getEncoder().encodeToString(both));
        }
        return token.isEmpty() ? Optional.empty() : Optional.of("Bearer " + token);
    }

    URI address() {
        return address;
    }

    /**
     * Asks for something.
     *
     * @param path behind {@code /api/2.0/mlflow/}
     * @param query what is asked
     */
    JsonNode get(String path, Map<String, String> query) throws AwayException, RefusedException {
        String parts = query.entrySet().stream()
                .map(part -> part.getKey() + "=" + URLEncoder.encode(part.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
        return send(request(URI.create(address + API + path + "?" + parts), patience)
                .GET());
    }

    /**
     * Has something done.
     *
     * @param path behind {@code /api/2.0/mlflow/}
     * @param body what is to be done
     */
    JsonNode post(String path, ObjectNode body) throws AwayException, RefusedException {
        return send(request(URI.create(address + API + path), patience)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body.toString())));
    }

    /**
     * Sends a file to the server's store of files.
     *
     * @param target the whole address
     * @param file the file
     */
    void put(URI target, Path file) throws AwayException, RefusedException {
        BodyPublisher body;
        Duration time;
        try {
            body = BodyPublishers.ofFile(file);
            time = patience.plusSeconds(Files.size(file) / BYTES_PER_SECOND);
        } catch (FileNotFoundException e) {
            throw new RefusedException("", "there is no such file any more");
        } catch (IOException e) {
            throw new RefusedException("", "it cannot be read: " + e.getMessage());
        }
        send(request(target, time).PUT(body));
    }

    private HttpRequest.Builder request(URI target, Duration time) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(target).timeout(time).header("Accept", "application/json");
        authorization.ifPresent(value -> request.header("Authorization", value));
        return request;
    }

    private JsonNode send(HttpRequest.Builder request) throws AwayException, RefusedException {
        HttpRequest asked = request.build();
        CompletableFuture<HttpResponse<String>> answer = http.sendAsync(asked, BodyHandlers.ofString());
        underWay = answer;
        HttpResponse<String> response;
        try {
            response = answer.get();
        } catch (ExecutionException e) {
            throw new AwayException(reason(e.getCause()));
        } catch (CancellationException e) {
            throw new AwayException("no answer in time");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AwayException("interrupted");
        }
        return read(asked, response);
    }

    private static JsonNode read(HttpRequest asked, HttpResponse<String> response)
            throws AwayException, RefusedException {
        int status = response.statusCode();
        Optional<JsonNode> body = json(response.body());
        if (status == OK && body.isPresent()) {
            return body.get();
        }
        String where = asked.uri().getPath();
        if (body.isEmpty() && status < SERVER_ERROR && status != UNAUTHORIZED && status != FORBIDDEN) {
            throw new AwayException("its answer to " + where + " (status " + status
                    + ") is not an MLflow server's; is it the address of one?");
        }
        String message = body.map(node -> node.path("message").asString(""))
                .filter(text -> !text.isBlank())
                .orElse(response.body())
                .replaceAll("\\s+", " ");
        String told = message.isBlank() ? "" : ": " + message.substring(0, Math.min(message.length(), 200));
        if (status == UNAUTHORIZED || status == FORBIDDEN) {
            throw new AwayException(
                    "it lets nobody in so (status " + status
                            + "); MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN, say who asks");
        } else if (status == TIMEOUT || status == TOO_MANY || status >= SERVER_ERROR) {
            throw new AwayException("status " + status + told);
        }
        throw new RefusedException(
                body.map(node -> node.path("error_code").asString("")).orElse(""), "status " + status + told);
    }

    private static Optional<JsonNode> json(String body) {
        try {
            return Optional.of(JSON.readTree(body)).filter(JsonNode::isObject);
        } catch (JacksonException e) {
            return Optional.empty();
        }
    }

    private static String reason(Throwable cause) {
        if (cause instanceof HttpTimeoutException) {
            return "no answer in time";
        } else if (cause instanceof ConnectException && cause.getCause() instanceof UnresolvedAddressException) {
            return "there is no such host";
        } else if (cause instanceof ConnectException) {
            return "nobody listens there";
        }
        return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    }

    /** Gives up what is under way. */
    void cancel() {
        CompletableFuture<HttpResponse<String>> request = underWay;
        if (request != null) {
            request.cancel(true);
        }
    }
}
