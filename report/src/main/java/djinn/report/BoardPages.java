package djinn.report;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import djinn.ops.DataException;
import djinn.training.run.RunFolder;
import java.io.IOException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
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

    private static final String REPORT = "report.html";

    /** How long after its last question a page still counts as looking on. */
    private static final long LOOKING_MILLIS = 6000;

    private final Path runs;
    private final Map<Path, Known> known = new ConcurrentHashMap<>();
    private volatile long asked;

    /** What a run's folder said when its files were as the stamp has them. */
    private record Known(String stamp, RunFacts facts) {}

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
            BoardAnswer answer;
            try {
                answer = answer(exchange);
            } catch (DataException e) {
                answer = BoardAnswer.text(BoardAnswer.NOT_FOUND, e.getMessage() + "\n");
            } catch (RuntimeException e) {
                answer = BoardAnswer.text(
                        BoardAnswer.BROKEN, "unexpected " + e.getClass().getSimpleName() + "\n");
            }
            answer.send(exchange);
        }
    }

    private BoardAnswer answer(HttpExchange exchange) throws IOException {
        if (!exchange.getRequestMethod().equals("GET")) {
            return BoardAnswer.text(BoardAnswer.NOT_ALLOWED, "expected GET\n");
        }
        // a page of another site can have its own name point here; its browser then says that name
        String host = String.valueOf(exchange.getRequestHeaders().getFirst("Host"));
        if (!host.matches("(127\\.0\\.0\\.1|localhost|\\[::1\\])(:[0-9]+)?")) {
            return BoardAnswer.text(BoardAnswer.FORBIDDEN, "expected to be asked as 127.0.0.1 or localhost\n");
        }
        List<String> parts = parts(exchange.getRequestURI().getRawPath());
        if (parts.isEmpty()) {
            return BoardAnswer.html(Page.html("Runs", overview(), Page.SERVED));
        } else if (parts.equals(List.of("runs.json"))) {
            asked = System.currentTimeMillis();
            Map<String, Object> data = overview();
            return BoardAnswer.json(Integer.toHexString(Page.json(data).hashCode()), data);
        } else if (parts.get(0).equals("run") && parts.size() > 1) {
            Optional<RunFolder> run = run(parts.get(1));
            if (run.isPresent()) {
                return ofRun(exchange, run.get(), parts.subList(2, parts.size()));
            }
        }
        return BoardAnswer.text(BoardAnswer.NOT_FOUND, "there is no such page\n");
    }

    private BoardAnswer ofRun(HttpExchange exchange, RunFolder run, List<String> rest) throws IOException {
        String name = RunFacts.name(run.path());
        boolean isFolder = exchange.getRequestURI().getRawPath().endsWith("/");
        if (rest.isEmpty() && !isFolder) {
            // what is asked for from the page is beside it
            return BoardAnswer.text(BoardAnswer.MOVED, "/run/" + encoded(name) + "/");
        } else if (rest.isEmpty()) {
            return BoardAnswer.html(Page.html(name, data(run), Page.SERVED));
        } else if (rest.equals(List.of("data.json"))) {
            asked = System.currentTimeMillis();
            String stamp = RunStamp.of(run.path());
            // nothing is read of a run that did not change
            return BoardAnswer.isKnown(stamp, exchange)
                    ? BoardAnswer.unchanged(stamp)
                    : BoardAnswer.json(stamp, data(run));
        } else if (rest.equals(List.of(REPORT))) {
            return file(run, REPORT, BoardAnswer.HTML);
        } else if (rest.size() > 1 && rest.get(0).equals("files")) {
            String file = String.join("/", rest.subList(1, rest.size()));
            if (FolderPictures.of(run.path()).files().contains(file)) {
                return file(run, file, "image/" + file.replaceFirst(".*\\.", "").replace("jpg", "jpeg"));
            }
        }
        return BoardAnswer.text(BoardAnswer.NOT_FOUND, "there is no such page\n");
    }

    /** A file of a run's folder, and of nowhere else that a link may lead to. */
    private static BoardAnswer file(RunFolder run, String name, String type) throws IOException {
        Path file = run.file(name);
        if (!Files.isRegularFile(file)
                || !file.toRealPath().startsWith(run.path().toRealPath())) {
            return BoardAnswer.text(BoardAnswer.NOT_FOUND, "there is no such page\n");
        }
        return new BoardAnswer(
                BoardAnswer.OK, type, ByteBuffer.wrap(Files.readAllBytes(file)), Optional.of(RunStamp.ofFile(file)));
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
