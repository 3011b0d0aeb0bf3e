package djinn.zoo.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import djinn.ops.DataException;
import djinn.ops.download.DownloadListener;
import djinn.ops.download.EnvironmentProxies;
import djinn.ops.download.Patience;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Downloads from a server of this process. */
class DownloadTest {

    private static final Patience SHORT =
            new Patience(Duration.ofSeconds(5), Duration.ofSeconds(5), Duration.ofSeconds(30));
    private static final ProxySelector DIRECT = ProxySelector.of(null);
    private static final DownloadListener SILENT = (done, total) -> {};
    private static final int SIZE = 300_000;

    private final byte[] content = bytes(1);
    private final List<String> requests = Collections.synchronizedList(new ArrayList<>());

    @TempDir
    private Path cache;

    private HttpServer server;
    private ExecutorService threads;

    private interface Handler {
        void handle(HttpExchange exchange) throws IOException;
    }

    private static byte[] bytes(long seed) {
        byte[] bytes = new byte[SIZE];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    @BeforeEach
    void start() throws IOException {
        threads = Executors.newCachedThreadPool();
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
        threads.shutdownNow();
    }

    private void serve(String path, Handler handler) {
        server.createContext(path, exchange -> {
            requests.add(exchange.getRequestURI() + " "
                    + exchange.getRequestHeaders().getOrDefault("Range", List.of())
                    + exchange.getRequestHeaders().getOrDefault("If-Range", List.of()));
            try (exchange) {
                handler.handle(exchange);
            }
        });
    }

    /** Answers as servers of files do, with ranges under an ETag. */
    private static void file(HttpExchange exchange, byte[] body, String etag) throws IOException {
        String range = exchange.getRequestHeaders().getFirst("Range");
        String condition = exchange.getRequestHeaders().getFirst("If-Range");
        if (etag != null) {
            exchange.getResponseHeaders().set("ETag", etag);
        }
        if (range == null || (condition != null && !condition.equals(etag))) {
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            return;
        }
        int start = Integer.parseInt(range.replaceAll("\\D", ""));
        if (start >= body.length) {
            exchange.getResponseHeaders().set("Content-Range", "bytes */" + body.length);
            exchange.sendResponseHeaders(416, -1);
            return;
        }
        exchange.getResponseHeaders()
                .set("Content-Range", "bytes " + start + "-" + (body.length - 1) + "/" + body.length);
        exchange.sendResponseHeaders(206, body.length - start);
        exchange.getResponseBody().write(body, start, body.length - start);
    }

    /** Promises the whole, and breaks off when the half is on disk: Java's client drops what was not read by then. */
    private void half(HttpExchange exchange, byte[] body, String etag) throws IOException {
        if (etag != null) {
            exchange.getResponseHeaders().set("ETag", etag);
        }
        exchange.sendResponseHeaders(200, body.length);
        OutputStream out = exchange.getResponseBody();
        out.write(body, 0, body.length / 2);
        out.flush();
        Path part = cache.resolve("weights/squeezenet1_1-test.pth.part");
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!(Files.exists(part) && Files.size(part) == body.length / 2) && System.nanoTime() < deadline) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
    }

    private URI url(String path) {
        return URI.create("http://" + server.getAddress().getAddress().getHostAddress() + ":"
                + server.getAddress().getPort() + path);
    }

    private CatalogueEntry entry(URI url, String sha256) {
        return new CatalogueEntry(
                "squeezenet1_1",
                "test",
                url,
                sha256,
                OptionalDouble.empty(),
                "CC0-1.0",
                "none",
                Map.of(),
                224,
                256,
                "bilinear",
                List.of(.5, .5, .5),
                List.of(.5, .5, .5),
                "this test");
    }

