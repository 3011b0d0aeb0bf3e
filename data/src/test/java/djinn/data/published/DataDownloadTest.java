package djinn.data.published;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import djinn.data.detection.CocoJson;
import djinn.data.detection.ObjectData;
import djinn.data.published.PublishedFile.Unpacking;
import djinn.ops.Box;
import djinn.ops.DataException;
import djinn.ops.download.Patience;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Data from a server of this process. */
class DataDownloadTest {

    private static final Patience SHORT =
            new Patience(Duration.ofSeconds(5), Duration.ofSeconds(5), Duration.ofSeconds(30));
    private static final int SIZE = 200_000;

    private final byte[] content = new byte[SIZE];
    private final List<String> requests = Collections.synchronizedList(new ArrayList<>());

    @TempDir
    private Path base;

    private HttpServer server;
    private ExecutorService threads;
    private DataDownload download;

    private interface Handler {
        void handle(HttpExchange exchange) throws IOException;
    }

    @BeforeEach
    void start() throws IOException {
        new Random(1).nextBytes(content);
        threads = Executors.newCachedThreadPool();
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.start();
        download = DataDownload.into(base, ProxySelector.of(null), SHORT);
    }

    @AfterEach
    void stop() {
        server.stop(0);
        threads.shutdownNow();
    }

    private void serve(String path, Handler handler) {
        server.createContext(path, exchange -> {
            requests.add(exchange.getRequestURI() + " "
                    + exchange.getRequestHeaders().getOrDefault("Range", List.of()));
            try (exchange) {
                handler.handle(exchange);
            }
        });
    }

    /** Answers as servers of files do; without ranges where the tag is empty. */
    private static void file(HttpExchange exchange, byte[] body, String tag) throws IOException {
        String range = exchange.getRequestHeaders().getFirst("Range");
        if (!tag.isEmpty()) {
            exchange.getResponseHeaders().set("ETag", tag);
        }
        if (range == null || tag.isEmpty()) {
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            return;
        }
        int start = Integer.parseInt(range.replaceAll("\\D", ""));
        exchange.getResponseHeaders()
                .set("Content-Range", "bytes " + start + "-" + (body.length - 1) + "/" + body.length);
        exchange.sendResponseHeaders(206, body.length - start);
        exchange.getResponseBody().write(body, start, body.length - start);
    }

