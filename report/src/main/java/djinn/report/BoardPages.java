package djinn.report;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import djinn.ops.DataException;
import djinn.training.run.RunFolder;
import java.io.IOException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** What a board answers: {@code /}, {@code /runs.json}, {@code /run/NAME/}, its {@code data.json} and its files. */
final class BoardPages implements HttpHandler {

    private static final int OK = 200;
    private static final int MOVED = 301;
    private static final int UNCHANGED = 304;
    private static final int FORBIDDEN = 403;
    private static final int NOT_FOUND = 404;
    private static final int NOT_ALLOWED = 405;
    private static final int BROKEN = 500;
    private static final String HTML = "text/html; charset=utf-8";
    private static final String JSON = "application/json";
    private static final String TEXT = "text/plain; charset=utf-8";
    private static final String REPORT = "report.html";

    /** How long after its last question a page still counts as looking on. */
    private static final long LOOKING_MILLIS = 6000;

    private final Path runs;
    private final Map<Path, Known> known = new ConcurrentHashMap<>();
    private volatile long asked;

    /** What a run's folder said when its files were as the stamp has them. */
    private record Known(String stamp, RunFacts facts) {}

    /** An answer that is not sent yet. */
    private record Answer(int code, String type, ByteBuffer body, Optional<String> stamp) {

        static Answer of(int code, String type, String text) {
            return new Answer(code, type, StandardCharsets.UTF_8.encode(text), Optional.empty());
        }

        static Answer unchanged(String stamp) {
            return new Answer(UNCHANGED, JSON, ByteBuffer.allocate(0), Optional.of(stamp));
        }

        static Answer json(String stamp, Map<String, Object> data) {
            return new Answer(OK, JSON, StandardCharsets.UTF_8.encode(Page.json(data)), Optional.of(stamp));
        }
    }

    BoardPages(Path runs) {
        this.runs = runs;
    }

    /** Waits, where a page looks on, until it asked once more. */
    void awaitLook(long millis) {
        long last = asked;
        long now = System.currentTimeMillis();
        if (now - last > LOOKING_MILLIS) {
            return;
        }
        try {
            while (asked == last && System.currentTimeMillis() - now < millis) {
                Thread.sleep(20);
            }
            // the answer to it must get out, too
            Thread.sleep(200);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            Answer answer;
            try {
                answer = answer(exchange);
            } catch (DataException e) {
                answer = Answer.of(NOT_FOUND, TEXT, e.getMessage() + "\n");
            } catch (RuntimeException e) {
                answer = Answer.of(BROKEN, TEXT, "unexpected " + e.getClass().getSimpleName() + "\n");
            }
            send(exchange, answer);
        }
    }

    private static void send(HttpExchange exchange, Answer answer) throws IOException {
        var headers = exchange.getResponseHeaders();
        headers.set("Content-Type", answer.type);
        headers.set("Content-Security-Policy", Page.SERVED);
        headers.set("X-Content-Type-Options", "nosniff");
        headers.set("X-Frame-Options", "DENY");
        headers.set("Referrer-Policy", "no-referrer");
        headers.set("Cross-Origin-Resource-Policy", "same-origin");
        headers.set("Cache-Control", "no-cache");
        if (answer.code == NOT_ALLOWED) {
            headers.set("Allow", "GET");
        }
        if (answer.code == MOVED) {
            headers.set(
                    "Location",
                    StandardCharsets.UTF_8.decode(answer.body.duplicate()).toString());
        }
        if (answer.stamp.isPresent()) {
            headers.set("ETag", tag(answer.stamp.get()));
            if (isKnown(answer.stamp.get(), exchange)) {
                exchange.sendResponseHeaders(UNCHANGED, -1);
                return;
            }
        }
        int length = answer.body.remaining();
        exchange.sendResponseHeaders(answer.code, length == 0 ? -1 : length);
        if (length > 0) {
            Channels.newChannel(exchange.getResponseBody()).write(answer.body);
        }
    }

    private static String tag(String stamp) {
        return "\"" + stamp + "\"";
    }

    /** Whether whoever asks has what the stamp is of. */
    private static boolean isKnown(String stamp, HttpExchange exchange) {
        return tag(stamp).equals(exchange.getRequestHeaders().getFirst("If-None-Match"));
    }

