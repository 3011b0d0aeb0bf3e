package djinn.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpServer;
import djinn.data.Dataset;
import djinn.data.Digits;
import djinn.data.published.DataCatalogue;
import djinn.ops.download.FileHash;
import djinn.zoo.weights.Catalogue;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.zip.GZIPOutputStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What the pages download, in small, from a server of this machine: Djinn's own catalogues with other addresses, which
 * stand before the real ones on the class path.
 */
final class PageDownloads implements AutoCloseable {

    private static final int DIGITS = 40;
    private static final int EDGE = 28;
    private static final int BLOCK = 512;

    /** What the pages ask for. */
    private static final Set<String> DATA = Set.of("mnist", "oxford_pets");

    private static final Set<String> WEIGHTS = Set.of("squeezenet1_1", "mobilenet_v2");

    private final Path files;
    private final Path classes;
    private final HttpServer server;

    private PageDownloads(Path folder) throws IOException {
        files = Files.createDirectory(folder.resolve("files"));
        classes = Files.createDirectory(folder.resolve("classes"));
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            byte[] body = Files.readAllBytes(
                    files.resolve(exchange.getRequestURI().getPath().substring(1)));
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
    }

    /** Makes the files in a folder, and serves them. */
    static PageDownloads open(Path folder) throws IOException {
        PageDownloads all = new PageDownloads(folder);
        for (String part : new String[] {"train", "t10k"}) {
            idx(all.files, part);
        }
        pets(all.files);
        all.redirect(DataCatalogue.class, "name", DATA);
        for (JsonNode entry : read(Catalogue.class)) {
            String model = entry.get("model").asString();
            if (WEIGHTS.contains(model)) {
                PageWeights.pth(model, all.files.resolve(name(entry.get("url").asString())));
            }
        }
        all.redirect(Catalogue.class, "model", WEIGHTS);
        return all;
    }

    /** What comes first on the class path of whoever is to download from here. */
    Path classPath() {
        return classes;
    }

    private static ArrayNode read(Class<?> catalogue) throws IOException {
        try (InputStream in = catalogue.getResourceAsStream("catalogue.json")) {
            return (ArrayNode) new ObjectMapper().readTree(in);
        }
    }

    private static String name(String url) {
        return url.substring(url.lastIndexOf('/') + 1);
    }

    /** Writes a catalogue in which some entries are of what is served here. */
    private void redirect(Class<?> catalogue, String key, Set<String> wanted) throws IOException {
        ArrayNode entries = read(catalogue);
        for (JsonNode entry : entries) {
            if (wanted.contains(entry.get(key).asString())) {
                if (entry.has("files")) {
                    for (JsonNode file : entry.get("files")) {
                        redirect((ObjectNode) file);
                        ((ObjectNode) file)
                                .put(
                                        "bytes",
                                        Files.size(files.resolve(
                                                name(file.get("url").asString()))));
                    }
                } else {
                    redirect((ObjectNode) entry);
                }
            }
        }
        Path file =
                classes.resolve(catalogue.getPackageName().replace('.', '/')).resolve("catalogue.json");
        Files.createDirectories(file.getParent());
        Files.writeString(file, entries.toString());
    }

    private void redirect(ObjectNode file) throws IOException {
        String name = name(file.get("url").asString());
        file.put("url", "http://127.0.0.1:" + server.getAddress().getPort() + "/" + name);
        file.put("sha256", FileHash.of(files.resolve(name), "SHA-256"));
        file.remove("md5");
    }

    /** Some of the embedded digits, as MNIST has its own. */
    private static void idx(Path folder, String part) throws IOException {
        Dataset digits = Digits.splits().train();
        try (DataOutputStream images = packed(folder.resolve(part + "-images-idx3-ubyte.gz"));
                DataOutputStream labels = packed(folder.resolve(part + "-labels-idx1-ubyte.gz"))) {
            for (int number : new int[] {0x803, DIGITS, EDGE, EDGE}) {
                images.writeInt(number);
            }
            labels.writeInt(0x801);
            labels.writeInt(DIGITS);
            for (int i = 0; i < DIGITS; i++) {
                byte[] values = digits.image(i, 1).values();
                for (int at = 0; at < EDGE * EDGE; at++) {
                    images.write(values[at / EDGE * 8 / EDGE * 8 + at % EDGE * 8 / EDGE]);
                }
                labels.write(digits.label(i));
            }
        }
    }

    private static DataOutputStream packed(Path file) throws IOException {
        return new DataOutputStream(new GZIPOutputStream(Files.newOutputStream(file)));
    }

    /** Two breeds of painted pets. */
    private static void pets(Path folder) throws IOException {
        StringBuilder list = new StringBuilder();
        Map<String, Integer> breeds = Map.of("Bengal", 1, "pug", 2);
        Map<String, byte[]> images = new LinkedHashMap<>();
        breeds.forEach((breed, number) -> {
            for (int i = 1; i <= 6; i++) {
                images.put("images/" + breed + "_" + i + ".jpg", PageWorld.picture("jpg", 48, 40, i + number));
                list.append(breed + "_" + i + " " + number + " 1 1\n");
            }
        });
        tar(folder.resolve("images.tar.gz"), images);
        byte[] lines = list.toString().getBytes(UTF_8);
        tar(
                folder.resolve("annotations.tar.gz"),
                Map.of("annotations/trainval.txt", lines, "annotations/test.txt", lines));
    }

    /** Writes an archive as the ustar format has it: a header of 512 bytes before each file, two empty ones at the end. */
    private static void tar(Path file, Map<String, byte[]> entries) throws IOException {
        try (OutputStream out = packed(file)) {
            for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
                byte[] contents = entry.getValue();
                ByteBuffer header = ByteBuffer.allocate(BLOCK);
                header.put(0, entry.getKey().getBytes(UTF_8));
                header.put(
                        100,
                        "0000644\0000000000\0000000000\000%011o\00000000000000\000        0"
                                .formatted(contents.length)
                                .getBytes(UTF_8));
                header.put(257, "ustar\00000".getBytes(UTF_8));
                int sum = 0;
                for (byte value : header.array()) {
                    sum += value & 0xFF;
                }
                header.put(148, "%06o\000 ".formatted(sum).getBytes(UTF_8));
                out.write(header.array());
                out.write(Arrays.copyOf(contents, (contents.length + BLOCK - 1) / BLOCK * BLOCK));
            }
            out.write(new byte[2 * BLOCK]);
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
