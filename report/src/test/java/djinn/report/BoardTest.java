package djinn.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import djinn.ops.DataException;
import djinn.training.run.RunFolder;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a board gives out, and what it keeps; asked in plain HTTP, where nothing is put right on the way. */
class BoardTest {

    @TempDir
    private Path folder;

    private RunFolder run;
    private Board board;

    @BeforeEach
    void open() throws IOException {
        run = ExampleRun.write(folder.resolve("runs"), "digits & more");
        Files.createDirectories(run.file("samples"));
        Files.writeString(run.file("samples").resolve("epoch-0001.png"), "picture");
        Files.writeString(folder.resolve("secret.png"), "secret");
        Files.writeString(run.file("weights.bin"), "secret");
        Files.createSymbolicLink(run.file("link.png"), folder.resolve("secret.png"));
        board = Board.open(folder.resolve("runs"), 0);
    }

    @AfterEach
    void close() {
        board.close();
    }

    private String ask(String method, String path, String... headers) throws IOException {
        int port = URI.create(board.address()).getPort();
        String host = "Host: 127.0.0.1:" + port;
        StringBuilder request = new StringBuilder(method + " " + path + " HTTP/1.1\r\nConnection: close\r\n");
        for (String header : headers) {
            if (header.startsWith("Host:")) {
                host = header;
            } else {
                request.append(header).append("\r\n");
            }
        }
        request.append(host).append("\r\n\r\n");
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.getOutputStream().write(request.toString().getBytes(StandardCharsets.UTF_8));
            InputStream in = socket.getInputStream();
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static String code(String answer) {
        return answer.substring(9, 12);
    }

    @Test
    void runsAndTheirPagesAreGivenOut() throws IOException {
        assertThat(board.address(run)).endsWith("/run/digits%20%26%20more/");
        assertThat(ask("GET", "/")).contains("200 OK", "<title>Runs</title>", "digits \\u0026 more");
        String page = ask("GET", "/run/digits%20%26%20more/");
        assertThat(page).contains("200 OK", "Content-security-policy: default-src 'none'", "nosniff");
        assertThat(ask("GET", "/run/digits%20%26%20more")).contains("301", "Location: /run/digits%20%26%20more/");
        assertThat(ask("GET", "/run/digits%20%26%20more/files/samples/epoch-0001.png"))
                .contains("200 OK", "Content-type: image/png")
                .endsWith("picture");
        assertThat(code(ask("GET", "/run/digits%20%26%20more/report.html"))).isEqualTo("404");
        assertThat(ask("GET", "/runs.json")).contains("\"state\":\"finished\"", "\"best\":0.94");
    }

    @Test
    void whatIsUnchangedIsNotSentAgain() throws IOException {
        String first = ask("GET", "/run/digits%20%26%20more/data.json");
        String tag = first.lines()
                .filter(line -> line.toLowerCase(java.util.Locale.ROOT).startsWith("etag:"))
                .findFirst()
                .orElseThrow()
                .substring(6);
        assertThat(code(ask("GET", "/run/digits%20%26%20more/data.json", "If-None-Match: " + tag)))
                .isEqualTo("304");
        Files.writeString(run.file("results.csv"), ExampleRun.results(3));
        assertThat(code(ask("GET", "/run/digits%20%26%20more/data.json", "If-None-Match: " + tag)))
                .isEqualTo("200");
    }

    @Test
    void nothingElseIsGivenOut() throws IOException {
        String base = "/run/digits%20%26%20more/";
        for (String path : new String[] {
            base + "files/weights.bin",
            base + "files/recipe.yaml",
            base + "files/link.png",
            base + "files/../../../secret.png",
            base + "files/..%2f..%2f..%2fsecret.png",
            base + "files/%2e%2e/%2e%2e/secret.png",
            "/run/../secret.png",
            "/run/..%2fruns%2fdigits%20%26%20more/",
            "/run/./data.json",
            "/run/none/",
            "/secret.png"
        }) {
            String answer = ask("GET", path);
            assertThat(code(answer)).as(path).isEqualTo("404");
            assertThat(answer).as(path).doesNotContain("secret\n").doesNotEndWith("secret");
        }
        assertThat(code(ask("POST", "/"))).isEqualTo("405");
        assertThat(code(ask("DELETE", base))).isEqualTo("405");
        assertThat(code(ask("GET", "/", "Host: evil.example"))).isEqualTo("403");
        assertThat(code(ask("GET", "/", "Host: 127.0.0.1.evil.example:80"))).isEqualTo("403");
        assertThat(code(ask("GET", "/", "Host: localhost:9"))).isEqualTo("200");
    }

    @Test
    void aPortThatIsTakenIsTold() {
        int port = URI.create(board.address()).getPort();
        assertThatThrownBy(() -> Board.open(folder, port))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("port " + port + " of this machine cannot be listened at")
                .hasMessageContaining("--port");
        assertThatThrownBy(() -> Board.open(folder, 70000)).isInstanceOf(IllegalArgumentException.class);
    }
}