    private Answer answer(HttpExchange exchange) throws IOException {
        if (!exchange.getRequestMethod().equals("GET")) {
            return Answer.of(NOT_ALLOWED, TEXT, "expected GET\n");
        }
        // a page of another site can have its own name point here; its browser then says that name
        String host = String.valueOf(exchange.getRequestHeaders().getFirst("Host"));
        if (!host.matches("(127\\.0\\.0\\.1|localhost|\\[::1\\])(:[0-9]+)?")) {
            return Answer.of(FORBIDDEN, TEXT, "expected to be asked as 127.0.0.1 or localhost\n");
        }
        List<String> parts = parts(exchange.getRequestURI().getRawPath());
        if (parts.isEmpty()) {
            return Answer.of(OK, HTML, Page.html("Runs", overview(), Page.SERVED));
        } else if (parts.equals(List.of("runs.json"))) {
            asked = System.currentTimeMillis();
            Map<String, Object> data = overview();
            return Answer.json(Integer.toHexString(Page.json(data).hashCode()), data);
        } else if (parts.get(0).equals("run") && parts.size() > 1) {
            Optional<RunFolder> run = run(parts.get(1));
            if (run.isPresent()) {
                return ofRun(exchange, run.get(), parts.subList(2, parts.size()));
            }
        }
        return Answer.of(NOT_FOUND, TEXT, "there is no such page\n");
    }

    private Answer ofRun(HttpExchange exchange, RunFolder run, List<String> rest) throws IOException {
        String name = RunFacts.name(run.path());
        boolean isFolder = exchange.getRequestURI().getRawPath().endsWith("/");
        if (rest.isEmpty() && !isFolder) {
            // what is asked for from the page is beside it
            return Answer.of(MOVED, TEXT, "/run/" + encoded(name) + "/");
        } else if (rest.isEmpty()) {
            return Answer.of(OK, HTML, Page.html(name, data(run), Page.SERVED));
        } else if (rest.equals(List.of("data.json"))) {
            asked = System.currentTimeMillis();
            String stamp = RunStamp.of(run.path());
            // nothing is read of a run that did not change
            return isKnown(stamp, exchange) ? Answer.unchanged(stamp) : Answer.json(stamp, data(run));
        } else if (rest.equals(List.of(REPORT))) {
            return file(run, REPORT, HTML);
        } else if (rest.size() > 1 && rest.get(0).equals("files")) {
            String file = String.join("/", rest.subList(1, rest.size()));
            if (FolderPictures.of(run.path()).files().contains(file)) {
                return file(run, file, "image/" + file.replaceFirst(".*\\.", "").replace("jpg", "jpeg"));
            }
        }
        return Answer.of(NOT_FOUND, TEXT, "there is no such page\n");
    }

    /** A file of a run's folder, and of nowhere else that a link may lead to. */
    private static Answer file(RunFolder run, String name, String type) throws IOException {
        Path file = run.file(name);
        if (!Files.isRegularFile(file)
                || !file.toRealPath().startsWith(run.path().toRealPath())) {
            return Answer.of(NOT_FOUND, TEXT, "there is no such page\n");
        }
        return new Answer(OK, type, ByteBuffer.wrap(Files.readAllBytes(file)), Optional.of(RunStamp.ofFile(file)));
    }

    private Optional<RunFolder> run(String name) {
        if (!name.matches("[^./\\\\\\x00][^/\\\\\\x00]*")) {
            return Optional.empty();
        }
        Path folder = runs.resolve(name);
        return RunList.isRun(folder) ? Optional.of(new RunFolder(folder)) : Optional.empty();
    }

    private static List<String> parts(String path) {
        List<String> parts = new ArrayList<>();
        for (String part : path.split("/", -1)) {
            if (!part.isEmpty()) {
                parts.add(URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8));
            }
        }
        return parts;
    }

    private static String encoded(String name) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private Map<String, Object> overview() {
        RunList list = Files.isDirectory(runs) ? RunList.of(runs, this::facts) : new RunList(List.of(), List.of());
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("kind", "overview");
        data.put("live", true);
        data.put("folder", runs.toString());
        data.put("runs", list.runs());
        data.put("leftOut", list.leftOut().orElse(""));
        return data;
    }

    private RunFacts facts(RunFolder run) {
        String stamp = RunStamp.of(run.path());
        return known.compute(
                        run.path(),
                        (path, before) -> before != null && before.stamp.equals(stamp)
                                ? before
                                : new Known(stamp, RunFacts.of(run)))
                .facts();
    }

    private static Map<String, Object> data(RunFolder run) {
        FolderPictures pictures = FolderPictures.of(run.path());
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("kind", "run");
        data.put("live", true);
        data.put("run", RunContents.of(run));
        data.put(
                "pictures",
                pictures.files().stream()
                        .map(name -> new ShownPicture(
                                name,
                                "",
                                "files/" + encoded(name).replace("%2F", "/") + "?" + RunStamp.ofFile(run.file(name)),
                                0,
                                0,
                                "none"))
                        .toList());
        data.put("picturesSmaller", "");
        data.put("sheetsLeftOut", pictures.leftOut());
        data.put("hasReport", Files.isRegularFile(run.file(REPORT)));
        return data;
    }
}
