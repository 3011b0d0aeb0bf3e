package djinn.report;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** Chromium without a window, spoken to through its driver: the W3C's WebDriver is JSON over HTTP. */
final class Browser implements AutoCloseable {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern PORT = Pattern.compile("started successfully on port (\\d+)");
    private static final String ELEMENT = "element-6066-11e4-a52e-4f735466cecf";

    private final HttpClient client = HttpClient.newHttpClient();
    private final Process driver;
    private final String address;
    private final String session;

    private Browser(Process driver, int port, Path profile) {
        this.driver = driver;
        this.address = "http://127.0.0.1:" + port;
        Map<String, Object> options = Map.of(
                "args",
                List.of(
                        "--headless=new",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--disable-dev-shm-usage",
                        "--disable-quic",
                        "--no-first-run",
                        "--disable-background-networking",
                        "--disable-component-update",
                        "--disable-sync",
                        "--hide-scrollbars",
                        "--user-data-dir=" + profile));
        Map<String, Object> wanted = new LinkedHashMap<>();
        wanted.put("browserName", "chrome");
        wanted.put("goog:chromeOptions", options);
        wanted.put("goog:loggingPrefs", Map.of("browser", "ALL", "performance", "ALL"));
        this.session = ask("POST", "/session", Map.of("capabilities", Map.of("alwaysMatch", wanted)))
                .get("sessionId")
                .asString();
    }

    /**
     * Starts a browser.
     *
     * @param profile an empty folder
     * @throws AssertionError if there is none, with what to install
     */
    static Browser start(Path profile) throws IOException {
        Process driver;
        try {
            driver = new ProcessBuilder("chromedriver", "--port=0")
                    .redirectErrorStream(true)
                    .start();
        } catch (IOException e) {
            throw new AssertionError(
                    "expected Chromium and its driver to look at pages with, found no chromedriver:"
                            + " apt-get install --no-install-recommends chromium chromium-driver",
                    e);
        }
        BufferedReader lines =
                new BufferedReader(new InputStreamReader(driver.getInputStream(), StandardCharsets.UTF_8));
        StringBuilder told = new StringBuilder();
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            told.append(line).append('\n');
            Matcher port = PORT.matcher(line);
            if (port.find()) {
                // what it says later must not fill the pipe
                Thread rest = new Thread(() -> lines.lines().forEach(ignored -> {}), "chromedriver");
                rest.setDaemon(true);
                rest.start();
                return new Browser(driver, Integer.parseInt(port.group(1)), profile);
            }
        }
        throw new AssertionError("chromedriver did not start: " + told);
    }

    private JsonNode ask(String method, String path, Object body) {
        HttpRequest request = HttpRequest.newBuilder(URI.create(address + path))
                .timeout(Duration.ofSeconds(60))
                .header("Content-Type", "application/json")
                .method(
                        method,
                        body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(JSON.writeValueAsString(body)))
                .build();
        try {
            var response = client.send(request, BodyHandlers.ofString());
            JsonNode value = JSON.readTree(response.body()).get("value");
            if (response.statusCode() != 200) {
                throw new AssertionError(
                        value.path("message").asString().lines().findFirst().orElse("")
                                + (value.path("message").asString().contains("cannot find Chrome")
                                        ? "; apt-get install --no-install-recommends chromium chromium-driver"
                                        : ""));
            }
            return value;
        } catch (IOException e) {
            throw new AssertionError("chromedriver does not answer", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    private JsonNode inSession(String path, Object body) {
        return ask("POST", "/session/" + session + path, body);
    }

    void open(String url) {
        inSession("/url", Map.of("url", url));
    }

    /** Runs the body of a function in the page. */
    JsonNode run(String script, Object... arguments) {
        return inSession("/execute/sync", Map.of("script", script, "args", List.of(arguments)));
    }

    /** Waits until a script answers true. */
    void await(String script) throws InterruptedException {
        for (int i = 0; i < 200; i++) {
            if (run(script).asBoolean()) {
                return;
            }
            Thread.sleep(50);
        }
        throw new AssertionError("never came true: " + script);
    }

    /** Clicks where a user would: what lies under something else is not clicked. */
    void click(String css) {
        String id = inSession("/element", Map.of("using", "css selector", "value", css))
                .get(ELEMENT)
                .asString();
        inSession("/element/" + id + "/click", Map.of());
    }

    /** Types keys to what has the focus. */
    void press(String... keys) {
        List<Object> actions = new ArrayList<>();
        for (String key : keys) {
            actions.add(Map.of("type", "keyDown", "value", key));
            actions.add(Map.of("type", "keyUp", "value", key));
        }
        inSession("/actions", Map.of("actions", List.of(Map.of("type", "key", "id", "keys", "actions", actions))));
    }

    /** Drags from one place of the window to another. */
    void drag(int fromX, int fromY, int toX, int toY) {
        List<Object> actions = List.of(
                Map.of("type", "pointerMove", "duration", 0, "x", fromX, "y", fromY),
                Map.of("type", "pointerDown", "button", 0),
                Map.of("type", "pointerMove", "duration", 100, "x", toX, "y", toY),
                Map.of("type", "pointerUp", "button", 0));
        inSession("/actions", Map.of("actions", List.of(Map.of("type", "pointer", "id", "mouse", "actions", actions))));
    }

    JsonNode devtools(String command, Map<String, ?> parameters) {
        return inSession("/goog/cdp/execute", Map.of("cmd", command, "params", parameters));
    }

    /** Makes the window so wide, of a browser whose user likes it dark or light. */
    void look(int width, int height, String scheme) {
        devtools(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
        devtools(
                "Emulation.setEmulatedMedia",
                Map.of(
                        "features",
                        List.of(
                                Map.of("name", "prefers-color-scheme", "value", scheme),
                                // a click does not wait for what still glides
                                Map.of("name", "prefers-reduced-motion", "value", "reduce"))));
    }

    /** Pictures the page, all of it or what is seen. */
    void picture(Path file, boolean isWhole) throws IOException {
        JsonNode shot = devtools("Page.captureScreenshot", Map.of("format", "png", "captureBeyondViewport", isWhole));
        Files.createDirectories(file.getParent());
        Files.write(file, Base64.getDecoder().decode(shot.get("data").asString()));
    }

    /** Returns the messages of the console since this was asked last. */
    List<String> console() {
        return log("browser").stream()
                .map(entry -> entry.get("level").asString() + ": "
                        + entry.get("message").asString())
                .toList();
    }

    /** Returns the addresses that were asked for since this was asked last, those within the page left out. */
    List<String> requests() {
        return log("performance").stream()
                .map(entry -> JSON.readTree(entry.get("message").asString()).get("message"))
                .filter(message -> message.get("method").asString().equals("Network.requestWillBeSent"))
                .map(message -> message.at("/params/request/url").asString())
                .filter(url -> !url.startsWith("data:"))
                .toList();
    }

    private List<JsonNode> log(String type) {
        return StreamSupport.stream(inSession("/se/log", Map.of("type", type)).spliterator(), false)
                .toList();
    }

    @Override
    public void close() throws IOException {
        try {
            ask("DELETE", "/session/" + session, null);
        } finally {
            driver.destroy();
            try {
                if (!driver.waitFor(10, TimeUnit.SECONDS)) {
                    driver.destroyForcibly();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
