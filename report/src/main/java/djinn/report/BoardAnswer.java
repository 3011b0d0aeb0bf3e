package djinn.report;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * What a board answers over HTTP.
 *
 * @param code how the question is answered
 * @param type what is sent
 * @param body what is sent; of one that moved, where to
 * @param stamp that changes with what is sent; empty if it is not worth to be asked again with
 */
record BoardAnswer(int code, String type, ByteBuffer body, Optional<String> stamp) {

    static final int OK = 200;
    static final int MOVED = 301;
    private static final int UNCHANGED = 304;
    static final int FORBIDDEN = 403;
    static final int NOT_FOUND = 404;
    static final int NOT_ALLOWED = 405;
    static final int BROKEN = 500;
    static final String HTML = "text/html; charset=utf-8";
    private static final String JSON = "application/json";
    private static final String TEXT = "text/plain; charset=utf-8";

    static BoardAnswer html(String page) {
        return new BoardAnswer(OK, HTML, StandardCharsets.UTF_8.encode(page), Optional.empty());
    }

    static BoardAnswer text(int code, String text) {
        return new BoardAnswer(code, TEXT, StandardCharsets.UTF_8.encode(text), Optional.empty());
    }

    static BoardAnswer json(String stamp, Object data) {
        return new BoardAnswer(OK, JSON, StandardCharsets.UTF_8.encode(Page.json(data)), Optional.of(stamp));
    }

    static BoardAnswer unchanged(String stamp) {
        return new BoardAnswer(UNCHANGED, JSON, ByteBuffer.allocate(0), Optional.of(stamp));
    }

    /** Whether whoever asks has what the stamp is of. */
    static boolean isKnown(String stamp, HttpExchange exchange) {
        return tag(stamp).equals(exchange.getRequestHeaders().getFirst("If-None-Match"));
    }

    private static String tag(String stamp) {
        return "\"" + stamp + "\"";
    }

    void send(HttpExchange exchange) throws IOException {
        Headers headers = exchange.getResponseHeaders();
        headers.set("Content-Type", type);
        headers.set("Content-Security-Policy", Page.SERVED);
        headers.set("X-Content-Type-Options", "nosniff");
        headers.set("X-Frame-Options", "DENY");
        headers.set("Referrer-Policy", "no-referrer");
        headers.set("Cross-Origin-Resource-Policy", "same-origin");
        headers.set("Cache-Control", "no-cache");
        if (code == NOT_ALLOWED) {
            headers.set("Allow", "GET");
        } else if (code == MOVED) {
            headers.set(
                    "Location", StandardCharsets.UTF_8.decode(body.duplicate()).toString());
        }
        if (stamp.isPresent()) {
            headers.set("ETag", tag(stamp.get()));
            if (isKnown(stamp.get(), exchange)) {
                exchange.sendResponseHeaders(UNCHANGED, -1);
                return;
            }
        }
        int length = body.remaining();
        exchange.sendResponseHeaders(code, length == 0 ? -1 : length);
        if (length > 0) {
            Channels.newChannel(exchange.getResponseBody()).write(body);
        }
    }
}