    private CatalogueEntry entry(String path) {
        return entry(url(path), sha256(content));
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private Download download() {
        return Download.into(cache, DIRECT, SHORT);
    }

    /** The files of the cache but for the lock. */
    private List<String> files() throws IOException {
        if (!Files.isDirectory(cache.resolve("weights"))) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(cache.resolve("weights"))) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> !name.endsWith(".lock"))
                    .sorted()
                    .toList();
        }
    }

    private String failure(CatalogueEntry entry) {
        return failure(download(), entry);
    }

    private static String failure(Download download, CatalogueEntry entry) {
        try {
            download.fetch(entry, SILENT);
        } catch (DataException e) {
            assertThat(e.getMessage()).hasLineCount(1);
            return e.getMessage();
        }
        throw new AssertionError("expected a failure");
    }

    @Test
    void aFileComesWhole() throws IOException {
        serve("/model.pth", exchange -> file(exchange, content, "\"1\""));
        List<Long> heard = new ArrayList<>();
        Path file = download().fetch(entry("/model.pth"), (done, total) -> {
            assertThat(total).isEqualTo(OptionalLong.of(SIZE));
            heard.add(done);
        });
        assertThat(file).isEqualTo(cache.resolve("weights/squeezenet1_1-test.pth"));
        assertThat(file).hasBinaryContent(content);
        assertThat(heard).isSorted().startsWith(0L).endsWith((long) SIZE);
        assertThat(files()).containsExactly("squeezenet1_1-test.pth");
    }

    @Test
    void aFileThatIsThereIsNotFetchedAgain() {
        serve("/model.pth", exchange -> file(exchange, content, null));
        Path first = download().fetch(entry("/model.pth"), SILENT);
        assertThat(download().fetch(entry("/model.pth"), SILENT)).isEqualTo(first);
        assertThat(requests).hasSize(1);
    }

    @Test
    void theBeginningOfAHashIsEnough() {
        serve("/model.pth", exchange -> file(exchange, content, null));
        CatalogueEntry entry = entry(url("/model.pth"), sha256(content).substring(0, 8));
        assertThat(download().fetch(entry, SILENT)).hasBinaryContent(content);
    }

    @Test
    void aFileOfAnotherHashIsRefusedAndRemoved() throws IOException {
        serve("/model.pth", exchange -> file(exchange, bytes(2), "\"2\""));
        assertThat(failure(entry("/model.pth")))
                .contains("expected SHA-256 " + sha256(content))
                .contains("got " + sha256(bytes(2)));
        assertThat(files()).isEmpty();
        String beginning = sha256(content).substring(0, 8);
        assertThat(failure(entry(url("/model.pth"), beginning)))
                .contains("expected SHA-256 " + beginning + ", got "
                        + sha256(bytes(2)).substring(0, 16) + ";");
        assertThat(files()).isEmpty();
    }

    @Test
    void aDownloadThatBrokeOffGoesOn() throws IOException {
        serve("/model.pth", exchange -> {
            if (requests.size() == 1) {
                half(exchange, content, "\"1\"");
            } else {
                file(exchange, content, "\"1\"");
            }
        });
        assertThat(failure(entry("/model.pth")))
                .contains("the connection broke after 150000 of 300000 bytes")
                .contains("go on from there");
        assertThat(files()).containsExactly("squeezenet1_1-test.pth.part", "squeezenet1_1-test.pth.part.etag");
        List<Long> heard = new ArrayList<>();
        Path file = download().fetch(entry("/model.pth"), (done, total) -> heard.add(done));
        assertThat(requests.get(1)).isEqualTo("/model.pth [bytes=150000-][\"1\"]");
        assertThat(heard).startsWith(150_000L);
        assertThat(file).hasBinaryContent(content);
        assertThat(files()).containsExactly("squeezenet1_1-test.pth");
    }

    @Test
    void aServerWithoutRangesSendsTheWholeAnew() throws IOException {
        serve("/model.pth", exchange -> {
            if (requests.size() == 1) {
                half(exchange, content, null);
            } else {
                exchange.sendResponseHeaders(200, content.length);
                exchange.getResponseBody().write(content);
            }
        });
        failure(entry("/model.pth"));
        assertThat(download().fetch(entry("/model.pth"), SILENT)).hasBinaryContent(content);
        assertThat(requests.get(1)).isEqualTo("/model.pth [bytes=150000-][]");
        assertThat(files()).containsExactly("squeezenet1_1-test.pth");
    }

    @Test
    void aFileThatChangedMeanwhileIsFetchedAnew() {
        serve("/model.pth", exchange -> {
            if (requests.size() == 1) {
                half(exchange, bytes(2), "\"2\"");
            } else {
                file(exchange, content, "\"1\"");
            }
        });
        failure(entry("/model.pth"));
        assertThat(download().fetch(entry("/model.pth"), SILENT)).hasBinaryContent(content);
    }

    @Test
    void aPartOfNoKnownVersionIsNotGoneOnWithWithoutAHash() {
        serve("/model.pth", exchange -> {
            if (requests.size() == 1) {
                half(exchange, bytes(2), null);
            } else {
                file(exchange, content, null);
            }
        });
        CatalogueEntry entry = entry(url("/model.pth"), CatalogueEntry.UNVERIFIED);
        failure(entry);
        assertThat(download().fetch(entry, SILENT)).hasBinaryContent(content);
        assertThat(requests.get(1)).isEqualTo("/model.pth [][]");
    }

    @Test
    void aPartThatIsWholeAlreadyIsTaken() throws IOException {
        serve("/model.pth", exchange -> file(exchange, content, "\"1\""));
        Path part = cache.resolve("weights/squeezenet1_1-test.pth.part");
        Files.createDirectories(part.getParent());
        Files.write(part, content);
        assertThat(download().fetch(entry("/model.pth"), SILENT)).hasBinaryContent(content);
        assertThat(requests).containsExactly("/model.pth [bytes=300000-][]");
    }

    @Test
    void aPartLongerThanTheFileIsStartedAnew() throws IOException {
        serve("/model.pth", exchange -> file(exchange, content, "\"1\""));
        Path part = cache.resolve("weights/squeezenet1_1-test.pth.part");
        Files.createDirectories(part.getParent());
        Files.write(part, new byte[SIZE + 1]);
        assertThat(download().fetch(entry("/model.pth"), SILENT)).hasBinaryContent(content);
        assertThat(requests).hasSize(2);
    }

    @Test
    void redirectsAreFollowed() {
        serve("/resolve", exchange -> {
            exchange.getResponseHeaders().set("Location", "/cdn");
            exchange.sendResponseHeaders(302, -1);
        });
        serve("/cdn", exchange -> file(exchange, content, null));
        assertThat(download().fetch(entry("/resolve"), SILENT)).hasBinaryContent(content);
    }

    @Test
    void aHashThatTheHubTellsOnItsRedirectIsChecked() throws IOException {
        byte[] damaged = bytes(2);
        serve("/resolve", exchange -> {
            exchange.getResponseHeaders().set("X-Linked-Etag", "\"" + sha256(content) + "\"");
            exchange.getResponseHeaders().set("Location", "/cdn");
            exchange.sendResponseHeaders(302, -1);
        });
        serve("/cdn", exchange -> file(exchange, requests.size() == 2 ? damaged : content, null));
        CatalogueEntry entry = entry(url("/resolve"), CatalogueEntry.UNVERIFIED);
        assertThat(failure(entry)).contains("expected SHA-256 " + sha256(content));
        assertThat(files()).isEmpty();
        assertThat(download().fetch(entry, SILENT)).hasBinaryContent(content);
    }

    @Test
    void whatTheServerRefusesIsSaid() throws IOException {
        for (int status : new int[] {403, 404, 500, 503}) {
            serve("/" + status, exchange -> exchange.sendResponseHeaders(status, -1));
            String advice = status < 500 ? "open the address in a browser to see why" : "try again later";
            assertThat(failure(entry("/" + status)))
                    .contains("; " + advice + ", or put")
                    .startsWith("cannot download squeezenet1_1/test from " + url("/" + status)
                            + ": the server answered " + status)
                    .endsWith("or put that file at " + cache.resolve("weights/squeezenet1_1-test") + " by hand");
        }
        assertThat(files()).isEmpty();
    }

    @Test
    void withoutANetworkTheLineSaysWhatToPutWhere() throws IOException {
        int closed;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            closed = socket.getLocalPort();
        }
        URI url = URI.create("http://127.0.0.1:" + closed + "/model.pth");
        assertThat(failure(entry(url, sha256(content))))
                .isEqualTo("cannot download squeezenet1_1/test from " + url
                        + ": no connection; check the network and the proxy (HTTPS_PROXY, or -Dhttps.proxyHost in"
                        + " JAVA_TOOL_OPTIONS), or put that file at "
                        + cache.resolve("weights/squeezenet1_1-test.pth") + " by hand");
        assertThat(files()).isEmpty();
        URI unknown = URI.create("http://weights.invalid/model.pth");
        assertThat(failure(entry(unknown, sha256(content)))).contains("the host's name is not known");
    }

    @Test
    void aServerThatFallsSilentIsGivenUp() {
        CountDownLatch over = new CountDownLatch(1);
        serve("/model.pth", exchange -> {
            half(exchange, content, null);
            await(over);
        });
        Patience impatient = new Patience(Duration.ofSeconds(5), Duration.ofSeconds(5), Duration.ofSeconds(1));
        assertThat(failure(Download.into(cache, DIRECT, impatient), entry("/model.pth")))
                .contains("nothing more came after 150000 of 300000 bytes");
        over.countDown();
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await(20, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void theProxyIsAskedForTheWholeAddress() {
        serve("/", exchange -> file(exchange, content, null));
        ProxySelector proxy = ProxySelector.of(server.getAddress());
        URI url = URI.create("http://weights.invalid/model.pth");
        Path file = Download.into(cache, proxy, SHORT).fetch(entry(url, sha256(content)), SILENT);
        assertThat(file).hasBinaryContent(content);
        assertThat(requests).containsExactly("http://weights.invalid/model.pth [][]");
    }

    @Test
    void theProxyOfTheEnvironmentGetsItsPassword() {
        List<String> credentials = Collections.synchronizedList(new ArrayList<>());
        serve("/", exchange -> {
            String sent = exchange.getRequestHeaders().getFirst("Proxy-Authorization");
            if (sent == null) {
                exchange.getResponseHeaders().set("Proxy-Authenticate", "Basic realm=\"proxy\"");
                exchange.sendResponseHeaders(407, -1);
            } else {
                credentials.add(sent);
                file(exchange, content, null);
            }
        });
        String host = server.getAddress().getAddress().getHostAddress() + ":"
                + server.getAddress().getPort();
        var proxies = new EnvironmentProxies(Map.of("HTTP_PROXY", "http://ada:pa%20ss@" + host), DIRECT);
        URI url = URI.create("http://weights.invalid/model.pth");
        Path file = Download.into(cache, proxies, SHORT).fetch(entry(url, sha256(content)), SILENT);
        assertThat(file).hasBinaryContent(content);
        // ada:pa ss
        assertThat(credentials).containsExactly("Basic YWRhOnBhIHNz");
    }

    @Test
    void aProxyThatCannotBeUsedIsOneLine() {
        var proxies = new EnvironmentProxies(Map.of("HTTP_PROXY", "socks5://a:1080"), DIRECT);
        URI url = URI.create("http://weights.invalid/model.pth");
        assertThat(failure(Download.into(cache, proxies, SHORT), entry(url, sha256(content))))
                .contains("HTTP_PROXY");
    }

    @Test
    void aDamagedFileIsFoundByVerifying() throws IOException {
        serve("/model.pth", exchange -> file(exchange, content, null));
        CatalogueEntry entry = entry("/model.pth");
        assertThatThrownBy(() -> download().verify(entry))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("there is no file");
        Path file = download().fetch(entry, SILENT);
        assertThat(download().verify(entry)).isEqualTo(file);
        byte[] damaged = content.clone();
        damaged[SIZE / 2] ^= 1;
        Files.write(file, damaged);
        assertThatThrownBy(() -> download().verify(entry))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("expected SHA-256 " + sha256(content) + ", got " + sha256(damaged))
                .hasMessageContaining("delete it and download it again");
        assertThat(download().verify(entry(url("/model.pth"), CatalogueEntry.UNVERIFIED)))
                .isEqualTo(file);
    }

    @Test
    void twoDownloadsAtOnceAreOne() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch second = new CountDownLatch(1);
        serve("/model.pth", exchange -> {
            exchange.sendResponseHeaders(200, content.length);
            exchange.getResponseBody().write(content, 0, 1000);
            exchange.getResponseBody().flush();
            begun.countDown();
            await(second);
            exchange.getResponseBody().write(content, 1000, content.length - 1000);
        });
        CatalogueEntry entry = entry("/model.pth");
        Future<Path> one = threads.submit(() -> download().fetch(entry, SILENT));
        assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();
        Future<Path> two = threads.submit(() -> {
            second.countDown();
            return download().fetch(entry, SILENT);
        });
        assertThat(one.get(20, TimeUnit.SECONDS)).hasBinaryContent(content);
        assertThat(two.get(20, TimeUnit.SECONDS)).hasBinaryContent(content);
        assertThat(requests).hasSize(1);
        assertThat(files()).containsExactly("squeezenet1_1-test.pth");
    }

    @Test
    void anotherProcessIsWaitedFor() throws Exception {
        serve("/model.pth", exchange -> file(exchange, content, null));
        Path folder = Files.createDirectories(cache.resolve("weights"));
        Path lock = folder.resolve(".squeezenet1_1-test.pth.lock");
        Process other = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xshare:auto",
                        "-cp",
                        System.getProperty("java.class.path"),
                        LockHolder.class.getName(),
                        lock.toString(),
                        folder.resolve("squeezenet1_1-test.pth").toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        assertThat(other.getInputStream().read()).isEqualTo('L');
        CountDownLatch waiting = new CountDownLatch(1);
        Future<Path> mine = threads.submit(() -> download().fetch(entry("/model.pth"), new DownloadListener() {
            @Override
            public void progress(long done, OptionalLong total) {
                // the other process brings the file
            }

            @Override
            public void waiting() {
                waiting.countDown();
            }
        }));
        assertThat(waiting.await(20, TimeUnit.SECONDS)).isTrue();
        other.getOutputStream().write(1);
        other.getOutputStream().flush();
        assertThat(mine.get(20, TimeUnit.SECONDS)).hasContent("from the other process");
        assertThat(other.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(requests).isEmpty();
    }

    /** A process that holds the lock until it is told to put the file in place. */
    static final class LockHolder {

        private LockHolder() {}

        public static void main(String[] arguments) throws IOException {
            try (var channel = FileChannel.open(
                            Path.of(arguments[0]), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    var lock = channel.lock()) {
                System.out.print(lock.isValid() ? "L" : "-");
                System.out.flush();
                System.in.read();
                Files.writeString(Path.of(arguments[1]), "from the other process");
            }
        }
    }

    @Test
    void aCacheThatCannotBeWrittenIsOneLine() throws IOException {
        serve("/model.pth", exchange -> file(exchange, content, null));
        Path file = Files.writeString(cache.resolve("file"), "no folder");
        assertThat(failure(Download.into(file, DIRECT, SHORT), entry("/model.pth")))
                .contains("cannot download squeezenet1_1/test into " + file)
                .contains("set DJINN_CACHE to a folder that can be written");
        assertThat(requests).isEmpty();
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aFullDiskIsOneLine() throws IOException {
        serve("/model.pth", exchange -> file(exchange, content, null));
        Path folder = Files.createDirectories(cache.resolve("weights"));
        Files.createSymbolicLink(folder.resolve("squeezenet1_1-test.pth.part"), Path.of("/dev/full"));
        assertThat(failure(entry("/model.pth")))
                .contains("No space left on device")
                .contains("free space there");
        assertThat(folder.resolve("squeezenet1_1-test.pth")).doesNotExist();
    }

    @Test
    void namesThatWouldLeaveTheCacheAreRefused() {
        CatalogueEntry entry = entry("/model.pth");
        assertThatThrownBy(() -> new CatalogueEntry(
                        "../up",
                        "test",
                        entry.url(),
                        entry.sha256(),
                        entry.megabytes(),
                        entry.licence(),
                        entry.data(),
                        entry.metrics(),
                        entry.size(),
                        entry.resize(),
                        entry.interpolation(),
                        entry.mean(),
                        entry.std(),
                        entry.source()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> entry(entry.url(), "B8A52DC0")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> entry(entry.url(), "")).isInstanceOf(IllegalArgumentException.class);
    }
}