    /** Breaks off when the half is on disk. */
    private void half(HttpExchange exchange, byte[] body) throws IOException {
        exchange.getResponseHeaders().set("ETag", "\"one\"");
        exchange.sendResponseHeaders(200, body.length);
        OutputStream out = exchange.getResponseBody();
        out.write(body, 0, body.length / 2);
        out.flush();
        Path part = base.resolve("some/a.bin.part");
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!(Files.exists(part) && Files.size(part) == body.length / 2) && System.nanoTime() < deadline) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
    }

    private PublishedFile file(String path, byte[] body, Unpacking unpack) {
        URI url = URI.create("http://" + server.getAddress().getAddress().getHostAddress() + ":"
                + server.getAddress().getPort() + path);
        return new PublishedFile(
                url, OptionalLong.of(body.length), Optional.of(digest("SHA-256", body)), Optional.empty(), unpack);
    }

    private static String digest(String algorithm, byte[] body) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(body));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static PublishedData data(PublishedFile... files) {
        return data(Optional.empty(), files);
    }

    private static PublishedData data(Optional<String> objects, PublishedFile... files) {
        return new PublishedData(
                "some",
                "Some data",
                "classification",
                List.of(files),
                Optional.empty(),
                "http://127.0.0.1/",
                Optional.empty(),
                List.of(),
                objects,
                Optional.empty(),
                "this test");
    }

    private DataDownload.Fetched fetch(PublishedData data) {
        return download.fetch(data, download.folder(data), file -> (done, total) -> {});
    }

    private static byte[] zip(String... names) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (String name : names) {
                zip.putNextEntry(new ZipEntry(name));
                zip.write(name.getBytes(StandardCharsets.UTF_8));
            }
        }
        return bytes.toByteArray();
    }

    @Test
    void filesComeOnceAndAreTakenWhereTheyAreWhole() throws IOException {
        serve("/a.bin", exchange -> file(exchange, content, "\"one\""));
        serve("/b.bin", exchange -> file(exchange, new byte[] {7}, "\"one\""));
        PublishedData data =
                data(file("/a.bin", content, Unpacking.KEEP), file("/b.bin", new byte[] {7}, Unpacking.KEEP));
        DataDownload.Fetched fetched = fetch(data);
        assertThat(fetched.folder()).isEqualTo(base.resolve("some"));
        assertThat(fetched.isNew()).isTrue();
        assertThat(fetched.files()).isEqualTo(2);
        assertThat(fetched.unverified()).isEmpty();
        assertThat(base.resolve("some/a.bin")).hasBinaryContent(content);
        assertThat(fetch(data).isNew()).isFalse();
        assertThat(requests).containsExactly("/a.bin []", "/b.bin []");
        Files.delete(base.resolve("some/b.bin"));
        assertThat(fetch(data).isNew()).isTrue();
        assertThat(requests).containsExactly("/a.bin []", "/b.bin []", "/b.bin []");
    }

    @Test
    void anArchiveIsReplacedByWhatIsInItAndComesAgainIfThatIsLost() throws IOException {
        byte[] zip = zip("train/cat/1.txt", "train/dog/2.txt");
        serve("/a.zip", exchange -> file(exchange, zip, "\"one\""));
        PublishedData data = data(file("/a.zip", zip, Unpacking.ZIP));
        assertThat(fetch(data).files()).isEqualTo(2);
        assertThat(base.resolve("some/train/dog/2.txt")).hasContent("train/dog/2.txt");
        assertThat(base.resolve("some/a.zip")).doesNotExist();
        assertThat(fetch(data).isNew()).isFalse();
        assertThat(requests).hasSize(1);
        Files.writeString(base.resolve("some/train/cat/1.txt"), "shorter");
        assertThat(fetch(data).isNew()).isTrue();
        assertThat(base.resolve("some/train/cat/1.txt")).hasContent("train/cat/1.txt");
        assertThat(requests).hasSize(2);
    }

    @Test
    void aDownloadThatBrokeOffGoesOn() {
        serve("/a.bin", exchange -> {
            if (exchange.getRequestHeaders().getFirst("Range") == null) {
                half(exchange, content);
            } else {
                file(exchange, content, "\"one\"");
            }
        });
        PublishedData data = data(file("/a.bin", content, Unpacking.KEEP));
        assertThatThrownBy(() -> fetch(data))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("cannot download some from http://127.0.0.1")
                .hasMessageContaining(
                        "the connection broke after 100000 of 200000 bytes; try again to go on from there")
                .hasMessageContaining("or put that file at " + base.resolve("some/a.bin") + " by hand");
        assertThat(base.resolve("some/a.bin.part")).hasSize(100_000);
        assertThat(fetch(data).isNew()).isTrue();
        assertThat(base.resolve("some/a.bin")).hasBinaryContent(content);
        assertThat(base.resolve("some/a.bin.part")).doesNotExist();
        assertThat(requests).containsExactly("/a.bin []", "/a.bin [bytes=100000-]");
    }

    @Test
    void aServerWithoutRangesSendsTheWholeAnew() throws IOException {
        serve("/a.bin", exchange -> file(exchange, content, ""));
        Files.createDirectories(base.resolve("some"));
        Files.write(base.resolve("some/a.bin.part"), new byte[1000]);
        fetch(data(file("/a.bin", content, Unpacking.KEEP)));
        assertThat(base.resolve("some/a.bin")).hasBinaryContent(content);
        assertThat(requests).containsExactly("/a.bin [bytes=1000-]");
    }

    @Test
    void aWrongHashTellsBothAndKeepsThePart() {
        byte[] other = content.clone();
        other[5]++;
        serve("/a.bin", exchange -> file(exchange, other, "\"one\""));
        assertThatThrownBy(() -> fetch(data(file("/a.bin", content, Unpacking.KEEP))))
                .isInstanceOf(DataException.class)
                .hasMessageContaining(
                        "expected SHA-256 " + digest("SHA-256", content) + ", got " + digest("SHA-256", other))
                .hasMessageContaining("it is kept as " + base.resolve("some/a.bin.part"));
        assertThat(base.resolve("some/a.bin.part")).hasBinaryContent(other);
        assertThat(base.resolve("some/a.bin")).doesNotExist();
    }

    @Test
    void anMd5IsCheckedWhereThereIsNoSha256() {
        serve("/a.bin", exchange -> file(exchange, content, "\"one\""));
        PublishedFile known = file("/a.bin", content, Unpacking.KEEP);
        PublishedFile right = new PublishedFile(
                known.url(),
                OptionalLong.empty(),
                Optional.empty(),
                Optional.of(digest("MD5", content)),
                Unpacking.KEEP);
        PublishedFile wrong = new PublishedFile(
                known.url(), OptionalLong.empty(), Optional.empty(), Optional.of("0".repeat(32)), Unpacking.KEEP);
        assertThatThrownBy(() -> fetch(data(wrong)))
                .hasMessageContaining("expected MD5 " + "0".repeat(32) + ", got " + digest("MD5", content));
        assertThat(fetch(data(right)).unverified()).isEmpty();
    }

    @Test
    void whatHasNoHashIsSaidAndItsSizeIsChecked() {
        serve("/a.bin", exchange -> file(exchange, content, "\"one\""));
        PublishedFile known = file("/a.bin", content, Unpacking.KEEP);
        PublishedFile longer = new PublishedFile(
                known.url(), OptionalLong.of(SIZE + 1), Optional.empty(), Optional.empty(), Unpacking.KEEP);
        assertThatThrownBy(() -> fetch(data(longer))).hasMessageContaining("expected 200001 bytes, got 200000");
        PublishedFile unknown = new PublishedFile(
                known.url(), OptionalLong.empty(), Optional.empty(), Optional.empty(), Unpacking.KEEP);
        assertThat(fetch(data(unknown)).unverified()).containsExactly("a.bin");
    }

    @Test
    void whatIsNotThereIsOneLine() {
        serve("/", exchange -> exchange.sendResponseHeaders(404, -1));
        assertThatThrownBy(() -> fetch(data(file("/a.bin", content, Unpacking.KEEP))))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("the server answered 404 (not there); open the address in a browser to see why");
    }

    @Test
    void aDiskTooSmallIsSaidBeforeTheStart() throws IOException {
        serve("/a.bin", exchange -> file(exchange, content, "\"one\""));
        long more = Files.getFileStore(base).getTotalSpace() + 1_000_000_000L;
        PublishedFile known = file("/a.bin", content, Unpacking.KEEP);
        PublishedFile huge =
                new PublishedFile(known.url(), OptionalLong.of(more), known.sha256(), Optional.empty(), Unpacking.KEEP);
        assertThatThrownBy(() -> fetch(data(huge)))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("cannot download some: expected ")
                .hasMessageContaining(" MB free in " + base.resolve("some") + ", found ");
        assertThat(requests).isEmpty();
    }

    @Test
    void aFileThatWasPutThereByHandIsCheckedAndTaken() throws IOException {
        byte[] zip = zip("x.txt");
        PublishedData data = data(file("/a.zip", zip, Unpacking.ZIP));
        Files.createDirectories(base.resolve("some"));
        Files.write(base.resolve("some/a.zip"), content);
        assertThatThrownBy(() -> fetch(data))
                .hasMessageContaining("expected " + zip.length + " bytes of SHA-256 ")
                .hasMessageContaining("a.zip: delete it, and it is downloaded");
        Files.write(base.resolve("some/a.zip"), zip);
        assertThat(fetch(data).isNew()).isTrue();
        assertThat(base.resolve("some/x.txt")).hasContent("x.txt");
        assertThat(requests).isEmpty();
    }

    @Test
    void anArchiveThatWritesElsewhereIsRefused() throws IOException {
        byte[] zip = zip("fine.txt", "../../evil.txt");
        serve("/a.zip", exchange -> file(exchange, zip, "\"one\""));
        assertThatThrownBy(() -> fetch(data(file("/a.zip", zip, Unpacking.ZIP))))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("found a path out of the folder: ../../evil.txt");
        assertThat(base.getParent().resolve("evil.txt")).doesNotExist();
        assertThat(base.resolve("evil.txt")).doesNotExist();
    }

    private static void picture(ZipOutputStream zip, String name, int left, int top, int size) throws IOException {
        BufferedImage picture = new BufferedImage(8, 6, BufferedImage.TYPE_BYTE_GRAY);
        for (int y = top; y < top + size; y++) {
            for (int x = left; x < left + size; x++) {
                picture.getRaster().setSample(x, y, 0, 255);
            }
        }
        zip.putNextEntry(new ZipEntry(name));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ImageIO.write(picture, "png", bytes);
        zip.write(bytes.toByteArray());
    }

    @Test
    void masksOfSingleObjectsBecomeOneList() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            picture(zip, "0a/images/0a.png", 0, 0, 6);
            picture(zip, "0a/masks/1.png", 1, 2, 3);
            picture(zip, "0a/masks/2.png", 5, 0, 2);
            picture(zip, "0a/masks/3.png", 0, 0, 0);
            picture(zip, "0b/images/0b.png", 0, 0, 6);
            picture(zip, "0b/masks/1.png", 0, 0, 1);
        }
        byte[] zip = bytes.toByteArray();
        serve("/a.zip", exchange -> file(exchange, zip, "\"one\""));
        PublishedData data = data(Optional.of("nucleus"), file("/a.zip", zip, Unpacking.ZIP));
        assertThat(fetch(data).notes())
                .containsExactly(
                        base.resolve("some/objects.json") + " lists 2 images and 3 objects as COCO does",
                        "left out: 1 masks without a pixel");
        ObjectData objects = CocoJson.read(base.resolve("some/objects.json"), base.resolve("some"));
        assertThat(objects.classes()).containsExactly("nucleus");
        assertThat(objects.images()).hasSize(2);
        assertThat(objects.images().get(0).annotations().stream().map(annotation -> annotation.box()))
                .containsExactly(new Box(1, 2, 3, 3), new Box(5, 0, 2, 2));
        assertThat(objects.findings()).isEmpty();
        assertThat(fetch(data).notes()).isEmpty();
    }

    @Test
    void aFolderThatCannotBeMadeIsOneLine() throws IOException {
        Files.writeString(base.resolve("some"), "a file");
        assertThatThrownBy(() -> fetch(data(file("/a.bin", content, Unpacking.KEEP))))
                .isInstanceOf(DataException.class)
                .hasMessageContaining(
                        "cannot bring some into " + base.resolve("some") + ": there is a file of that name");
    }
}
